/**
 * Decides where a person goes after signing in: the wanted path if it is one of our own, else the fallback. The browser's
 * own parser decides (`new URL` against the configured origin), never a look at the text (attacks X01, CVE-2022-24858).
 *
 * @returns A path of the app, as for `next/link`, without `basePath`: with query and hash that starts with exactly one slash, and that every browser keeps on `appUrl`.
 */
export function ownPath(wanted: unknown, appUrl: URL, fallback: string): string {
  if (typeof wanted !== 'string' || wanted.length > 2048 || !wanted.startsWith('/')) return fallback
  // Control characters vanish, and a backslash turns into a slash, when a browser reads them.
  if (/[\p{Cc}\\\u2028\u2029]/u.test(wanted)) return fallback
  if (!URL.canParse(wanted, appUrl.origin)) return fallback
  const url = new URL(wanted, appUrl.origin)
  if (url.origin !== appUrl.origin) return fallback
  return staysHome(url.pathname) ? url.pathname + url.search + url.hash : fallback
}

/**
 * Whether a path of ours is one for whoever reads it a second time, and decodes it before. `/.//evil` normalises to `//evil`: harmless
 * here, an address elsewhere then. A path that begins with one slash, and holds neither two nor a backslash, leads nowhere else.
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
