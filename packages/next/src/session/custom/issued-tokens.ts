import type { BackendAnswer, CustomIssuer } from '../../config/custom-issuer.ts'
import type { Tokens } from '../session-cookies.ts'
import { tokenToCookie } from '../token-in-cookie.ts'

/** Characters of a token that a cookie still holds beside its name and attributes. */
const longestToken = 3_800

/**
 * The tokens of a successful answer. `before`: the refresh token that was spent for it, which goes on where no new one came.
 *
 * @throws TypeError where the answer holds none, saying how to mend it.
 */
export function issuedTokens(
  custom: CustomIssuer,
  answer: BackendAnswer,
  before: string | null,
  nowMs: number,
): Tokens {
  const found = custom.tokens(answer)
  const accessToken = requireToken('access', found.accessToken, answer)
  // Some say `null` for "the old one goes on".
  const next = found.refreshToken ?? before
  const refreshToken = next === null ? null : requireToken('refresh', next, answer)
  return {
    accessToken,
    refreshToken: custom.refresh === undefined ? null : refreshToken,
    expiresIn: secondsOf(found.expiresIn) ?? secondsLeft(accessToken, nowMs) ?? unknownLifeSeconds,
  }
}

/** How long the cookie stays where neither the backend nor the token says when the token ends: whoever checks it decides. */
const unknownLifeSeconds = 24 * 60 * 60

/** What a token says about itself if it is a JWT. Nobody has checked that: good for what the backend has just vouched for, no more. */
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

/** A tutorial's backend may say "900" for 900; anything else that is no number says nothing. */
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
      ? `the ${kind} token takes ${length} characters, and a browser drops a cookie of more than 4,096 bytes: at most ${longestToken} fit. Leave out claims that nobody reads, or let the backend issue a reference in place of a JWT.`
      : `tokens() found no ${kind} token that can stand in a header and a cookie. The answer's body holds ${named(body)}; its cookies are ${named(cookies)}.`,
  )
}

/** What a backend's token can look like: it goes into an `Authorization` header, a cookie of ours, and maybe one of the backend's. */
export function isToken(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    // RFC 6265 section 4.1.1: nothing that ends a cookie's value, so that no browser can slip a second one in.
    /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(value) &&
    tokenToCookie(value).length <= longestToken
  )
}

/** Names alone: values may be tokens. */
function named(members: object): string {
  return Object.keys(members).join(', ') || 'nothing'
}
