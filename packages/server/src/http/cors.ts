import { isAllowedOrigin } from '@sallyport/protocol/allowed-origins'
import type { Config } from '../config/config.ts'

/** How long a browser may cache a permission, in seconds. */
const preflightSeconds = 600

/** Permits a listed origin. Never sends `*`, and never repeats an origin that is not listed. */
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

/** Answers `OPTIONS`. A foreign origin gets the same status and no permission. */
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
