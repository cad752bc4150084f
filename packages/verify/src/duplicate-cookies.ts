import { clearedDuplicateCookies } from '@sallyport/protocol'
import { type AuthRequest, readHeader } from './credential.ts'

/**
 * `Set-Cookie` lines that clear token cookies of which a request carries two, wherever the browser may keep them. Below a shared domain a
 * sibling host can set one on a path of the API, where neither pages nor auth server ever see it. The refresh cookie stays: the next page
 * brings a new token.
 */
export function clearedDuplicatesOf(request: AuthRequest, names: readonly string[]): string[] {
  const header = readHeader(request, 'cookie', '; ')
  // The browser's own view of where it is. It can only clear cookies of the browser that sent it.
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
