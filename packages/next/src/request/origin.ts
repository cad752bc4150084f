import type { Config } from '../config/config.ts'
import { configAt } from './config-at.ts'

/** Methods that never change anything here. */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

export function isSafeMethod(method: string): boolean {
  return safeMethods.has(method)
}

/** By which many frameworks let a POST, and some any request, stand for another method. */
const methodOverrides = new Set(['x-http-method-override', 'x-http-method', 'x-method-override'])

/** Whether a request asks for nothing to be changed, however an API reads its method. */
export function changesNothing({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean {
  // CGI and WSGI read an underscore as a hyphen.
  return (
    isSafeMethod(method) &&
    ![...headers.keys()].some((name) => methodOverrides.has(name.replaceAll('_', '-')))
  )
}

/**
 * Whether a request that would change something comes from our own pages: `Origin` is exactly ours (missing, `null` and
 * foreign are refused) and `Sec-Fetch-Site`, where the browser sends it, says same-origin. SameSite alone is not enough
 * where a sibling subdomain counts as the same site (BFF-05, C06). With several origins it is the one that the request came to.
 */
export function isOwnOrigin(headers: Headers, config: Config): boolean {
  if (headers.get('origin') !== configAt(config, headers)?.appUrl.origin) return false
  const site = headers.get('sec-fetch-site')
  return site === null || site === 'same-origin'
}

/**
 * Whether a page of another origin sent this request. For code that does not know the method: Next's `headers()` does not tell it.
 * What browsers send (https://fetch.spec.whatwg.org/#append-a-request-origin-header, https://www.w3.org/TR/fetch-metadata/):
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

/** A request with a body changes something, whatever its method. */
function hasBody(headers: Headers): boolean {
  return (
    headers.has('content-type') ||
    headers.has('transfer-encoding') ||
    Number(headers.get('content-length') ?? 0) !== 0
  )
}
