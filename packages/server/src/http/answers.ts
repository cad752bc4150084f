import { clearedCookies } from './cookies.ts'
import type { Exchange } from './exchange.ts'
import { lightAnswer } from './light-answer.ts'

/** Returns a JSON response that no cache may store. */
export function privateJson(body: unknown, status = 200): Response {
  return jsonAnswer(body, status, 'private, no-store')
}

/**
 * Returns a JSON response that is the same for all callers. Caches may store the response for five minutes, so a verifier may get a new key
 * five minutes late.
 */
export function publicJson(body: unknown): Response {
  return jsonAnswer(body, 200, 'public, max-age=300')
}

function jsonAnswer(body: unknown, status: number, cacheControl: string): Response {
  const headers = { 'content-type': 'application/json', 'cache-control': cacheControl }
  return lightAnswer(JSON.stringify(body), { status, headers })
}

/** Returns a 204 response without a body. */
export function emptyAnswer(): Response {
  return new Response(null, { status: 204, headers: { 'cache-control': 'private, no-store' } })
}

/** If the request has any cookie of Sallyport, adds cookies that delete the browser's tokens. */
export function withClearedCookies(response: Response, { cookies, config }: Exchange): Response {
  if (cookies.carried)
    for (const cookie of clearedCookies(config)) response.headers.append('set-cookie', cookie)
  return response
}
