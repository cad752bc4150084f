import { clearedDuplicateCookies } from '@sallyport/protocol'
import { type AuthRequest, readHeader } from './credential.ts'

/**
 * Returns `Set-Cookie` lines that clear duplicate token cookies of a request, on every path where the browser may have one. If several
 * hosts share a domain, another host can set such a cookie on a path of the API. The pages and the auth server do not receive that cookie,
 * so only the API can clear it. The refresh cookie is not cleared, so the next page can get a new access token.
 */
export function clearedDuplicatesOf(request: AuthRequest, names: readonly string[]): string[] {
  const header = readHeader(request, 'cookie', '; ')
  // The `Host` header is not trusted. But a client that forges it can clear only its own cookies.
  const [, hostname = ''] = /^([\w.-]+)(?::\d+)?$/.exec(readHeader(request, 'host', ',') ?? '') ?? []
  const { originalUrl, url = '/' } = request
  const address = originalUrl ?? url
  if (header === undefined || hostname === '' || !URL.canParse(address, 'http://localhost')) return []
  const { pathname } = new URL(address, 'http://localhost')
  const clear = (secure: boolean, some: readonly string[]) =>
    clearedDuplicateCookies(header, some, { hostname, pathname, secure, domain: null })
  const isSecure = (name: string) => name.startsWith('__')
  return [
    ...clear(true, names.filter(isSecure)),
    ...clear(
      false,
      names.filter((name) => !isSecure(name)),
    ),
  ]
}
