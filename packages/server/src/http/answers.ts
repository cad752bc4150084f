import { headers as headerNames } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { IssuedTokens } from '../flows/session/issue-tokens.ts'
import { isFrontend } from './client-address.ts'
import { deviceCookie, tokenCookies } from './cookies.ts'
import { lightAnswer } from './light-answer.ts'

/** JSON for this caller alone. */
export function privateJson(body: unknown, status = 200): Response {
  return jsonAnswer(body, status, 'private, no-store')
}

/** JSON that is the same for everybody. Five minutes: a verifier may see a new key this much later. */
export function publicJson(body: unknown): Response {
  return jsonAnswer(body, 200, 'public, max-age=300')
}

function jsonAnswer(body: unknown, status: number, cacheControl: string): Response {
  const headers = { 'content-type': 'application/json', 'cache-control': cacheControl }
  return lightAnswer(JSON.stringify(body), { status, headers })
}

/** In the body for whoever came with none of our cookies and asked for that; else by cookie only. */
export function withTokens(
  body: object,
  tokens: IssuedTokens,
  { asCookies, headers, config }: { asCookies: boolean; headers: Headers; config: Config },
): Response {
  const { accessToken, refreshToken, expiresIn, device } = tokens
  const response = asCookies
    ? privateJson({ ...body, expiresIn })
    : privateJson({ ...body, accessToken, refreshToken, expiresIn })
  if (asCookies)
    for (const cookie of tokenCookies(tokens, config)) response.headers.append('set-cookie', cookie)
  if (device === undefined) return response
  // No script is to see what stands in a cookie: a header only for whoever has no cookies of ours.
  if (isFrontend(headers, config) || !asCookies) response.headers.set(headerNames.device, device)
  else response.headers.append('set-cookie', deviceCookie(device, config))
  return response
}
