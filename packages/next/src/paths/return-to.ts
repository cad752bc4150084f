/**
 * Returns the path to open after sign-in: the wanted path if it is on our own origin, else the fallback. The URL parser
 * decides (`new URL` with the configured origin), never a comparison of text (CVE-2022-24858).
 *
 * @returns A path of the app, as for `next/link`, without `basePath`: with query and hash that starts with exactly one slash, and that every browser keeps on `appUrl`.
 */
export function ownPath(wanted: unknown, appUrl: URL, fallback: string): string {
  if (typeof wanted !== 'string' || wanted.length > 2048 || !wanted.startsWith('/')) return fallback
  // Browsers remove control characters and read a backslash as a slash.
  if (/[\p{Cc}\\\u2028\u2029]/u.test(wanted)) return fallback
  if (!URL.canParse(wanted, appUrl.origin)) return fallback
  const url = new URL(wanted, appUrl.origin)
  if (url.origin !== appUrl.origin) return fallback
  return staysHome(url.pathname) ? url.pathname + url.search + url.hash : fallback
}

/**
 * Returns whether a path stays on our origin if it is decoded and parsed a second time. `/.//evil` normalises to `//evil`, which is
 * another host when parsed again. A path that begins with one slash and has neither `//` nor a backslash stays on the origin.
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
