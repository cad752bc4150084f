/** The settings of `next.config` that change the app's paths. */
export type ServedPaths = {
  /** The `basePath`, such as `/app`. Empty if the app has none. */
  basePath: string
  /** Whether Next redirects `/login` to `/login/`. */
  addsSlash: boolean
}

/**
 * Returns the settings from the variables that `next/link` reads too. Next replaces these variables by their values in all bundles: proxy,
 * pages, handlers and browser. A route handler has no other way to find out `basePath`, because its `request.url` does not contain it.
 */
export function servedPaths(): ServedPaths {
  return {
    basePath: process.env.__NEXT_ROUTER_BASEPATH || '',
    // With `skipTrailingSlashRedirect`, Next does not redirect.
    addsSlash: Boolean(process.env.__NEXT_TRAILING_SLASH) && !process.env.__NEXT_MANUAL_TRAILING_SLASH,
  }
}

/**
 * Returns the path that a browser must request for a path of the app. For example, with a `basePath` of `/app` and with `trailingSlash`,
 * `/login?a` becomes `/app/login/?a`.
 *
 * @param path A path of the app without `basePath`, as for `next/link`. It may have a query and a fragment.
 */
export function browserPath(path: string, { basePath, addsSlash } = servedPaths()): string {
  const [pathname = ''] = path.split(/[?#]/, 1)
  // Next adds no slash to files and to paths below /.well-known.
  const slash = addsSlash && !/\/$|\.[^/]*$|^\/\.well-known\//.test(pathname) ? '/' : ''
  const own = pathname === '/' && basePath !== '' && !addsSlash ? '' : pathname
  return basePath + own + slash + path.slice(pathname.length)
}

/**
 * Returns the address of one of the app's paths, for `redirect()` of next/navigation. If the app has a `basePath`, the result is an
 * absolute URL, else the path itself. In a render, Next adds `basePath` to a path. In a route handler, and after a form that was sent
 * without scripts, Next does not add it (https://github.com/vercel/next.js/issues/85462). Next never changes absolute URLs.
 */
export function redirectAddress(path: string, appUrl: URL): string {
  return servedPaths().basePath === '' ? path : appUrl.origin + browserPath(path)
}

/**
 * Returns the path without the final slash that Next has added, because the app's code and the API do not use that slash. With
 * `skipTrailingSlashRedirect` Next adds no slash. Then a final slash comes from the app and is not removed.
 */
export function writtenPath(pathname: string, { addsSlash } = servedPaths()): string {
  return addsSlash && pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
}

/** @throws TypeError if the `basePath` of a request is not the `basePath` in the bundle. Our redirects would then lead out of the app. */
export function requireSameBasePath(seen: string): void {
  const { basePath } = servedPaths()
  // If a matcher has `basePath: false` and the request is outside of the app, the `basePath` of the request is empty too.
  if (seen === '' || seen === basePath) return
  throw new TypeError(
    `Next serves this app below ${JSON.stringify(seen)}, but the bundle of @sallyport/next was built with basePath ${JSON.stringify(basePath)}. Remove @sallyport/next from serverExternalPackages if it is listed there, and build the app again.`,
  )
}
