/**
 * A header that the proxy sets if `loginPath` is a function: the path of the page, which a render cannot get from Next. It only selects
 * a sign-in page, so it does not matter if a browser sets it.
 */
export const pagePathHeader = 'sallyport-page-path'
