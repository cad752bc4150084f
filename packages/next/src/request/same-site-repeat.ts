import { createHash } from 'node:crypto'

/** A cookie that lives for one hop, so that a repeat can never be repeated. It is no secret and proves nothing. */
export const repeatMarker = 'sallyport-repeat'
const markerSeconds = 10

/**
 * Strict cookies stay behind on the first hop from another site. Whether this is such a hop: a document navigation that
 * another site started, and that has not just been repeated.
 */
export function isFirstHop(request: { method: string; headers: Headers; marked: boolean }): boolean {
  const { method, headers, marked } = request
  if (method !== 'GET' || marked) return false
  const site = headers.get('sec-fetch-site')
  return (
    (site === 'cross-site' || site === 'same-site') &&
    headers.get('sec-fetch-mode') === 'navigate' &&
    headers.get('sec-fetch-dest') === 'document'
  )
}

const script = 'location.replace(location.href)'
const scriptHash = createHash('sha256').update(script).digest('base64')

/** A page of a few bytes that asks for the same address again, now from our own origin, so that the cookies come along. */
export function sameSiteRepeat(secure: boolean): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="robots" content="noindex"><meta http-equiv="refresh" content="1"><title>One moment</title><script>${script}</script></html>`
  return new Response(html, {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-store',
      'content-security-policy': `default-src 'none'; script-src 'sha256-${scriptHash}'; frame-ancestors 'none'; base-uri 'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'set-cookie': `${repeatMarker}=1; Path=/; Max-Age=${markerSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
    },
  })
}
