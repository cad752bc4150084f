import { AsyncLocalStorage } from 'node:async_hooks'
import { type Access, type Principal, readAccess } from '@sallyport/protocol'
import { audienceRules, audienceWarning } from './audience-warning.ts'
import { AuthError } from './auth-error.ts'
import { type CheckedToken, checkToken } from './check-token.ts'
import { permissionsBy } from './claims.ts'
import { maximumTokenLength } from './compact-token.ts'
import { type AuthRequest, type Credential, findCredential } from './credential.ts'
import { clearedDuplicatesOf } from './duplicate-cookies.ts'
import { answersAtOnce } from './immediate-answer.ts'
import { createIntrospection } from './introspection.ts'
import type { KeySet } from './key-set.ts'
import { readConfig, type VerifierConfig, type VerifierOptions } from './options.ts'
import { requireOwnOrigin } from './origin-rule.ts'
import { RememberedTokens } from './remembered-tokens.ts'
import { RemoteKeySet } from './remote-key-set.ts'
import { RevocationFeed } from './revocation-feed.ts'
import { RevocationSet, type Revocations } from './revocation-set.ts'

/** A revocation that this process applies immediately, before the feed delivers it. */
export type LocalRevocation =
  | { sid: string }
  | { sub: string; minVersion: number }
  | { org: string; minVersion: number }
  | { kid: string }

/** Verifies tokens and requests, and returns their principals. Created by {@link createVerifier}. */
export interface Verifier<Defined extends Access = Access> {
  /** The definition of roles and permissions that was given as `access`, with its lists. Guards check their names against it. */
  readonly access?: Defined
  /**
   * Verifies an access token (RFC 9068 section 4, RFC 8725). The signature, the header and the claims are checked once, and the result is
   * cached. Every call checks that the token has not expired, that it is not revoked, and that its key is still published.
   *
   * Does **not** check roles or permissions ({@link isAllowed}), where the token came from, or CSRF. Whether the user still exists is
   * checked only through the revocation feed.
   *
   * @throws AuthError `token_invalid`, `token_expired`, `token_stale`, `session_ended` (401) or `unavailable` (503).
   */
  verify(token: string): Promise<Principal>
  /**
   * Finds the token of a request in `Authorization: Bearer` or in one of the configured cookies, and verifies it. If the token is in a
   * cookie and the method changes state or is missing, the request must come from one of `origins`.
   *
   * Does **not** read the query or the body, and does not check roles.
   *
   * @throws AuthError as `verify`. Also `token_missing`, `credential_conflict` (401) and `origin_refused` (403).
   */
  authenticate(request: AuthRequest): Promise<Principal>
  /**
   * From now on, refuses the tokens of a session, the older tokens of a user or an organization, or the tokens of a key. It does not wait for the feed.
   *
   * @throws TypeError if the revocation does not have a `sid`, a `kid`, or a `sub` or `org` with `minVersion`.
   */
  revokeLocally(revocation: LocalRevocation): void
  /**
   * Returns the user's version (`ver`) in the token of this principal. To refuse this token and older tokens of the user, call
   * `revokeLocally({ sub: principal.userId, minVersion: versionOf(principal) + 1 })`.
   *
   * @throws TypeError if this verifier did not return this object. A copy of a principal is refused too.
   */
  versionOf(principal: Principal): number
  /**
   * Returns a verifier with this definition of roles and permissions. It shares the keys, the revocations and the cache of this verifier, so
   * one process needs only one connection to the feed.
   *
   * @throws TypeError if the definition is wrong.
   */
  withAccess<Other extends Access>(access: Other): Verifier<Other>
  /**
   * Resolves when the keys are loaded and, if there is a feed, its snapshot too. Use it for a readiness check. You do not need to call it
   * before other functions, because keys and feed are also loaded at the first use. One call makes one attempt of a few seconds. To retry,
   * call it again.
   *
   * @throws AuthError `unavailable`.
   */
  ready(): Promise<void>
  /** Closes the feed's connection, which otherwise keeps the process running. Later requests are handled as if the feed were silent. */
  close(): void
}

/**
 * Creates a verifier for one issuer and one audience. Create only one in each process, and use it for all requests, because it contains the
 * keys, the revocations and a cache of verified tokens. It does no I/O before the first token or {@link Verifier.ready}.
 *
 * @throws TypeError if an option is wrong. The message says how to fix it.
 *
 * @example
 * import { createVerifier } from '@sallyport/verify'
 *
 * const verifier = createVerifier({
 *   issuer: 'https://auth.example.com',
 *   audience: 'billing-api',
 *   feed: { credential: process.env.SALLYPORT_VERIFIER_SECRET },
 * })
 * const principal = await verifier.authenticate(request)
 */
export function createVerifier<Defined extends Access = Access>(
  options: VerifierOptions<Defined>,
): Verifier<Defined> {
  const config = readConfig(options)
  const { clock, cookies, origins, feed } = config
  // All requests share the results of fetches. So a fetch must not run in the async context of the request that caused it.
  const inOwnContext = AsyncLocalStorage.snapshot()
  const detached: VerifierConfig = {
    ...config,
    fetch: (input, init) => inOwnContext(() => config.fetch(input, init)),
  }
  const keySet = config.keySet ?? createKeySet(detached)
  const revocations = config.revocations ?? createRevocations(detached)
  const requireActive =
    feed === null
      ? null
      : createIntrospection({
          ...detached,
          url: feed.introspectUrl,
          credential: feed.credential,
          timeoutSeconds: 2,
        })
  const rules = {
    ...config,
    ...audienceRules(config),
    onOtherAudience: audienceWarning(config.audience, config.organizations, warnOperator),
  }
  const remembered = new RememberedTokens(config.cacheSize)
  /** The `ver` of each principal's token. It is not part of the public principal. */
  const versions = new WeakMap<Principal, number>()
  /** The principals whose permissions follow from their roles. */
  const ofRoles = new WeakSet<Principal>()
  let started = false

  /** Verifies a token. If the token is cached, as nearly all are, the result is not a promise. Throws or rejects like `verify`. */
  function check(token: string): Principal | Promise<Principal> {
    if (typeof token !== 'string' || token.length > maximumTokenLength)
      throw new AuthError('token_invalid', 'not a string, or too long')
    if (!started) {
      started = true
      inOwnContext(() => revocations.start())
    }
    const checked = remembered.find(token)
    if (checked === undefined) return checkAnew(token)
    // A cached token is valid only while the key set contains the key that verified it.
    const key = keySet.find(checked.key.kid)
    return key === checked.key ? judge(token, checked) : checkAgain(token, checked, key)
  }

  async function checkAgain(
    token: string,
    checked: CheckedToken,
    key: ReturnType<KeySet['find']>,
  ): Promise<Principal> {
    return (await key) === checked.key ? judge(token, checked) : checkAnew(token)
  }

  async function checkAnew(token: string): Promise<Principal> {
    const checked = await checkToken(token, rules, keySet, clock())
    versions.set(checked.principal, checked.version)
    if (checked.isOfRoles) ofRoles.add(checked.principal)
    return judge(token, checked, () => remembered.add(token, checked))
  }

  /** Checks everything that can change between two requests with the same token. */
  function judge(
    token: string,
    { principal, version, organization, key }: CheckedToken,
    keep?: () => void,
  ): Principal | Promise<Principal> {
    // If the clock returns NaN, this condition refuses every token.
    if (!(principal.expiresAt > clock())) {
      remembered.forget(token)
      throw new AuthError('token_expired', 'exp has passed')
    }
    keep?.()
    const refusal = revocations.findRefusal({
      sessionId: principal.sessionId,
      userId: principal.userId,
      version,
      organization,
      keyId: key.kid,
    })
    if (refusal !== null) throw new AuthError(refusal, 'revoked')
    return revocations.isCurrent() ? principal : decideWithoutFeed(token).then(() => principal)
  }

  function authenticate(request: AuthRequest): Principal | Promise<Principal> {
    const { token, source } = credentialOf(request, cookies)
    if (source === 'cookie') requireOwnOrigin(request, origins)
    return check(token)
  }

  async function decideWithoutFeed(token: string): Promise<void> {
    if (feed?.whenStale === 'accept') return
    if (feed?.whenStale !== 'introspect' || requireActive === null)
      throw new AuthError('unavailable', 'the revocations are not current')
    await requireActive(token)
  }

  /** Returns a verifier whose principals have the permissions that another definition gives their roles. */
  function withAccess(verifier: Verifier, access: Access): Verifier {
    const derived = new WeakMap<Principal, Principal>()
    const derive = (principal: Principal): Principal => {
      if (!ofRoles.has(principal)) return principal
      const known = derived.get(principal)
      if (known !== undefined) return known
      const permissions = permissionsBy(access, principal.roles)
      const found: Principal = Object.freeze({ ...principal, permissions })
      derived.set(principal, found)
      versions.set(found, verifier.versionOf(principal))
      return found
    }
    const authenticateWith = (request: AuthRequest) => {
      const found = authenticate(request)
      return found instanceof Promise ? found.then(derive) : derive(found)
    }
    const other: Verifier = {
      ...verifier,
      access,
      verify: async (token) => derive(await check(token)),
      authenticate: async (request) => authenticateWith(request),
    }
    answersAtOnce(other, authenticateWith, clock)
    return other
  }

  const verifier: Verifier = {
    ...(config.access !== undefined && { access: config.access }),
    verify: async (token) => check(token),
    authenticate: async (request) => authenticate(request),
    withAccess: (access) => withAccess(verifier, readAccess(access)) as Verifier<typeof access>,
    revokeLocally(revocation) {
      const { maxTokenLifetimeSeconds, clockToleranceSeconds } = config
      // If the issuer's clock is ahead of our clock, a token that it has just issued is valid here for longer than its lifetime.
      const longestSeconds = maxTokenLifetimeSeconds + clockToleranceSeconds
      revocations.add({ ...revocation, until: clock() + longestSeconds * 1000 })
    },
    versionOf(principal) {
      const version = versions.get(principal)
      if (version === undefined)
        throw new TypeError(
          'This verifier has not returned this principal. Pass the object that `verify` returned.',
        )
      return version
    },
    async ready() {
      started = true
      await Promise.all([keySet.load(), inOwnContext(() => revocations.load())])
    },
    close() {
      revocations.close()
    },
  }
  answersAtOnce(verifier, authenticate, clock)
  return verifier as Verifier<Defined>
}

function createKeySet(config: VerifierConfig): RemoteKeySet {
  return new RemoteKeySet({
    url: config.jwksUrl,
    algorithms: config.algorithms,
    maxAgeSeconds: config.jwksMaxAgeSeconds,
    maxStaleSeconds: config.jwksMaxStaleSeconds,
    cooldownSeconds: config.jwksCooldownSeconds,
    timeoutSeconds: 5,
    fetch: config.fetch,
    clock: config.clock,
    warn: warnOperator,
  })
}

function createRevocations({ feed, fetch, clock }: VerifierConfig): Revocations {
  const set = new RevocationSet(clock)
  if (feed === null) return set
  const { url, credential, maxStalenessSeconds } = feed
  return new RevocationFeed({
    ...{ url, credential, maxStalenessSeconds, set, fetch, clock },
    warn: warnOperator,
  })
}

function warnOperator(message: string): void {
  process.emitWarning(message)
}

/** @throws AuthError as `findCredential`. If the request has duplicate cookies, the error's response clears them. */
function credentialOf(request: AuthRequest, names: readonly string[]): Credential {
  try {
    return findCredential(request, names)
  } catch (error) {
    if (!(error instanceof AuthError) || error.code !== 'credential_conflict') throw error
    const cookies = clearedDuplicatesOf(request, names)
    throw cookies.length === 0 ? error : new AuthError(error.code, error.reason, { cookies })
  }
}
