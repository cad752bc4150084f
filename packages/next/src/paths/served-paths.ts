/** The settings of `next.config` that change the app's paths. */
export type ServedPaths = {
  /** `/app`, or nothing. */
  basePath: string
  /** Whether Next redirects `/login` to `/login/`. */
  addsSlash: boolean
}

/**
 * Returns the settings that Next writes into all bundles (proxy, pages, handlers, browser), under the names that `next/link` reads.
 * A route handler has no other way to know `basePath`, because its `request.url` lacks it.
 */
export function servedPaths(): ServedPaths {
  return {
    basePath: process.env.__NEXT_ROUTER_BASEPATH || '',
    // With `skipTrailingSlashRedirect`, Next does not redirect.
    addsSlash: Boolean(process.env.__NEXT_TRAILING_SLASH) && !process.env.__NEXT_MANUAL_TRAILING_SLASH,
  }
}

/**
 * Returns the path that a browser must request for a path of the app: `/login?a` is `/app/login/?a` with `basePath` and `trailingSlash`.
 *
 * @param path Of the app, as for `next/link`: with query and fragment, without `basePath`.
 */
export function browserPath(path: string, { basePath, addsSlash } = servedPaths()): string {
  const [pathname = ''] = path.split(/[?#]/, 1)
  // Next adds no slash to files and to paths below /.well-known.
  const slash = addsSlash && !/\/$|\.[^/]*$|^\/\.well-known\//.test(pathname) ? '/' : ''
  const own = pathname === '/' && basePath !== '' && !addsSlash ? '' : pathname
  return basePath + own + slash + path.slice(pathname.length)
}

/**
 * Returns the address of one of the app's paths for `redirect()` of next/navigation: the path itself, or with `basePath` an absolute URL.
 * Next adds `basePath` to a path in a render, but neither in a route handler nor after a form that was sent without scripts
 * (https://github.com/vercel/next.js/issues/85462). It does not change absolute URLs.
 */
export function redirectAddress(path: string, appUrl: URL): string {
  return servedPaths().basePath === '' ? path : appUrl.origin + browserPath(path)
}

/**
 * Returns the path as the app's code and the API write it: without the final slash that Next has added. With
 * `skipTrailingSlashRedirect` the slash is kept, because the app itself may have written it.
 */
export function writtenPath(pathname: string, { addsSlash } = servedPaths()): string {
  return addsSlash && pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
}

/** @throws TypeError if `basePath` in a request differs from `basePath` in the bundle: links would then leave the app. */
export function requireSameBasePath(seen: string): void {
  const { basePath } = servedPaths()
  // Also empty for a matcher with `basePath: false`, outside of the app.
  if (seen === '' || seen === basePath) return
  throw new TypeError(
    `Next serves this app below ${JSON.stringify(seen)}, but the bundle of @sallyport/next was built with basePath ${JSON.stringify(basePath)}. Build the app again; @sallyport/next must not be listed in serverExternalPackages.`,
  )
}
