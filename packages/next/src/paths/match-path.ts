import { isPlainPath } from './plain-path.ts'

/** A parsed pattern. */
type Pattern = { path: string; isBelow: boolean }

const patterns = new Map<string, Pattern>()

/**
 * Returns whether a path matches a pattern: exactly, or for `/docs/*` everything below `/docs` but not `/docs` itself. A final slash
 * and percent-encoding are ignored: `/über-uns` matches `/%C3%BCber-uns/`. Upper and lower case differ, as in Next's own routes.
 *
 * A path that servers may interpret differently ({@link readPath}) matches no pattern.
 *
 * @param pathname As in an address: percent-encoded, without `basePath` and query.
 */
export function matchesPath(pattern: string, pathname: string): boolean {
  const path = readPath(pathname)
  return path !== null && matchesReading(pattern, path)
}

/**
 * Like {@link matchesPath}, for a path that {@link readPath} has returned: reading a long path is slow, and a request is compared with many
 * patterns. Patterns are cached forever, so they must come from the settings and never from a request.
 */
export function matchesReading(pattern: string, path: string): boolean {
  const known = patterns.get(pattern) ?? parsePattern(pattern)
  patterns.set(pattern, known)
  const { path: base, isBelow } = known
  if (!isBelow) return path === base
  return base === '/' || path.startsWith(`${base}/`)
}

/**
 * Returns the canonical form of a path for comparison with patterns: each part encoded in the same way, no final slash. Returns null for an
 * ambiguous path (`//`, dot segments, encoded or not, broken encoding), and for a part that is named like a folder of an intercepting route,
 * such as `(..)admin`: there Next serves the page of another path. The caller must refuse null, and not treat it as an unknown page.
 */
export function readPath(pathname: string): string | null {
  if (/^(?:\/[\w-]+)+$/.test(pathname)) return pathname
  if (!isPlainPath(pathname)) return null
  const path = pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
  try {
    // Part by part, so that an encoded slash stays one.
    const parts = path.split('/').map((part) => decodeURIComponent(part))
    return parts.some((part) => /^\(\.{1,3}\)/.test(part)) ? null : parts.map(encodeURIComponent).join('/')
  } catch {
    return null
  }
}

/** @throws TypeError if the value is not a list of patterns, or one of them can never match. */
export function requirePathPatterns(option: string, list: unknown): void {
  if (!Array.isArray(list))
    throw new TypeError(
      `\`${option}\` must be a list of paths, such as ['/', '/docs/*'], not ${JSON.stringify(list)}.`,
    )
  for (const pattern of list) requirePathPattern(option, pattern)
}

/** @throws TypeError naming the option, the pattern and the syntax of patterns. */
export function requirePathPattern(option: string, pattern: unknown): void {
  if (isPathPattern(pattern)) return
  throw new TypeError(
    `\`${option}\` must be a list of paths, such as '/docs', or '/docs/*' for everything below it. ${JSON.stringify(pattern)} is neither: a path starts with one slash, \`*\` stands alone at the end, and there is no query.`,
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

/** Percent-encodes a path as written by hand. Encoded parts are kept. */
export function encodedPath(path: string): string {
  return path.replace(/[^\w.~!$&'()*+,;=:@%/|[\]-]/gu, encodeURIComponent)
}
