import { refuseToken } from './auth-error.ts'
import type { JsonObject } from './strict-json.ts'

/** The rules for the registered claims (RFC 7519 section 4.1) of a token. */
export type RegisteredClaimRules = {
  /** The required issuer; not checked if undefined. */
  issuer?: string | undefined
  /** The required audience; not checked if undefined. */
  audience?: string | undefined
  /** Called with the `aud` of a token with the right issuer for another audience. */
  onOtherAudience?: (audience: unknown) => void
  /** How far in the future `iat`, `nbf` and `auth_time` may be. */
  clockToleranceSeconds: number
  /** The maximum `exp - iat`, if the token has both. */
  maxTokenLifetimeSeconds: number
}

/** A NumericDate may have a fraction (RFC 7519 section 2). Those of Sallyport have none, and its tokens always have `iat` and `auth_time`. */
export type TokenDialect = 'sallyport' | 'any'

/** Seconds since 1970. */
export type TokenTimes = {
  expiresAt: number
  issuedAt: number | undefined
  authenticatedAt: number | undefined
}

/** 9999-12-31T23:59:59Z, the last second in RFC 3339. A larger number is not a time, and `1e400` is Infinity. */
const latestTime = 253_402_300_799

/**
 * Checks the claims that all JWTs share: issuer, audience, times, and that the token is a bearer token. All verifiers use this function, so
 * that none is more lenient than another (RFC 8725 sections 3.8 to 3.10).
 *
 * Does not check whether `exp` has passed, which is checked at every request.
 *
 * @throws AuthError `token_invalid`.
 */
export function checkRegisteredClaims(
  claims: JsonObject,
  rules: RegisteredClaimRules,
  dialect: TokenDialect,
  nowMs: number,
): TokenTimes {
  if (rules.issuer !== undefined && claims.iss !== rules.issuer) refuseToken('the issuer is another')
  if (rules.audience !== undefined && !isFor(claims.aud, rules.audience)) {
    rules.onOtherAudience?.(claims.aud)
    refuseToken('the audience is another')
  }
  // A token bound to a key must not be accepted as a bearer token, because this verifier cannot check the proof (RFC 9449 section 7.1).
  if (claims.cnf !== undefined) refuseToken('the token is bound to a key, and this verifier checks no proof')
  const isOurs = dialect === 'sallyport'
  const expiresAt = requireTime(claims, 'exp', isOurs)
  const issuedAt = findTime(claims, 'iat', isOurs)
  const authenticatedAt = findTime(claims, 'auth_time', isOurs)
  const notBefore = claims.nbf === undefined ? 0 : requireTime(claims, 'nbf', isOurs)
  if (issuedAt !== undefined) {
    if (expiresAt <= issuedAt) refuseToken('exp is not after iat')
    if (expiresAt - issuedAt > rules.maxTokenLifetimeSeconds)
      refuseToken('the token lives longer than is allowed')
  }
  // Written so that a clock that returns NaN refuses every token.
  const latest = nowMs / 1000 + rules.clockToleranceSeconds
  if (issuedAt !== undefined && !(issuedAt <= latest)) refuseToken('iat is in the future')
  if (authenticatedAt !== undefined && !(authenticatedAt <= latest)) refuseToken('auth_time is in the future')
  if (!(notBefore <= latest)) refuseToken('nbf is in the future')
  return { expiresAt, issuedAt, authenticatedAt }
}

/** Returns a time that tokens of Sallyport always have and others may omit. */
function findTime(claims: JsonObject, name: string, isOurs: boolean): number | undefined {
  return claims[name] === undefined && !isOurs ? undefined : requireTime(claims, name, isOurs)
}

function requireTime(claims: JsonObject, name: string, isWhole: boolean): number {
  const value = claims[name]
  if (typeof value !== 'number' || !(value >= 0 && value <= latestTime)) refuseToken(`${name} is not a time`)
  if (isWhole && !Number.isInteger(value)) refuseToken(`${name} is not a whole number of seconds`)
  return value as number
}

/** `aud` is a string or a list of strings (RFC 7519 section 4.1.3), compared exactly. */
function isFor(audience: unknown, ours: string): boolean {
  if (typeof audience === 'string') return audience === ours
  return (
    Array.isArray(audience) && audience.every((value) => typeof value === 'string') && audience.includes(ours)
  )
}
