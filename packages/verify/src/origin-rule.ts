import { AuthError } from './auth-error.ts'
import { type AuthRequest, readHeader } from './credential.ts'

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * The rule against cross-site request forgery for tokens from cookies (docs/security-model.md): a browser sends a cookie with
 * whatever page asks, so a request that may change state has to come from a page of one of our origins. A missing
 * `Origin`, `null`, a foreign one, or a `Sec-Fetch-Site` from elsewhere is refused.
 *
 * A request without a method counts as one that may change state.
 *
 * @throws AuthError `origin_refused`.
 */
export function requireOwnOrigin(request: AuthRequest, origins: readonly string[]): void {
  // A WebSocket begins with a GET and then does anything: pages of other origins may open one with our cookies.
  if (safeMethods.has(request.method ?? '') && readHeader(request, 'upgrade', ', ') === undefined) return
  const origin = readHeader(request, 'origin', ', ')
  if (origin === undefined || !origins.includes(origin))
    throw new AuthError(
      'origin_refused',
      request.method === undefined
        ? 'a token in a cookie, a request without its method, and an Origin that is not listed in `origins`'
        : 'a token in a cookie, and an Origin that is not listed in `origins`',
    )
  const site = readHeader(request, 'sec-fetch-site', ', ')
  if (site !== undefined && site !== 'same-origin' && site !== 'same-site')
    throw new AuthError('origin_refused', 'a token in a cookie, from another site')
}
