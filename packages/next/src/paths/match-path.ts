import { isPlainPath } from './plain-path.ts'

/** A pattern, taken apart once. */
type Pattern = { path: string; isBelow: boolean }

const patterns = new Map<string, Pattern>()

/**
 * Whether a path is the one that the pattern names: exactly, or for `/docs/*` everything below `/docs` but not `/docs` itself. A final slash
 * and the way of encoding make no difference: `/über-uns` matches `/%C3%BCber-uns/`. Upper and lower case do, as in Next's own routes.
 *
 * A path that servers may read in several ways ({@link readPath}) matches no pattern.
 *
 * @param pathname As in an address: percent-encoded, without `basePath` and query.
 */
export function matchesPath(pattern: string, pathname: string): boolean {
  const path = readPath(pathname)
  return path !== null && matchesReading(pattern, path)
}

/**
 * The same for a path that {@link readPath} has read: of a long one that is the costly part, and a request asks about many patterns. A pattern
 * is remembered for good, so it comes from the settings and never from a request.
 */
export function matchesReading(pattern: string, path: string): boolean {
  const known = patterns.get(pattern) ?? parsePattern(pattern)
  patterns.set(pattern, known)
  const { path: base, isBelow } = known
  if (!isBelow) return path === base
  return base === '/' || path.startsWith(`${base}/`)
}

/**
 * The one form of a path that patterns are compared in: each part encoded in the same way, no final slash. Null for a path that is no such
 * thing (`//`, dot segments, encoded or not, broken encoding), and for one with a part as Next names the folders of intercepting routes, such
 * as `(..)admin`: at that address Next has the page of another path. Whoever reads null must refuse, and not take it for an unknown page.
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

/** @throws TypeError for what is no list of patterns, and for a pattern that could not match what it says. */
export function requirePathPatterns(option: string, list: unknown): void {
  if (!Array.isArray(list))
    throw new TypeError(
      `\`${option}\` must be a list of paths, such as ['/', '/docs/*'], not ${JSON.stringify(list)}.`,
    )
  for (const pattern of list) requirePathPattern(option, pattern)
}

/** @throws TypeError naming the option, the pattern and what a pattern looks like. */
export function requirePathPattern(option: string, pattern: unknown): void {
  if (isPathPattern(pattern)) return
  throw new TypeError(
    `\`${option}\` must be a list of paths, such as '/docs', or '/docs/*' for everything below it. ${JSON.stringify(pattern)} is neither: a path starts with one slash, \`*\` stands alone at the end, and there is no query.`,
  )
}

/** Whether this is a pattern that can match what it says. */
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

/** A path as people write it, in the form of addresses. What is encoded stays so. */
export function encodedPath(path: string): string {
  return path.replace(/[^\w.~!$&'()*+,;=:@%/|[\]-]/gu, encodeURIComponent)
}
