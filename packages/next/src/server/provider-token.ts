import type { ProviderToken } from '@sallyport/protocol/endpoints'
import { readOwnProviderToken } from '../session/own-provider-token.ts'
import type { CallAsUser } from './call-as-user.ts'
import { ProviderTokenError } from './session-error.ts'

/** The codes with which there is no token, and a new request would not help. */
const withoutToken: readonly string[] = [
  'token_missing',
  'session_ended',
  'origin_refused',
  'provider_token_unavailable',
]

/** Returns the function `auth.providerToken`. */
export function createProviderToken(asUser: CallAsUser) {
  return async (provider: string): Promise<ProviderToken | null> => {
    const answer = await asUser.ask((own) => readOwnProviderToken(own, provider))
    if (answer.ok) {
      const { accessToken, expiresAt, scopes } = answer
      return { accessToken, expiresAt, scopes }
    }
    if (withoutToken.includes(answer.problem.code)) return null
    throw new ProviderTokenError(answer.problem)
  }
}
