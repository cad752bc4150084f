import type { ApiTarget } from '../config/api-target.ts'

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
  if (!isPlainPath(path)) {
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

/** Encoded control characters, and characters that are longer than UTF-8 allows: some decoders read a dot or a slash there. */
const refusedCodes = /%(?:[01][\da-f]|7f|c[01]|e0%[89]|f0%8)/i

/**
 * Whether no server on the way reads this path as one that leads elsewhere: however often it is decoded, whether or not `\` and an encoded
 * slash part it, and whether or not `;`, `?` or `#` ends it, no part of it is `.` or `..`.
 */
export function isPlainPath(path: string): boolean {
  const pathname = pathnameOf(path)
  if (!/^\/(?!\/)[\w.~!$&'()*+,;=:@%/|[\]-]*$/.test(pathname) || /\/\/|%(?![\da-f]{2})/i.test(pathname))
    return false
  let reading = pathname
  for (;;) {
    if (refusedCodes.test(reading)) return false
    if (reading.split(/[/\\]/).some((part) => /^\.{1,2}\s*(?:[;?#]|$)/.test(part))) return false
    const next = reading.replace(/%[\da-f]{2}/gi, (code) =>
      String.fromCharCode(Number.parseInt(code.slice(1), 16)),
    )
    if (next === reading) return true
    reading = next
  }
}

/** Whether the browser may reach this path: one of the configured ones, or below it. */
export function isForwarded({ paths }: Pick<ApiTarget, 'paths'>, path: string): boolean {
  return (
    isPlainPath(path) &&
    paths.some((allowed) => path === allowed || path.startsWith(`${allowed.replace(/\/$/, '')}/`))
  )
}

function pathnameOf(path: string): string {
  return path.split('?', 1)[0] ?? ''
}
