import { clearedDuplicateCookies } from '@sallyport/protocol'
import { type AuthRequest, readHeader } from './credential.ts'

/**
 * Returns `Set-Cookie` lines that clear duplicate token cookies of a request, on every path where the browser may have one. Below a shared
 * domain, a sibling host can set one on a path of the API, where neither pages nor auth server see it. The refresh cookie stays, so the next
 * page gets a new token.
 */
export function clearedDuplicatesOf(request: AuthRequest, names: readonly string[]): string[] {
  const header = readHeader(request, 'cookie', '; ')
  // The host as sent by the browser. It can only clear cookies of that browser.
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
