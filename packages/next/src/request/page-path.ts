/**
 * Set by the proxy where `loginPath` is a function: the path of the page, which Next does not tell a render. It only chooses between
 * sign-in pages: a browser that writes it itself chooses its own.
 */
export const pagePathHeader = 'sallyport-page-path'
