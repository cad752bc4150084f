import type { BackendAnswer, CustomIssuer } from '../../config/custom-issuer.ts'
import type { Tokens } from '../session-cookies.ts'
import { tokenToCookie } from '../token-in-cookie.ts'

/** The maximum length of a token in a cookie, in characters. A cookie may have 4,096 bytes; its name and attributes need the rest. */
const longestToken = 3_800

/**
 * Returns the tokens of a successful answer. `before` is the refresh token that was exchanged. If the answer has no new refresh token,
 * `before` is used again.
 *
 * @throws TypeError if the answer has no valid tokens. The message says how to fix it.
 */
export function issuedTokens(
  custom: CustomIssuer,
  answer: BackendAnswer,
  before: string | null,
  nowMs: number,
): Tokens {
  const found = custom.tokens(answer)
  const accessToken = requireToken('access', found.accessToken, answer)
  // Some backends send `null` if the old refresh token stays valid.
  const next = found.refreshToken ?? before
  const refreshToken = next === null ? null : requireToken('refresh', next, answer)
  return {
    accessToken,
    refreshToken: custom.refresh === undefined ? null : refreshToken,
    expiresIn: secondsOf(found.expiresIn) ?? secondsLeft(accessToken, nowMs) ?? unknownLifeSeconds,
  }
}

/**
 * The lifetime of the cookie in seconds, if neither the backend nor the token has an expiry. The cookie may outlive the token, because the
 * verifier decides whether the token is valid.
 */
const unknownLifeSeconds = 24 * 60 * 60

/** Returns the claims of a JWT without verifying it. Use it only for a token that the backend has just issued. */
export function claimsWithin(token: string): Readonly<Record<string, unknown>> {
  const [, payload, signature] = token.split('.')
  if (payload === undefined || signature === undefined) return {}
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null ? { ...claims } : {}
  } catch {
    return {}
  }
}

function secondsLeft(token: string, nowMs: number): number | null {
  const { exp } = claimsWithin(token)
  return typeof exp === 'number' ? secondsOf(exp - nowMs / 1000) : null
}

/** Returns a number of seconds. A text such as "900" is accepted too. Returns null for any other value. */
function secondsOf(value: unknown): number | null {
  const isWritten = typeof value === 'string' && /^\d+$/.test(value)
  const seconds = isWritten || typeof value === 'number' ? Math.floor(Number(value)) : 0
  return seconds > 0 && Number.isSafeInteger(seconds) ? seconds : null
}

function requireToken(kind: 'access' | 'refresh', value: unknown, { body, cookies }: BackendAnswer): string {
  if (isToken(value)) return value
  const length = typeof value === 'string' ? tokenToCookie(value).length : 0
  throw new TypeError(
    length > longestToken
      ? `the ${kind} token takes ${length} characters, and a browser drops a cookie of more than 4,096 bytes: at most ${longestToken} fit. Leave out claims that nobody reads, or let the backend issue opaque tokens.`
      : `tokens() found no ${kind} token that can be sent in a header and a cookie. The answer's body has ${named(body)}; its cookies are ${named(cookies)}.`,
  )
}

/** Returns whether a value can be sent as a token: in an `Authorization` header, in our cookie and in the backend's cookie. */
export function isToken(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    // The token has no character that ends the value of a cookie (RFC 6265 section 4.1.1). Otherwise a forged token could add a second
    // cookie.
    /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(value) &&
    tokenToCookie(value).length <= longestToken
  )
}

/** Lists the names of the members, but not their values, because these may be tokens. */
function named(members: object): string {
  return Object.keys(members).join(', ') || 'nothing'
}
