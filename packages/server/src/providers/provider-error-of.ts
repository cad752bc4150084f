import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'
import { ProviderError } from './provider-error.ts'

/** Codes with which a provider says that the user was not let in (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6). */
const refusals = [
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'login_required',
  // Apple and LinkedIn.
  'user_cancelled_authorize',
  'user_cancelled_login',
]

/** Other codes of the standard that may be in the log. All other texts of a provider are left out. */
const otherCodes = [
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
]

/** Returns the error of a sign-in at a provider. Its reason contains no text of the provider. */
export function providerErrorOf(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error
  if (error instanceof AuthorizationResponseError)
    return new ProviderError(
      refusals.includes(error.error) ? 'cancelled' : 'failed',
      `the provider answered ${codeOf(error.error)}`,
      error,
    )
  if (error instanceof ResponseBodyError)
    // The code was used before, or it has expired.
    return new ProviderError(
      error.error === 'invalid_grant' ? 'expired' : 'failed',
      `the provider answered ${codeOf(error.error)}`,
      error,
    )
  if (error instanceof ClientError) {
    const cause: unknown = error.cause
    if (cause instanceof ProviderError) return cause
    const isEncrypted = cause instanceof Error && cause.message.includes('JWE')
    return new ProviderError(
      'failed',
      isEncrypted
        ? 'the ID token is encrypted. Turn off the encryption of ID tokens at the provider'
        : `the answer did not pass a check (${error.code ?? error.message})`,
      error,
    )
  }
  return new ProviderError(
    'failed',
    `the request failed (${error instanceof Error ? error.name : 'unknown'})`,
    error,
  )
}

function codeOf(code: string): string {
  return [...refusals, ...otherCodes].includes(code) ? code : 'another error'
}
