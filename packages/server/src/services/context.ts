import type { Verifier } from '@sallyport/verify'
import type { Config } from '../config/config.ts'
import type { BreachQuery } from '../credentials/breached.ts'
import type { Passwords } from '../credentials/password.ts'
import type { OpenedProvider } from '../providers/open-provider.ts'
import type { Database } from '../store/database.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RandomBytes } from '../tokens/id.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { RefreshTokens } from '../tokens/refresh-token.ts'
import type { Hooks } from './hooks.ts'
import type { Mailer } from './mailer.ts'
import type { RevocationHub } from './revocation-hub.ts'
import type { SigningKeys } from './signing-keys.ts'

/** The settings, the database and the services that the flows use. One context is created at the start and passed to every flow. */
export type Context = {
  config: Config
  database: Database
  passwords: Passwords
  /** Asks the breach service. Null if no breach service is configured. */
  breached: BreachQuery | null
  /** The keys of `SALLYPORT_SECRET` and of former secrets. */
  keyring: Keyring
  refreshTokens: RefreshTokens
  signingKeys: SigningKeys
  revocations: RevocationHub
  mailer: Mailer
  /** The hooks of the app. */
  hooks: Hooks
  /** The outside providers with which users can sign in, by name, in the order of the settings. */
  providers: ReadonlyMap<string, OpenedProvider>
  /** The address of the pages, including `basePath`, without a slash at the end. */
  appUrl: string
  /** Logs the error of a hook. */
  onHookFault: (hook: string, error: unknown) => void
  /** Logs that the tokens of a user at a provider were not revoked there. */
  onRevocationFault: (event: { provider: string; reason: string }) => void
  /**
   * Logs that an access token would not fit into a cookie. `leftOut` is the claim that was left out of the issued token. If no token was
   * issued, `leftOut` is null.
   */
  onLargeToken: (event: { roles: string[]; why: string; leftOut: 'permissions' | null }) => void
  /**
   * Work that continues after its response was sent. These promises never reject. Before the server closes the database, it waits for these
   * promises, but at most three seconds.
   */
  underWay: Set<Promise<void>>
  metrics: Metrics
  verifier: Verifier
  /** Logs that the database was restored from a backup that is older than some of the tokens that were issued. */
  onRestoredStore: () => void
  clock: () => number
  newId: () => string
  randomBytes: RandomBytes
  newSalt: () => string
}

/** The data about the caller of a request. `signal` shows whether the client still waits for the response. */
export type RequestSource = {
  address: string | null
  userAgent: string | null
  requestId: string | null
  signal: AbortSignal | null
  /** The value of the device cookie, if the browser sent one. */
  device: string | null
  /** The throttle windows that counted this request. The response reports them. */
  limits: Limit[]
}

/** The state of one throttle window after a request (draft-ietf-httpapi-ratelimit-headers). */
export type Limit = {
  name: string
  tries: number
  windowSeconds: number
  remaining: number
  /** Seconds until the window ends. */
  resetSeconds: number
}
