/**
 * The name of a header that the proxy sets if `loginPath` is a function. Its value is the path of the page, which a render cannot get from
 * Next. The value only selects a sign-in page, so it does no harm if a browser sets this header.
 */
export const pagePathHeader = 'sallyport-page-path'
