import type { Config } from '../config/config.ts'

/** Headers of every answer: what is served here is data for a known caller, never a page, script or frame. */
export function setSecurityHeaders(headers: Headers, { issuer, cookieDomain }: Config): void {
  headers.set('x-content-type-options', 'nosniff')
  headers.set('referrer-policy', 'no-referrer')
  // The one page that there is brings a policy of its own.
  if (!headers.has('content-security-policy'))
    headers.set('content-security-policy', "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
  headers.set('cross-origin-resource-policy', cookieDomain ? 'same-site' : 'same-origin')
  if (issuer.startsWith('https:'))
    headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains')
}
