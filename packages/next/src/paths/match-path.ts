import { isPlainPath } from './plain-path.ts'

/** A parsed pattern. `isBelow`: the pattern ends in `/*` and matches everything below `path`. */
type Pattern = { path: string; isBelow: boolean }

const patterns = new Map<string, Pattern>()

/**
 * Returns whether a path matches a pattern. `/docs` matches only this path. `/docs/*` matches everything below `/docs`, but not `/docs`
 * itself. A final slash and percent-encoding make no difference: `/über-uns` matches `/%C3%BCber-uns/`. Upper and lower case are
 * different, as in Next's own routes.
 *
 * If different servers may interpret a path differently ({@link readPath}), it matches no pattern.
 *
 * @param pathname The path as in a URL: percent-encoded, without `basePath` and query.
 */
export function matchesPath(pattern: string, pathname: string): boolean {
  const path = readPath(pathname)
  return path !== null && matchesReading(pattern, path)
}

/**
 * Does the same as {@link matchesPath}, for a path that {@link readPath} has returned. Reading a long path is slow, and a request is
 * compared with many patterns, so the path is read only once. Patterns are cached without limit. So they must come from the settings and
 * never from a request.
 */
export function matchesReading(pattern: string, path: string): boolean {
  const known = patterns.get(pattern) ?? parsePattern(pattern)
  patterns.set(pattern, known)
  const { path: base, isBelow } = known
  if (!isBelow) return path === base
  return base === '/' || path.startsWith(`${base}/`)
}

/**
 * Returns the canonical form of a path, for comparison with patterns: each part is encoded in the same way, and there is no final slash.
 * Returns null if the path is ambiguous: it has `//`, a dot segment (encoded or not) or a broken encoding. Also returns null if a part
 * begins like the folder of an intercepting route, such as `(..)admin`, because for such a path Next serves the page of another path. If
 * the result is null, the caller must refuse the request, and not treat the path as an unknown page.
 */
export function readPath(pathname: string): string | null {
  if (/^(?:\/[\w-]+)+$/.test(pathname)) return pathname
  if (!isPlainPath(pathname)) return null
  const path = pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
  try {
    // The path is decoded part by part, so that an encoded slash stays encoded.
    const parts = path.split('/').map((part) => decodeURIComponent(part))
    return parts.some((part) => /^\(\.{1,3}\)/.test(part)) ? null : parts.map(encodeURIComponent).join('/')
  } catch {
    return null
  }
}

/** The endings with which Next serves the flight data of a page: the data that its router loads. */
export const flightData = /\.(?:rsc|prefetch\.rsc|segments\/.*)$/

/** @throws TypeError if the value is not a list of patterns, or if one of the patterns can never match. */
export function requirePathPatterns(option: string, list: unknown): void {
  if (!Array.isArray(list))
    throw new TypeError(
      `\`${option}\` must be a list of paths, such as ['/', '/docs/*'], not ${JSON.stringify(list)}.`,
    )
  for (const pattern of list) requirePathPattern(option, pattern)
}

/** @throws TypeError if this is not a valid pattern. The message names the option and the pattern, and explains the syntax of patterns. */
export function requirePathPattern(option: string, pattern: unknown): void {
  if (isPathPattern(pattern)) return
  throw new TypeError(
    `\`${option}\` must be a list of paths, such as '/docs', or '/docs/*' for everything below it. ${JSON.stringify(pattern)} is neither. A path must start with one slash and must not have a query. \`*\` may only be the last part.`,
  )
}

/** Returns whether this is a valid pattern. */
export function isPathPattern(pattern: unknown): boolean {
  return typeof pattern === 'string' && isOneForm(pattern)
}

function isOneForm(pattern: string): boolean {
  const { path } = partsOf(pattern)
  return !/[*?#\\]/.test(path) && readPath(encodedPath(path)) !== null
}

function parsePattern(pattern: string): Pattern {
  const { path, isBelow } = partsOf(pattern)
  return { path: readPath(encodedPath(path)) ?? pattern, isBelow }
}

function partsOf(pattern: string): Pattern {
  return pattern.endsWith('/*')
    ? { path: pattern.slice(0, -2) || '/', isBelow: true }
    : { path: pattern, isBelow: false }
}

/** Percent-encodes a path that a developer has written. Characters that are already encoded stay unchanged. */
export function encodedPath(path: string): string {
  return path.replace(/[^\w.~!$&'()*+,;=:@%/|[\]-]/gu, encodeURIComponent)
}
