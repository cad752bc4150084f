import type { Config } from '../config/config.ts'

/** Sets the security headers of every response. The policies forbid pages, scripts and frames, because this server sends only data. */
export function setSecurityHeaders(headers: Headers, { issuer, cookieDomain }: Config): void {
  headers.set('x-content-type-options', 'nosniff')
  headers.set('referrer-policy', 'no-referrer')
  // The API reference is the only exception. It is a page, and its handler has set a policy already.
  if (!headers.has('content-security-policy'))
    headers.set('content-security-policy', "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
  headers.set('cross-origin-resource-policy', cookieDomain ? 'same-site' : 'same-origin')
  if (issuer.startsWith('https:'))
    headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains')
}
