/** A header that the proxy sets if it failed to renew the session, so that a render does not treat that as a sign-out. */
export const sessionStateHeader = 'sallyport-session'
