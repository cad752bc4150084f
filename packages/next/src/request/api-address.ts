import type { ApiTarget } from '../config/api-target.ts'
import { isPlainPath } from '../paths/plain-path.ts'

/**
 * The address of a path at the API. `path` may have a query.
 *
 * @throws TypeError when there is no API, and when the path is not plainly below it: the address comes from configuration alone.
 */
export function apiAddress(api: Pick<ApiTarget, 'url'> | null, path: string): URL {
  if (api === null)
    throw new TypeError(
      'There is no API to call. Set `api` or API_URL, such as API_URL=http://localhost:4100.',
    )
  if (!isPlainPath(pathnameOf(path))) {
    throw new TypeError(
      'An API path starts with one slash and holds no `.` or `..` as a part, no `//` and no backslash; encode each part.',
    )
  }
  const base = api.url.pathname.replace(/\/$/, '')
  const url = new URL(base + path, api.url.origin)
  // What was checked is what is sent, letter by letter.
  if (url.origin !== api.url.origin || url.pathname !== base + pathnameOf(path))
    throw new TypeError('The path leads away from the API.')
  return url
}

/** Whether the browser may reach this path: one of the configured ones, or below it. */
export function isForwarded({ paths }: Pick<ApiTarget, 'paths'>, path: string): boolean {
  return (
    isPlainPath(pathnameOf(path)) &&
    paths.some((allowed) => path === allowed || path.startsWith(`${allowed.replace(/\/$/, '')}/`))
  )
}

function pathnameOf(path: string): string {
  return path.split('?', 1)[0] ?? ''
}
