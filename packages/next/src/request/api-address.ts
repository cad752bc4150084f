import type { ApiTarget } from '../config/api-target.ts'
import { isPlainPath } from '../paths/plain-path.ts'

/**
 * Returns the URL of a path at the API. `path` may have a query.
 *
 * @throws TypeError if there is no API, or if it is not certain that the path is below the API's configured URL.
 */
export function apiAddress(api: Pick<ApiTarget, 'url'> | null, path: string): URL {
  if (api === null)
    throw new TypeError(
      'There is no API to call. Set `api` or API_URL, such as API_URL=http://localhost:4100.',
    )
  if (!isPlainPath(pathnameOf(path))) {
    throw new TypeError(
      'An API path must start with one slash and must not contain `.` or `..` as a part, `//` or a backslash. Encode each part.',
    )
  }
  const base = api.url.pathname.replace(/\/$/, '')
  const url = new URL(base + path, api.url.origin)
  // If the URL parser has changed the path, another path than the checked one would be requested. So such a path is refused.
  if (url.origin !== api.url.origin || url.pathname !== base + pathnameOf(path))
    throw new TypeError('The URL of this path is not below the URL of the API.')
  return url
}

/** Returns whether the browser may request this path: it is one of the configured paths, or below one of them. */
export function isForwarded({ paths }: Pick<ApiTarget, 'paths'>, path: string): boolean {
  return (
    isPlainPath(pathnameOf(path)) &&
    paths.some((allowed) => path === allowed || path.startsWith(`${allowed.replace(/\/$/, '')}/`))
  )
}

function pathnameOf(path: string): string {
  return path.split('?', 1)[0] ?? ''
}
