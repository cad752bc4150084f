import type { Verifier } from '@sallyport/verify'
import type { AuthServerClient } from './auth-server-client.ts'
import type { Refresher } from './refresh.ts'

/** What all callers of the same auth server for the same pages share in one process. */
export type Connection = {
  authServer: AuthServerClient
  verifier: Pick<Verifier, 'verify' | 'revokeLocally' | 'versionOf'>
  refresh: Refresher
  /** Returns whether a 401 of the API with this code requires a refresh and not a sign-in. */
  asksForRenewal(code: unknown): boolean
  /** Marks an access token that the API refused and that could not be renewed here, so that the next request renews it. */
  outdate?(accessToken: string): void
}
