import type { Config } from '../config/config.ts'
import type { IssuedTokens } from '../flows/issue-tokens.ts'
import { tokenCookies } from './cookies.ts'

/** JSON for this caller alone. */
export function privateJson(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'private, no-store' } })
}

/** JSON that is the same for everybody. Five minutes: a verifier may see a new key this much later. */
export function publicJson(body: unknown): Response {
  return Response.json(body, { headers: { 'cache-control': 'public, max-age=300' } })
}

/** In the body for whoever came with none of our cookies and asked for that; else by cookie only (DESIGN section 2). */
export function withTokens(
  body: object,
  tokens: IssuedTokens,
  { asCookies, config }: { asCookies: boolean; config: Config },
): Response {
  const { accessToken, refreshToken, expiresIn } = tokens
  if (!asCookies) return privateJson({ ...body, accessToken, refreshToken, expiresIn })
  const response = privateJson({ ...body, expiresIn })
  for (const cookie of tokenCookies(tokens, config)) response.headers.append('set-cookie', cookie)
  return response
}
