import type { Configuration } from '../config/configuration.ts'

/**
 * The address of a path at the configured API.
 *
 * @throws TypeError when the path is not plainly below it: the address comes from configuration alone (N06, BFF-07).
 */
export function apiAddress({ apiUrl }: Configuration, path: string): URL {
  if (apiUrl === null)
    throw new TypeError(
      'There is no API to call. Set `api` or API_URL, such as API_URL=http://localhost:4100.',
    )
  if (!isPlainPath(path)) {
    throw new TypeError(
      'An API path starts with one slash and holds no `..`, `//`, backslash or encoded slash; encode each part.',
    )
  }
  const base = apiUrl.pathname.replace(/\/$/, '')
  const url = new URL(base + path, apiUrl.origin)
  if (url.origin !== apiUrl.origin || !url.pathname.startsWith(`${base}/`))
    throw new TypeError('The path leads away from the API.')
  return url
}

/** Whether every server on the way reads this path the same: nothing to resolve, nothing to decode twice. */
export function isPlainPath(path: string): boolean {
  const pathname = path.split('?', 1)[0] ?? ''
  return (
    /^\/[\w.~!$&'()*+,;=:@%/-]*$/.test(pathname) &&
    !/\/\/|\/\.{1,2}(?:\/|$)|;|%(?:2f|5c|2e|00|25|3b|0a|0d)/i.test(pathname) &&
    !/%(?![\da-f]{2})/i.test(pathname)
  )
}

/** Whether the browser may reach this path: one of the configured ones, or below it. */
export function isPassedOn({ apiPaths }: Configuration, path: string): boolean {
  return (
    isPlainPath(path) &&
    apiPaths.some((allowed) => path === allowed || path.startsWith(`${allowed.replace(/\/$/, '')}/`))
  )
}
