import type { Verifier } from '@sallyport/verify'
import type { Issuer } from './auth-server-client.ts'
import type { Refresher } from './refresh.ts'

/** What one process shares among everything that speaks to the same auth server for the same pages. */
export type Connection = {
  issuer: Issuer
  verifier: Pick<Verifier, 'verify' | 'revokeLocally'>
  refresh: Refresher
  /** Whether a 401 of the API with this code asks for new tokens rather than for the person. */
  asksForRenewal(code: unknown): boolean
  /** The API refused this token, and no new one could be had here: the next request is to ask for one. */
  outdate?(accessToken: string): void
}
