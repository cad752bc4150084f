/**
 * The name of a header that the proxy sets if an outage prevented it from renewing the session. Then a render does not treat that as a
 * sign-out.
 */
export const sessionStateHeader = 'sallyport-session'
