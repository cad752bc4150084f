import { type Access, permissionsOfRoles } from '@sallyport/protocol'
import { AuthError, createJwtVerifier, type LocalRevocation, type Principal } from '@sallyport/verify'
import type { CustomIssuer, Send } from '../../config/custom-issuer.ts'
import type { BackendMemory } from './backend-memory.ts'
import { nameOfToken } from './backend-memory.ts'
import { claimsWithin, isToken } from './issued-tokens.ts'
import { report } from './report.ts'
import { BackendUnreachable } from './send.ts'

type Claims = Readonly<Record<string, unknown>>
type Answer = { claims: Claims; at: number }

/** The maximum number of remembered answers. When it is reached, all of them are removed. */
const maxRemembered = 10_000
/** The time, in milliseconds, for which a token without expiry is assumed to be valid after each check. */
const unknownLifeMs = 10 * 60 * 1000

/** The verifier of access tokens that the pages use. */
export type CustomVerifier = {
  /** @throws AuthError as `Verifier.verify` */
  verify(accessToken: string): Promise<Principal>
  /** Makes this process refuse a session from now on. */
  revokeLocally(revocation: LocalRevocation): void
  /** Returns 0, because the tokens of a custom issuer have no version. */
  versionOf(principal: Principal): number
  /** Marks a token that the API no longer accepts, so that it is renewed. */
  outdate(accessToken: string): void
  isOutdated(accessToken: string): boolean
}

/**
 * Returns a verifier for the tokens of a custom backend. It uses the backend's public key or introspection. If `principal` reads no
 * permissions, users have those that `access` gives their roles.
 */
export function createCustomVerifier(
  custom: CustomIssuer,
  send: Send,
  { ended, outdated }: Pick<BackendMemory, 'ended' | 'outdated'>,
  clock: () => number = Date.now,
  access?: Access,
): CustomVerifier {
  const source = custom.access
  const readClaims = 'introspect' in source ? asking(source, send, clock) : checking(source)
  const isOutdated = (accessToken: string) => outdated.has(nameOfToken(accessToken))

  return {
    async verify(accessToken) {
      if (!isToken(accessToken)) throw new AuthError('token_invalid', 'the value cannot be a token')
      if (isOutdated(accessToken)) throw new AuthError('token_stale', 'the API has refused it')
      const found = principalOf(await readClaims(accessToken), accessToken, custom.principal, clock(), access)
      if (found.expiresAt <= clock()) throw new AuthError('token_expired', 'the token has expired')
      if (ended.has(found.sessionId)) throw new AuthError('session_ended', 'signed out here')
      return found
    },
    revokeLocally(revocation) {
      if ('sid' in revocation) ended.add(revocation.sid)
    },
    versionOf: () => 0,
    outdate(accessToken) {
      outdated.add(nameOfToken(accessToken))
    },
    isOutdated,
  }
}

function checking(access: Exclude<CustomIssuer['access'], { introspect: unknown }>) {
  const tokens = createJwtVerifier(access)
  return (accessToken: string) => tokens.verify(accessToken)
}

/**
 * Introspects tokens. For each token, there is only one request at a time. Answers are cached for `rememberSeconds`, but failures are not.
 */
function asking(
  access: Extract<CustomIssuer['access'], { introspect: unknown }>,
  send: Send,
  clock: () => number,
): (accessToken: string) => Promise<Claims> {
  const { introspect, rememberSeconds = 5 } = access
  const known = new Map<string, Answer>()
  const underway = new Map<string, Promise<Claims>>()

  async function ask(accessToken: string, name: string): Promise<Claims> {
    const answer = await introspect(accessToken, send).catch((error: unknown) => {
      if (!(error instanceof BackendUnreachable)) report(`introspect() threw: ${String(error)}`)
      throw new AuthError('unavailable', 'the backend does not answer')
    })
    if (answer.status === 401 || answer.status === 403)
      throw new AuthError('token_invalid', 'the backend refused the token')
    if (!answer.ok) throw new AuthError('unavailable', `the backend answered ${answer.status}`)
    // An empty body here means that the answer was not a JSON object. It may be a reverse proxy's own page with status 200. Then the
    // backend has not checked the token.
    if (Object.keys(answer.body).length === 0)
      throw new AuthError('unavailable', 'the answer is not a JSON object')
    // If the backend has an introspection endpoint (RFC 7662 section 2.2), `active` says whether the token is valid.
    if (answer.body.active === false) throw new AuthError('token_invalid', 'the backend refused the token')
    if (known.size >= maxRemembered) known.clear()
    known.set(name, { claims: answer.body, at: clock() })
    return answer.body
  }

  return (accessToken) => {
    const name = nameOfToken(accessToken)
    const answer = known.get(name)
    const age = answer === undefined ? Number.NaN : clock() - answer.at
    // If the age is negative, the clock was set back, and the real age is unknown. Then the cached answer is not used.
    if (answer && age >= 0 && age < rememberSeconds * 1000) return Promise.resolve(answer.claims)
    let question = underway.get(name)
    if (question === undefined) {
      question = ask(accessToken, name).finally(() => underway.delete(name))
      underway.set(name, question)
    }
    return question
  }
}

/** @throws AuthError `token_invalid` if `principal` finds no user, or `unavailable` if `principal` throws. The reason is logged. */
function principalOf(
  claims: Claims,
  accessToken: string,
  read: CustomIssuer['principal'],
  nowMs: number,
  access: Access | undefined,
): Principal {
  const inToken = claimsWithin(accessToken)
  const time = (name: string): number | null => {
    const value = claims[name] ?? inToken[name]
    // In JSON, a number such as 1e400 becomes Infinity, which is not a valid time.
    return typeof value === 'number' && value >= 0 && value < 1e12 ? value * 1000 : null
  }
  const { userId, roles = [], permissions: given, sessionId, organizationId } = reading(read, claims)
  if (!isName(userId)) refuse('userId', claims)
  if (!isNames(roles)) refuse('roles', claims)
  const derived = access === undefined ? [] : permissionsOfRoles(access, roles)
  // Only if the member is missing. A wrong value, such as null, must not give the user permissions.
  const permissions = given === undefined ? derived : given
  if (!isNames(permissions)) refuse('permissions', claims)
  const { amr, sid, jti } = { ...inToken, ...claims }
  return Object.freeze({
    userId: String(userId),
    sessionId: [sessionId, sid, jti].find((value) => isName(value))?.toString() ?? nameOfToken(accessToken),
    roles: Object.freeze([...roles]),
    permissions: Object.freeze([...permissions]),
    ...(isName(organizationId) && { organizationId: String(organizationId) }),
    methods: Object.freeze(isNames(amr) ? [...amr] : []),
    // A new token does not prove that the user has authenticated recently. So without `auth_time`, the time is 0, which is never recent.
    authenticatedAt: time('auth_time') ?? 0,
    issuedAt: time('iat') ?? nowMs,
    expiresAt: time('exp') ?? nowMs + unknownLifeMs,
  })
}

function reading(read: CustomIssuer['principal'], claims: Claims): ReturnType<CustomIssuer['principal']> {
  try {
    return read(claims)
  } catch (error) {
    report(`principal() threw: ${String(error)}`)
    throw new AuthError('unavailable', 'principal() threw')
  }
}

function refuse(member: string, claims: Claims): never {
  const wanted = member === 'userId' ? 'a name or a number' : 'a list of names'
  report(
    `principal() gave no ${member} that is ${wanted}. It was given ${Object.keys(claims).join(', ') || 'nothing'}.`,
  )
  throw new AuthError('token_invalid', `no ${member}`)
}

function isName(value: unknown): value is string | number {
  return typeof value === 'string' ? value.length > 0 && value.length <= 255 : Number.isSafeInteger(value)
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}
