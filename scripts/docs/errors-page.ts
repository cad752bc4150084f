import { challengeFor, type ErrorCode, errorTable } from '../../packages/protocol/src/index.ts'

const advice: Record<ErrorCode, string> = {
  invalid_request:
    'Fix the body or the query; `errors` names the fields. Sending the same again cannot help.',
  unsupported_media_type: 'Send `Content-Type: application/json`.',
  payload_too_large: 'Send less.',
  header_fields_too_large: 'Send fewer or smaller headers and cookies.',
  not_found: 'Check the address.',
  method_not_allowed: 'Use a method of the `Allow` header.',
  origin_refused: 'Call from a page of an allowed origin; add yours to `SALLYPORT_ORIGINS` or fix `APP_URL`.',
  host_refused:
    'The request came to a host that `APP_URL` does not list. Add it there, or let the reverse proxy pass the `Host` header on.',
  link_invalid:
    'A mailed link was used before, has expired, or was replaced by a newer one. Let the person ask for another.',
  reauthentication_required:
    'The last proof of identity is older than ten minutes. Ask for the password (`POST /api/auth/reauthenticate`), and try again.',
  invalid_credentials:
    'Ask the person to type again. Unknown address and wrong password are this one answer.',
  sign_up_refused:
    'The product’s own rule (`beforeSignUp`) refuses this sign-up; `errors` says why, by field.',
  email_unavailable: 'Offer to sign in instead.',
  token_missing: 'Sign in.',
  token_invalid:
    'Sign in. If every token is refused, compare issuer and audience on both sides; the log of the API says once which audience a token had.',
  token_expired: 'Refresh, then try again once.',
  token_stale: 'Roles have changed: refresh, then try again once.',
  credential_conflict: 'Send one credential: a header or a cookie, once.',
  session_ended: 'Sign in again; the cookies are cleared.',
  frontend_refused:
    'Compare `SALLYPORT_FRONTEND_SECRET` of the Next app and of the auth server. While it is rotated, the server has both and the app one of them.',
  client_unauthorized:
    'Give the caller its credential: `SALLYPORT_VERIFIER_SECRET` to a verifier, `SALLYPORT_METRICS_SECRET` to Prometheus.',
  forbidden: 'Signed in, without the role or permission. Trying again cannot help.',
  too_many_requests: 'Wait as long as `Retry-After` says.',
  server_busy: 'Too many sign-ins at once: wait as long as `Retry-After` says.',
  unavailable: 'Try again shortly; the session is kept.',
  upstream_failed: 'Your API did not answer, or not properly. The detail says whether anything was sent.',
  upstream_late:
    'Your API did not begin its answer within `apiTimeouts.answerSeconds`. What was asked for may have been done.',
  internal_error: 'A fault of the server; the `requestId` finds it in the log.',
}

/** docs/errors.md, from the one error table. */
export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(([code, { status, title }]) => {
    const challenge = challengeFor(code as ErrorCode)
    return `| \`${code}\` | ${status} | ${title} | ${advice[code as ErrorCode]} | ${challenge ? `\`${challenge}\`` : ''} |`
  })
  return `<!-- Generated from packages/protocol/src/errors.ts by \`npm run docs\`. -->

# Errors

Every error is \`application/problem+json\` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with a stable \`code\`. Branch on the code, not on the title.

\`\`\`json
{
  "type": "urn:sallyport:error:invalid_request",
  "title": "The request is not what this endpoint accepts.",
  "status": 400,
  "code": "invalid_request",
  "requestId": "0199c5a0-0000-7000-8000-000000000000",
  "errors": [{ "field": "email", "message": "Enter an email address, such as name@example.com." }]
}
\`\`\`

| code | status | title | what to do | \`WWW-Authenticate\` |
|---|---|---|---|---|
${rows.join('\n')}
`
}
