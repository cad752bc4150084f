import { isAllowedOrigin } from '@sallyport/protocol/allowed-origins'
import type { Config } from '../config/config.ts'

/** Seconds for which a browser may cache the response to a preflight request. */
const preflightSeconds = 600

/**
 * If the origin is in the settings, adds the headers that allow it. Never sends `*`, and never returns an origin that is not in the
 * settings.
 */
export function allowOrigin(headers: Headers, origin: string | null, { origins }: Config): void {
  headers.append('vary', 'Origin')
  if (origin === null || !isAllowedOrigin(origins, origin)) return
  headers.set('access-control-allow-origin', origin)
  headers.set('access-control-allow-credentials', 'true')
  headers.set(
    'access-control-expose-headers',
    'WWW-Authenticate, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id',
  )
}

/**
 * Answers an `OPTIONS` request. If the origin is not allowed, the status is the same, but the headers that allow the request are missing.
 */
export function preflight(request: Request, { origins }: Config, methods: string[]): Response {
  const headers = new Headers({ allow: methods.join(', '), 'cache-control': 'private, no-store' })
  const origin = request.headers.get('origin')
  if (origin !== null && isAllowedOrigin(origins, origin)) {
    headers.set('access-control-allow-methods', methods.filter((method) => method !== 'OPTIONS').join(', '))
    headers.set('access-control-allow-headers', 'content-type, authorization')
    headers.set('access-control-max-age', String(preflightSeconds))
  }
  return new Response(null, { status: 204, headers })
}
