import type { Config } from '../config/config.ts'
import { configAt } from './config-at.ts'

/** Methods that change nothing. */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

export function isSafeMethod(method: string): boolean {
  return safeMethods.has(method)
}

/** Headers with which many frameworks let a POST, and some any request, override the method. */
const methodOverrides = new Set(['x-http-method-override', 'x-http-method', 'x-method-override'])

/** Returns whether a request changes nothing, also if the API reads method overrides. */
export function changesNothing({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean {
  // CGI and WSGI read an underscore as a hyphen.
  return (
    isSafeMethod(method) &&
    ![...headers.keys()].some((name) => methodOverrides.has(name.replaceAll('_', '-')))
  )
}

/**
 * Returns whether a request that changes something comes from our own pages: `Origin` is exactly ours (missing, `null` and
 * foreign values are refused) and `Sec-Fetch-Site`, if the browser sends it, is same-origin. SameSite alone is not enough,
 * because a sibling subdomain is the same site. With several origins, ours is the one that the request came to.
 */
export function isOwnOrigin(headers: Headers, config: Config): boolean {
  if (headers.get('origin') !== configAt(config, headers)?.appUrl.origin) return false
  const site = headers.get('sec-fetch-site')
  return site === null || site === 'same-origin'
}

/**
 * Returns whether a page of another origin sent this request. For code that does not know the method, which Next's `headers()` lacks.
 * Browsers send (https://fetch.spec.whatwg.org/#append-a-request-origin-header, https://www.w3.org/TR/fetch-metadata/):
 * - `Origin` with every method but GET and HEAD, and with every CORS request to another origin. `null` where the page hides it. So an
 *   `Origin` that is not ours is never a link that somebody followed.
 * - No `Origin` with a navigation by GET, a prefetch, an image, or a GET of our own page's script. Then `Sec-Fetch-Site` decides: from
 *   elsewhere only navigations and prefetches are answered, and only without a body. A navigation by GET has none.
 */
export function isForeign(headers: Headers, config: Config): boolean {
  if (headers.has('origin')) return !isOwnOrigin(headers, config)
  if (configAt(config, headers) === null) return true
  const site = headers.get('sec-fetch-site')
  if (site === 'same-origin') return false
  if (hasBody(headers)) return true
  if (site === null || site === 'none') return false
  return headers.get('sec-fetch-mode') !== 'navigate' && !headers.get('sec-purpose')?.startsWith('prefetch')
}

/** Returns whether a request has a body, which counts as a change with any method. */
function hasBody(headers: Headers): boolean {
  return (
    headers.has('content-type') ||
    headers.has('transfer-encoding') ||
    Number(headers.get('content-length') ?? 0) !== 0
  )
}
