/**
 * The name of a header that the proxy sets if an outage prevented it from renewing the session. With this header, a render does not treat
 * the missing session as a sign-out.
 */
export const sessionStateHeader = 'sallyport-session'
