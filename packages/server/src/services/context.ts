import type { Verifier } from '@sallyport/verify'
import type { Config } from '../config/config.ts'
import type { BreachQuery } from '../credentials/breached.ts'
import type { Passwords } from '../credentials/password.ts'
import type { Database } from '../store/database.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RandomBytes } from '../tokens/id.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { RefreshTokens } from '../tokens/refresh-token.ts'
import type { Hooks } from './hooks.ts'
import type { Mailer } from './mailer.ts'
import type { RevocationHub } from './revocation-hub.ts'
import type { SigningKeys } from './signing-keys.ts'

/** What the flows work with; made once, passed in. */
export type Context = {
  config: Config
  database: Database
  passwords: Passwords
  /** Asks a breach service, where one is set. */
  breached: BreachQuery | null
  /** The keys of `SALLYPORT_SECRET`, and of secrets before it. */
  keyring: Keyring
  refreshTokens: RefreshTokens
  signingKeys: SigningKeys
  revocations: RevocationHub
  mailer: Mailer
  /** The product's own rules. */
  hooks: Hooks
  /** Says in the log what one of them has done wrong. */
  onHookFault: (hook: string, error: unknown) => void
  /** Says in the log that somebody's access token would not fit into a cookie, and what was left out of it; null: nobody was signed in. */
  onLargeToken: (event: { roles: string[]; why: string; leftOut: 'permissions' | null }) => void
  /** What goes on after an answer; never rejects. The store stays open for it. */
  underWay: Set<Promise<void>>
  metrics: Metrics
  verifier: Verifier
  /** Says in the log that the database is older than tokens that it has issued. */
  onRestoredStore: () => void
  clock: () => number
  newId: () => string
  randomBytes: RandomBytes
  newSalt: () => string
}

/** What is known of whoever asks, and whether they still wait for the answer. */
export type Caller = {
  address: string | null
  userAgent: string | null
  requestId: string | null
  signal: AbortSignal | null
  /** The opaque value by which the browser is known again, if it has brought one. */
  device: string | null
  /** What of the throttles applies to this request; its answer says so. */
  limits: Limit[]
}

/** One window of a throttle as it stands after a request (draft-ietf-httpapi-ratelimit-headers). */
export type Limit = {
  name: string
  tries: number
  windowSeconds: number
  remaining: number
  /** Seconds until the window ends. */
  resetSeconds: number
}
