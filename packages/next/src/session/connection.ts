import type { Verifier } from '@sallyport/verify'
import type { AuthServerClient } from './auth-server-client.ts'
import type { OrganizationTokens } from './organization-tokens.ts'
import type { Refresher } from './refresh.ts'

/** The client, verifier and refresher for one auth server. In one process, all code for the same origin of pages shares them. */
export type Connection = {
  authServer: AuthServerClient
  verifier: Pick<Verifier, 'verify' | 'revokeLocally' | 'versionOf'>
  refresh: Refresher
  /** The tokens for organizations. Null with a custom issuer, which has no organizations. */
  organizations: OrganizationTokens | null
  /** Returns whether a 401 of the API with this code means that the tokens must be refreshed. Otherwise the user must sign in. */
  asksForRenewal(code: unknown): boolean
  /**
   * Marks an access token as stale, because the API has refused it. If it cannot be renewed in this request, the next request renews it.
   */
  outdate?(accessToken: string): void
}
