/** One entry of the error table. */
type ErrorRow = {
  status: number
  /** The public message, one or two short sentences. It contains no user data, token or secret. */
  title: string
  /** How to fix the error. This text is for docs/errors.md and is never sent to clients. */
  advice: string
  /** The value of the `WWW-Authenticate` header (RFC 6750 section 3). Missing if the standard does not require the header. */
  challenge?: string
}

/** The error table. Servers send these codes, SDKs react to them, and docs/errors.md lists them. */
export const errorTable = {
  invalid_request: {
    status: 400,
    title: 'The request does not have the form that this endpoint accepts.',
    advice: 'Fix the body or the query. `errors` names the fields. The same request would be refused again.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Send the body as application/json.',
    advice: 'Send `Content-Type: application/json`.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is larger than this endpoint accepts.',
    advice: 'Send a smaller body.',
  },
  header_fields_too_large: {
    status: 431,
    title: 'The request headers are larger than this server accepts.',
    advice: 'Send fewer or smaller headers and cookies.',
  },
  not_found: {
    status: 404,
    title: 'There is nothing at this address.',
    advice: 'Check the address.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This address does not support that method.',
    advice: 'Use a method of the `Allow` header.',
  },
  origin_refused: {
    status: 403,
    title: 'This request did not come from an allowed origin.',
    advice:
      'Send the request from a page of an allowed origin. To allow your origin, add it to `SALLYPORT_ORIGINS` or correct `APP_URL`.',
  },
  host_refused: {
    status: 421,
    title: 'This server does not answer for that host.',
    advice:
      'The request came to a host that `APP_URL` does not list. Add it there, or let the reverse proxy forward the `Host` header.',
  },
  link_invalid: {
    status: 400,
    title: 'This link does not work any more. Ask for a new one.',
    advice:
      'A mailed link was used before, has expired, or was replaced by a newer one. Let the user request another one.',
  },
  sign_in_expired: {
    status: 400,
    title: 'This sign-in has expired. Sign in again.',
    advice:
      'The first factor was right, but the second one was not given within ten minutes, or the sign-in was finished already, or the password was changed or all sessions were ended in the meantime. Show the sign-in page.',
  },
  passkey_refused: {
    status: 400,
    title: 'This passkey was not accepted. Try again, or use another way to sign in.',
    advice:
      'The passkey is unknown or was removed, its answer is not valid, the challenge has expired or was used already, or the user was not verified by the authenticator. The log of the auth server has the `reason`. Ask for new options, then try again.',
  },
  provider_refused: {
    status: 400,
    title: 'The sign-in was cancelled, or the provider refused it.',
    advice:
      'The user has cancelled, or the provider does not let this user in. Show the sign-in page. `reason` in the log has the code of the provider.',
  },
  provider_failed: {
    status: 502,
    title: 'The provider did not answer as expected. Try again, or sign in another way.',
    advice:
      'The provider cannot be reached, or its answer did not pass a check. `reason` in the log says which. If it happens at each sign-in, compare the issuer, the client id, the client secret and the redirect address with the settings at the provider.',
  },
  provider_token_unavailable: {
    status: 409,
    title: 'There is no usable token of this provider. Sign in with the provider again, or link it again.',
    advice:
      'The provider is not linked, its tokens are not kept (`keepTokens`), or the provider does not accept the refresh token any more, for example because the user has withdrawn the permission. `reason` in the log says which. Let the user link the provider again.',
  },
  identity_unverified: {
    status: 403,
    title: 'The provider has not confirmed your email address. Confirm it there, or sign up another way.',
    advice:
      'Nobody has an account with this provider yet, and an account is created only with an address that the provider has verified. See docs/providers.md.',
  },
  identity_unlinked: {
    status: 409,
    title:
      'There is an account with your email address already. Sign in as you did before, then link the provider.',
    advice:
      'A provider is never linked because of an equal address, because the account may belong to somebody else. Show the sign-in page with this text. Only a user whose address the provider has verified sees it.',
  },
  identity_taken: {
    status: 409,
    title: 'This account of the provider is linked to another account.',
    advice: 'Sign in with the provider, and remove the link in that account first.',
  },
  identity_mismatch: {
    status: 403,
    title: 'This account of the provider is not linked to your account. Use one that is linked.',
    advice:
      'The user has confirmed who they are with an account of the provider that is not linked to this user. Let them try again with the right account, or confirm another way.',
  },
  provider_unconfirmed: {
    status: 403,
    title: 'The provider did not confirm that you have just signed in there. Use another way.',
    advice:
      'Providers with OAuth 2.0 only, such as GitHub, cannot say when the user has authenticated, and others send no `auth_time` or ignore `prompt=login`. Offer the password, a passkey or another provider. See docs/step-up.md.',
  },
  last_way_in: {
    status: 409,
    title: 'You would not be able to sign in any more. Set a password or add another way to sign in first.',
    advice:
      'The user has no password, no other provider and no other passkey. A mailed link (`POST /api/auth/password/forgot`) sets a password.',
  },
  sign_in_mail_expired: {
    status: 400,
    title: 'This code does not work any more, or not in this browser. Ask for a new mail.',
    advice:
      'A mailed code works once, for ten minutes, for five tries, and only in the browser that requested the mail. It also ends when the link in the same mail is used, and when the sessions of the user end. Let the user request another mail, or use the link in the mail.',
  },
  slug_taken: {
    status: 409,
    title: 'This address belongs to another organization. Choose another one.',
    advice:
      'Also a former address of another organization is taken, so that old links never lead to strangers.',
  },
  last_owner: {
    status: 409,
    title: 'An organization needs an owner. Give the ownership to another member first.',
    advice:
      'The last owner cannot leave, be removed or lose the role (`SALLYPORT_ORGANIZATION_OWNER_ROLE`). Transfer the ownership, or delete the organization.',
  },
  already_member: {
    status: 409,
    title: 'This person is already a member.',
    advice: 'Change the roles of the member instead.',
  },
  invitation_for_other: {
    status: 403,
    title: 'This invitation is for another email address. Sign in with that address.',
    advice:
      'An invitation works only for the address to which it was sent, and this address must be verified. `email` of the answer to `describe` names it. Offer to sign out and to sign in or sign up with that address.',
  },
  insufficient_user_authentication: {
    status: 401,
    title: 'Confirm that it is you, then try again.',
    advice:
      'The user is signed in, but authenticated too long ago (`maxAgeSeconds` of the answer) or with too few factors (`acr`). Ask for the password, and with `acr` also for the second factor (`POST /api/auth/reauthenticate`), then try again. A refresh does not help.',
    challenge: 'Bearer error="insufficient_user_authentication"',
  },
  second_factor_off: {
    status: 403,
    title: 'Second factors cannot be set up here.',
    advice:
      'The setting `SALLYPORT_SECOND_FACTOR` is `off`. Users who have a second factor already are still asked for it, and can remove it.',
  },
  last_second_factor: {
    status: 409,
    title: 'This is your last second factor, and this service requires one.',
    advice:
      '`SALLYPORT_SECOND_FACTOR` or `SALLYPORT_SECOND_FACTOR_ROLES` requires a second factor of this user. Let the user set up another one, then remove this one.',
  },
  no_second_factor: {
    status: 409,
    title: 'Set up a second factor first.',
    advice: 'Recovery codes replace a lost second factor. Let the user set up an authenticator app first.',
  },
  address_unverified: {
    status: 403,
    title: 'Confirm your email address first. We have sent you a mail with a link.',
    advice:
      'The password is right, but the address must be verified before the sign-in (`SALLYPORT_EMAIL_VERIFICATION=sign-in`). Show the text; the mail has a new link. `sallyport users` shows who is not verified.',
  },
  invalid_credentials: {
    status: 401,
    title: 'The email or the password is not right.',
    advice:
      'Ask the user to type both again. The error is the same for an unknown address and for a wrong password.',
  },
  sign_up_refused: {
    status: 422,
    title: 'Signing up like this is not possible here.',
    advice:
      'The hook `beforeSignUp` of your app has refused the sign-up. `errors` has the reason for each field.',
  },
  email_unavailable: {
    status: 409,
    title: 'This email address cannot be used to sign up. Sign in instead.',
    advice: 'Offer to sign in instead.',
  },
  token_missing: {
    status: 401,
    title: 'Sign in first. The request has no access token.',
    advice: 'Sign in.',
    challenge: 'Bearer',
  },
  token_invalid: {
    status: 401,
    title: 'The access token is not valid.',
    advice:
      'Sign in. If every token is refused, compare the issuer and the audience in the settings of the auth server and of the API. If the audience is wrong, the log of the API shows once which audience a token had.',
    challenge: 'Bearer error="invalid_token"',
  },
  token_expired: {
    status: 401,
    title: 'The access token has expired. Refresh it and try again.',
    advice: 'Refresh, then try again once.',
    challenge: 'Bearer error="invalid_token"',
  },
  token_stale: {
    status: 401,
    title: 'The access token is stale. Refresh it and try again.',
    advice: 'The user’s roles have changed. Refresh, then try again once.',
    challenge: 'Bearer error="invalid_token"',
  },
  credential_conflict: {
    status: 401,
    title: 'The request has more than one credential.',
    advice: 'Send the credential only once, in a header or in a cookie.',
    challenge: 'Bearer error="invalid_token"',
  },
  session_ended: {
    status: 401,
    title: 'The session has ended. Sign in again.',
    advice: 'Sign in again. The cookies are cleared.',
    challenge: 'Bearer error="invalid_token"',
  },
  frontend_refused: {
    status: 403,
    title: 'The front-end credential of this request is not valid for this server.',
    advice:
      'Compare `SALLYPORT_FRONTEND_SECRET` of the Next app and of the auth server. During a rotation the server has both values and the app has one of them.',
  },
  client_unauthorized: {
    status: 401,
    title: 'This endpoint needs the credential of a service.',
    advice:
      'Give the caller its credential: `SALLYPORT_VERIFIER_SECRET` to a verifier, `SALLYPORT_METRICS_SECRET` to Prometheus.',
    challenge: 'Bearer',
  },
  forbidden: {
    status: 403,
    title: 'You are signed in, but not allowed to do this.',
    advice: 'The user is signed in but lacks the role or permission. Trying again does not help.',
    challenge: 'Bearer error="insufficient_scope"',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests. Try again later.',
    advice: 'Wait for the number of seconds in `Retry-After`.',
  },
  server_busy: {
    status: 503,
    title: 'The server is busy. Try again shortly.',
    advice: 'There were too many sign-ins at the same time. Wait for the number of seconds in `Retry-After`.',
  },
  unavailable: {
    status: 503,
    title: 'The service cannot answer right now. Try again shortly.',
    advice: 'Try again after a few seconds. The session was not ended.',
  },
  upstream_failed: {
    status: 502,
    title: 'The service behind this address did not send a valid answer.',
    advice: 'Your API did not answer, or its answer cannot be used. `detail` says whether anything was sent.',
  },
  upstream_late: {
    status: 504,
    title: 'The service behind this address did not answer in time.',
    advice:
      'Your API did not begin its answer within `apiTimeouts.answerSeconds`. It may have carried out the request.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong on our side.',
    advice: 'The server has a bug or a failure. Search its log for the `requestId`.',
  },
} as const satisfies Record<string, ErrorRow>

/** An error code. Codes do not change between versions, so code can depend on them. */
export type ErrorCode = keyof typeof errorTable

/** Returns whether a string is one of the codes of {@link errorTable}. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorTable, value)
}

/**
 * Returns the `WWW-Authenticate` value for a code, or null if the standard requires none (RFC 6750 section 3). It names the required
 * authentication, if there is one (RFC 9470 section 3).
 */
export function challengeFor(
  code: ErrorCode,
  { acr, maxAgeSeconds }: { acr?: string; maxAgeSeconds?: number } = {},
): string | null {
  const { challenge }: ErrorRow = errorTable[code]
  if (challenge === undefined) return null
  const parts = [
    challenge,
    ...(acr === undefined ? [] : [`acr_values="${acr}"`]),
    ...(maxAgeSeconds === undefined ? [] : [`max_age="${maxAgeSeconds}"`]),
  ]
  return parts.join(', ')
}
