/** What `next.config` says of the app's addresses. */
export type ServedPaths = {
  /** `/app`, or nothing. */
  basePath: string
  /** Whether Next redirects `/login` to `/login/`. */
  addsSlash: boolean
}

/**
 * Next writes these settings into every bundle, by the names that `next/link` reads too: in the proxy, in pages and handlers, and in the
 * browser. A route handler has no other way to know `basePath`: its `request.url` comes without.
 */
export function servedPaths(): ServedPaths {
  return {
    basePath: process.env.__NEXT_ROUTER_BASEPATH || '',
    // With `skipTrailingSlashRedirect` every address stays as it was asked for.
    addsSlash: Boolean(process.env.__NEXT_TRAILING_SLASH) && !process.env.__NEXT_MANUAL_TRAILING_SLASH,
  }
}

/**
 * The path at which a browser finds one of the app's own: `/login?a` is `/app/login/?a` with `basePath` and `trailingSlash`.
 *
 * @param path Of the app, as for `next/link`: with query and fragment, without `basePath`.
 */
export function browserPath(path: string, { basePath, addsSlash } = servedPaths()): string {
  const [pathname = ''] = path.split(/[?#]/, 1)
  // Next adds none to files and to what stands below /.well-known.
  const slash = addsSlash && !/\/$|\.[^/]*$|^\/\.well-known\//.test(pathname) ? '/' : ''
  const own = pathname === '/' && basePath !== '' && !addsSlash ? '' : pathname
  return basePath + own + slash + path.slice(pathname.length)
}

/**
 * The address of one of the app's paths for `redirect()` of next/navigation: the path itself, or with `basePath` the whole address. Next puts
 * `basePath` before a path in a render, but neither in a route handler nor after a form that was sent without scripts
 * (https://github.com/vercel/next.js/issues/85462). A whole address it leaves as it is.
 */
export function redirectAddress(path: string, appUrl: URL): string {
  return servedPaths().basePath === '' ? path : appUrl.origin + browserPath(path)
}

/**
 * The path as the app's own code and the API write it: without the final slash that Next has added. Only one that can be there by
 * the app's wish (`skipTrailingSlashRedirect`) stays.
 */
export function writtenPath(pathname: string, { addsSlash } = servedPaths()): string {
  return addsSlash && pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
}

/** @throws TypeError when Next's own word in a request is not what it wrote into the bundle: addresses would then lead out of the app. */
export function requireSameBasePath(seen: string): void {
  const { basePath } = servedPaths()
  // Empty too for a matcher with `basePath: false`, outside of the app.
  if (seen === '' || seen === basePath) return
  throw new TypeError(
    `Next serves this app below ${JSON.stringify(seen)}, but the bundle of @sallyport/next was built with basePath ${JSON.stringify(basePath)}. Build the app anew; @sallyport/next must not be listed in serverExternalPackages.`,
  )
}
