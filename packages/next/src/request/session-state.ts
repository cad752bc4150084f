/** Set by the proxy when it tried to renew the session and could not: a render must not take that for a sign-out. */
export const sessionStateHeader = 'sallyport-session'
