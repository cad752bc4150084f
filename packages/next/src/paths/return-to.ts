/**
 * Returns the path to open after sign-in. If the wanted path is on our own origin, it is returned, else the fallback. To find its origin,
 * the path is parsed by `new URL` with the configured origin. A comparison of strings would not be safe (CVE-2022-24858).
 *
 * @returns A path of the app with query and hash, without `basePath`, as for `next/link`. It starts with exactly one slash, and every
 * browser resolves it to a URL on the origin of `appUrl`.
 */
export function ownPath(wanted: unknown, appUrl: URL, fallback: string): string {
  if (typeof wanted !== 'string' || wanted.length > 2048 || !wanted.startsWith('/')) return fallback
  // These characters are refused, because browsers remove control characters and read a backslash as a slash.
  if (/[\p{Cc}\\\u2028\u2029]/u.test(wanted)) return fallback
  if (!URL.canParse(wanted, appUrl.origin)) return fallback
  const url = new URL(wanted, appUrl.origin)
  if (url.origin !== appUrl.origin) return fallback
  return staysHome(url.pathname) ? url.pathname + url.search + url.hash : fallback
}

/**
 * Returns whether a path stays on our origin if it is decoded up to three times and parsed again. For example, `/.//evil` becomes `//evil`
 * when it is parsed. If `//evil` is parsed again, `evil` is the host. A path stays on the origin if it begins with one slash and has
 * neither `//` nor a backslash.
 */
function staysHome(pathname: string): boolean {
  let decoded = pathname
  for (let round = 0; round < 3; round++) {
    try {
      decoded = decodeURIComponent(decoded)
    } catch {
      return false
    }
    if (/[\p{Cc}\\]/u.test(decoded) || decoded.includes('//')) return false
  }
  return true
}
