import { AuthError } from './auth-error.ts'
import { type AuthRequest, readHeader } from './credential.ts'

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Prevents cross-site request forgery if the token is in a cookie (docs/security-model.md). Pages of other origins can also cause requests
 * with our cookies. So a request that may change state must come from a page of a listed origin. The request is refused if its `Origin` is
 * missing, `null` or not listed, or if its `Sec-Fetch-Site` says that it comes from another site.
 *
 * If the method is missing, the request counts as one that may change state.
 *
 * @throws AuthError `origin_refused`.
 */
export function requireOwnOrigin(request: AuthRequest, origins: readonly string[]): void {
  // A WebSocket begins with a GET request, but can change state afterwards. Pages of other origins can open one with our cookies.
  if (safeMethods.has(request.method ?? '') && readHeader(request, 'upgrade', ', ') === undefined) return
  const origin = readHeader(request, 'origin', ', ')
  if (origin === undefined || !origins.includes(origin))
    throw new AuthError(
      'origin_refused',
      request.method === undefined
        ? 'the token is in a cookie, the request came without its method, and its Origin is not listed in `origins`'
        : 'a token in a cookie, and an Origin that is not listed in `origins`',
    )
  const site = readHeader(request, 'sec-fetch-site', ', ')
  if (site !== undefined && site !== 'same-origin' && site !== 'same-site')
    throw new AuthError('origin_refused', 'the token is in a cookie, and the request comes from another site')
}
