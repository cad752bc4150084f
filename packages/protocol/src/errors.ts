/**
 * The one table of errors. Servers answer with these codes, SDKs act on them, docs list them.
 * `title` is public: it names no user, no token and no secret.
 */
export const errorTable = {
  invalid_request: { status: 400, title: 'The request is not what this endpoint accepts.' },
  unsupported_media_type: { status: 415, title: 'Send the body as application/json.' },
  payload_too_large: { status: 413, title: 'The body is larger than this endpoint accepts.' },
  header_fields_too_large: { status: 431, title: 'The request headers are larger than this server accepts.' },
  not_found: { status: 404, title: 'There is nothing at this address.' },
  method_not_allowed: { status: 405, title: 'This address does not answer that method.' },
  origin_refused: { status: 403, title: 'This request did not come from an allowed origin.' },
  host_refused: { status: 421, title: 'This server does not answer for that host.' },
  link_invalid: { status: 400, title: 'This link does not work any more. Ask for a new one.' },
  reauthentication_required: { status: 403, title: 'Confirm your password to go on.' },
  invalid_credentials: { status: 401, title: 'The email or the password is not right.' },
  sign_up_refused: { status: 422, title: 'Signing up like this is not possible here.' },
  email_unavailable: { status: 409, title: 'This email address cannot be used to sign up. Sign in instead.' },
  token_missing: { status: 401, title: 'Sign in first: the request carries no access token.' },
  token_invalid: { status: 401, title: 'The access token is not valid.' },
  token_expired: { status: 401, title: 'The access token has expired. Refresh it and try again.' },
  token_stale: { status: 401, title: 'The access token is out of date. Refresh it and try again.' },
  credential_conflict: { status: 401, title: 'The request carries more than one credential.' },
  session_ended: { status: 401, title: 'The session has ended. Sign in again.' },
  frontend_refused: {
    status: 403,
    title: 'The front-end credential of this request is not one that this server knows.',
  },
  client_unauthorized: { status: 401, title: 'This endpoint needs the credential of a service.' },
  forbidden: { status: 403, title: 'You are signed in, but not allowed to do this.' },
  too_many_requests: { status: 429, title: 'Too many requests. Try again later.' },
  server_busy: { status: 503, title: 'The server is busy. Try again shortly.' },
  unavailable: { status: 503, title: 'The service cannot answer right now. Try again shortly.' },
  upstream_failed: { status: 502, title: 'The service behind this address did not answer properly.' },
  upstream_late: { status: 504, title: 'The service behind this address did not answer in time.' },
  internal_error: { status: 500, title: 'Something went wrong on our side.' },
} as const satisfies Record<string, { status: number; title: string }>

/** A stable error code, safe to branch on. */
export type ErrorCode = keyof typeof errorTable

/** Whether a string is one of the codes of {@link errorTable}. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorTable, value)
}
