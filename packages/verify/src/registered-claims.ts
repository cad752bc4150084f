import { refuseToken } from './auth-error.ts'
import type { JsonObject } from './strict-json.ts'

/** What the registered claims (RFC 7519 section 4.1) of a token are held against. */
export type RegisteredClaimRules = {
  /** Not asked for where undefined. */
  issuer?: string | undefined
  /** Not asked for where undefined. */
  audience?: string | undefined
  /** Told the `aud` of a token that is for others; its issuer has been found right. */
  onOtherAudience?: (audience: unknown) => void
  /** How far in the future `iat`, `nbf` and `auth_time` may be. */
  clockToleranceSeconds: number
  /** The longest `exp - iat` that is believed, where the token has both. */
  maxTokenLifetimeSeconds: number
}

/** A NumericDate may have a fraction (RFC 7519 section 2). Tokens of Sallyport have none, and always say `iat` and `auth_time`. */
export type TokenDialect = 'sallyport' | 'any'

/** Seconds since 1970. */
export type TokenTimes = {
  expiresAt: number
  issuedAt: number | undefined
  authenticatedAt: number | undefined
}

/** 9999-12-31T23:59:59Z, the last second that RFC 3339 can write. A larger number is no time, and `1e400` is Infinity. */
const latestTime = 253_402_300_799

/**
 * Judges the claims that every JWT has in common: issuer, audience, the times, and that the token is a bearer token. The one place for
 * it, so that no verifier is more lenient than another (RFC 8725 sections 3.8 to 3.10).
 *
 * Not judged here: whether `exp` has passed, which is asked at every request.
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
  // A token bound to a key must not pass as a bearer token with a verifier that cannot check the proof (RFC 9449 section 7.1).
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
  // Written so that a clock that says NaN lets nobody in.
  const latest = nowMs / 1000 + rules.clockToleranceSeconds
  if (issuedAt !== undefined && !(issuedAt <= latest)) refuseToken('iat is in the future')
  if (authenticatedAt !== undefined && !(authenticatedAt <= latest)) refuseToken('auth_time is in the future')
  if (!(notBefore <= latest)) refuseToken('nbf is in the future')
  return { expiresAt, issuedAt, authenticatedAt }
}

/** A time that our own tokens always have, and those of others may leave out. */
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
