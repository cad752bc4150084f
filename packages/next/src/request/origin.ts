import type { Configuration } from '../config/configuration.ts'

/** Methods that never change anything here. */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

export function isSafeMethod(method: string): boolean {
  return safeMethods.has(method)
}

/** By which many frameworks let a POST, and some any request, stand for another method. */
const methodOverrides = ['x-http-method-override', 'x-http-method', 'x-method-override']

/** Whether a request asks for nothing to be changed, however an API reads its method. */
export function changesNothing({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean {
  return isSafeMethod(method) && !methodOverrides.some((name) => headers.has(name))
}

/**
 * Whether a request that would change something comes from our own pages: `Origin` is exactly ours (missing, `null` and
 * foreign are refused) and `Sec-Fetch-Site`, where the browser sends it, says same-origin. SameSite alone is not enough
 * where a sibling subdomain counts as the same site (BFF-05, C06).
 */
export function isOwnOrigin(headers: Headers, { appUrl }: Configuration): boolean {
  if (headers.get('origin') !== appUrl.origin) return false
  const site = headers.get('sec-fetch-site')
  return site === null || site === 'same-origin'
}
