import { refuseToken } from './auth-error.ts'
import type { JsonObject } from './strict-json.ts'

/** The rules for the registered claims (RFC 7519 section 4.1) of a token. */
export type RegisteredClaimRules = {
  /** The required issuer. If it is undefined, the issuer is not checked. */
  issuer?: string | undefined
  /** The required audience, or a list of which one is enough. If it is undefined, the audience is not checked. */
  audience?: string | readonly string[] | undefined
  /** Is called if a token has the right issuer but another audience. The argument is the `aud` of the token. */
  onOtherAudience?: (audience: unknown) => void
  /** How far `iat`, `nbf` and `auth_time` may be in the future. */
  clockToleranceSeconds: number
  /** The maximum lifetime (`exp - iat`) of a token that has both claims. */
  maxTokenLifetimeSeconds: number
}

/**
 * Which issuer wrote the token. This decides in which form its times are accepted. Sallyport writes times without a fraction, and always
 * writes `iat` and `auth_time`. Other issuers may write a fraction (RFC 7519 section 2).
 */
export type TokenDialect = 'sallyport' | 'any'

/** Seconds since 1970. */
export type TokenTimes = {
  expiresAt: number
  issuedAt: number | undefined
  authenticatedAt: number | undefined
}

/**
 * 9999-12-31T23:59:59Z, the last second that RFC 3339 can express. Larger numbers are refused. So is `1e400`, which is parsed as Infinity.
 */
const latestTime = 253_402_300_799

/**
 * Checks the claims that are common to all JWTs: the issuer, the audience and the times. Also checks that the token is a bearer token. All
 * verifiers of this package use this function, so that all are equally strict (RFC 8725 sections 3.8 to 3.10).
 *
 * Does not check whether `exp` has passed, because this is checked at every request.
 *
 * @throws AuthError `token_invalid`.
 */
export function checkRegisteredClaims(
  claims: JsonObject,
  rules: RegisteredClaimRules,
  dialect: TokenDialect,
  nowMs: number,
): TokenTimes {
  if (rules.issuer !== undefined && claims.iss !== rules.issuer)
    refuseToken('the token is from another issuer')
  if (rules.audience !== undefined && !isFor(claims.aud, rules.audience)) {
    rules.onOtherAudience?.(claims.aud)
    refuseToken('the token is for another audience')
  }
  // If a token is bound to a key, the client must prove that it has the key (RFC 9449 section 7.1). This verifier cannot check that proof.
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
  // If the clock returns NaN, these conditions refuse every token.
  const latest = nowMs / 1000 + rules.clockToleranceSeconds
  if (issuedAt !== undefined && !(issuedAt <= latest)) refuseToken('iat is in the future')
  if (authenticatedAt !== undefined && !(authenticatedAt <= latest)) refuseToken('auth_time is in the future')
  if (!(notBefore <= latest)) refuseToken('nbf is in the future')
  return { expiresAt, issuedAt, authenticatedAt }
}

/** Returns a time claim. Tokens of Sallyport must have it; tokens of other issuers may omit it. */
function findTime(claims: JsonObject, name: string, isOurs: boolean): number | undefined {
  return claims[name] === undefined && !isOurs ? undefined : requireTime(claims, name, isOurs)
}

function requireTime(claims: JsonObject, name: string, isWhole: boolean): number {
  const value = claims[name]
  if (typeof value !== 'number' || !(value >= 0 && value <= latestTime)) refuseToken(`${name} is not a time`)
  if (isWhole && !Number.isInteger(value)) refuseToken(`${name} is not a whole number of seconds`)
  return value as number
}

/**
 * Returns whether `aud`, a string or a list of strings (RFC 7519 section 4.1.3), contains exactly this audience. If `ours` is a list, one of
 * it is enough.
 */
export function isFor(audience: unknown, ours: string | readonly string[]): boolean {
  const isOurs = (value: string) => (typeof ours === 'string' ? value === ours : ours.includes(value))
  if (typeof audience === 'string') return isOurs(audience)
  return (
    Array.isArray(audience) && audience.every((value) => typeof value === 'string') && audience.some(isOurs)
  )
}
