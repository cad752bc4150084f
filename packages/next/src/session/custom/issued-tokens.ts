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
  const { accessToken, refreshToken = before, expiresIn } = custom.tokens(answer)
  const holds = `The answer's body holds ${named(answer.body)}; its cookies are ${named(answer.cookies)}.`
  if (!isToken(accessToken))
    throw new TypeError(`tokens() found no access token that fits a cookie. ${holds}`)
  if (refreshToken !== null && !isToken(refreshToken))
    throw new TypeError(`tokens() found a refresh token that is no string or does not fit a cookie. ${holds}`)
  return {
    accessToken,
    refreshToken: custom.refresh === undefined ? null : refreshToken,
    expiresIn: secondsOf(expiresIn) ?? secondsLeft(accessToken, nowMs) ?? unknownLifeSeconds,
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
  const seconds = Math.floor(
    typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : (value as number),
  )
  return seconds > 0 && Number.isSafeInteger(seconds) ? seconds : null
}

/** What can stand in an `Authorization` header, and fits a cookie. */
function isToken(value: unknown): value is string {
  return (
    typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) && tokenToCookie(value).length <= longestToken
  )
}

/** Names alone: values may be tokens. */
function named(members: object): string {
  return Object.keys(members).join(', ') || 'nothing'
}
