import type { Verifier } from '@sallyport/verify'
import type { AuthServerClient } from './auth-server-client.ts'
import type { Refresher } from './refresh.ts'

/** What one process shares among everything that calls the same auth server for the same pages. */
export type Connection = {
  authServer: AuthServerClient
  verifier: Pick<Verifier, 'verify' | 'revokeLocally' | 'versionOf'>
  refresh: Refresher
  /** Whether a 401 of the API with this code asks for new tokens, and not for a sign-in. */
  asksForRenewal(code: unknown): boolean
  /** The API refused this token, and no new one could be had here: the next request is to ask for one. */
  outdate?(accessToken: string): void
}
