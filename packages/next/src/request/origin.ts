import type { Config } from '../config/config.ts'
import { configAt } from './config-at.ts'

/** Methods that change nothing. */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

export function isSafeMethod(method: string): boolean {
  return safeMethods.has(method)
}

/** Headers that override the method. Many frameworks read them with a POST, some with every request. */
const methodOverrides = new Set(['x-http-method-override', 'x-http-method', 'x-method-override'])

/** Returns whether a request changes nothing. If it has a header that overrides the method, it may change something. */
export function changesNothing({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean {
  // Underscores are replaced, because CGI and WSGI treat an underscore and a hyphen as the same.
  return (
    isSafeMethod(method) &&
    ![...headers.keys()].some((name) => methodOverrides.has(name.replaceAll('_', '-')))
  )
}

/**
 * Returns whether a request that changes something comes from our own pages. `Origin` must be exactly the origin of the app. A missing
 * `Origin`, `null` and every other value are refused. If the browser sends `Sec-Fetch-Site`, it must be `same-origin`. SameSite cookies
 * alone are not enough, because another subdomain is the same site. If the pages have several origins, `Origin` must be the one to which
 * the request was sent.
 */
export function isOwnOrigin(headers: Headers, config: Config): boolean {
  if (headers.get('origin') !== configAt(config, headers)?.appUrl.origin) return false
  const site = headers.get('sec-fetch-site')
  return site === null || site === 'same-origin'
}

/**
 * Returns whether a page of another origin sent this request. It is for code that cannot read the method, because Next's `headers()` does
 * not contain the method. Browsers behave as follows (https://fetch.spec.whatwg.org/#append-a-request-origin-header,
 * https://www.w3.org/TR/fetch-metadata/):
 * - They send `Origin` with every method except GET and HEAD, and with every CORS request to another origin. If the page hides its origin,
 *   the value is `null`. A link causes no `Origin`. So a request with another `Origin` than ours is refused.
 * - They send no `Origin` with a navigation by GET, a prefetch, an image, or a GET from a script of our own page. Then `Sec-Fetch-Site`
 *   decides. If the request does not come from our origin, only navigations and prefetches without a body are accepted, because a
 *   navigation by GET has no body.
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

/** Returns whether a request has a body. A request with a body may change something, whatever its method. */
function hasBody(headers: Headers): boolean {
  return (
    headers.has('content-type') ||
    headers.has('transfer-encoding') ||
    Number(headers.get('content-length') ?? 0) !== 0
  )
}
