import { encodedPath, readPath } from './match-path.ts'
import { browserPath, servedPaths } from './served-paths.ts'

/**
 * The path of the sign-in page, or a function that gets the path of the page that requires a session and returns the sign-in page's path.
 */
export type LoginPath = string | ((pathname: string) => string)

/** The configured path of the sign-in page, and the app that has it. */
export type LoginPlace = {
  loginPath: LoginPath
  /** The `basePath` of the app that has the sign-in page. Null: this app has it. */
  loginBasePath: string | null
}

/** Returns whether this is the path of the sign-in page. The sign-in page is public. */
export function isLoginPath({ loginPath, loginBasePath }: LoginPlace, pathname: string): boolean {
  if (loginBasePath !== null && loginBasePath !== servedPaths().basePath) return false
  const path = readPath(pathname)
  return path !== null && readPath(loginPathAt(loginPath, path)) === path
}

/**
 * Returns the address of the sign-in page, as a path on the app's origin that the browser can request.
 *
 * @param pathname The path of the page that requires a session. Null if it is unknown.
 * @param wanted The page to open after sign-in, as a path of this app. Null for none.
 */
export function loginAddress(place: LoginPlace, pathname: string | null, wanted: string | null): string {
  const path = loginPathAt(place.loginPath, pathname ?? '/')
  const own = servedPaths()
  if (place.loginBasePath === null || place.loginBasePath === own.basePath)
    return browserPath(withReturnTo(path, wanted))
  // If another app has the sign-in page, it does not know our `basePath`. So the path of our page must begin with it.
  const back = wanted === null ? null : browserPath(wanted)
  return place.loginBasePath + withReturnTo(path, back)
}

/**
 * Returns the same address for `redirect()` of next/navigation. If there is a `basePath`, it is an absolute URL, because Next adds
 * `basePath` to some paths and not to others.
 */
export function loginRedirect(
  place: LoginPlace & { appUrl: URL },
  pathname: string | null,
  wanted: string | null,
): string {
  const address = loginAddress(place, pathname, wanted)
  return servedPaths().basePath === '' ? address : place.appUrl.origin + address
}

/** @throws TypeError if the value is not the path of a page. */
export function checkedPagePath(option: string, path: unknown): string {
  const encoded = typeof path === 'string' && !/[*?#\\]/.test(path) ? encodedPath(path) : ''
  if (readPath(encoded) === null)
    throw new TypeError(
      `\`${option}\` is ${JSON.stringify(path)}, which is not a plain path: start with one slash, without query, \`..\` and \`//\`.`,
    )
  return encoded
}

/**
 * Returns the checked `basePath`. For undefined it returns null, which means the `basePath` of this app.
 *
 * @throws TypeError if the value is not a `basePath`.
 */
export function checkedLoginBasePath(path: unknown): string | null {
  if (path === undefined) return null
  if (path === '') return ''
  const checked = checkedPagePath('loginBasePath', path)
  if (checked.endsWith('/'))
    throw new TypeError(
      "`loginBasePath` ends with a slash. Write it as in next.config, such as '/account', or '' for an app without basePath.",
    )
  return checked
}

function loginPathAt(loginPath: LoginPath, pathname: string): string {
  if (typeof loginPath === 'string') return loginPath
  // If no route can match the path, the sign-in page for `/` is used.
  const path = checkedPagePath('loginPath', loginPath(readPath(pathname) ?? '/'))
  const again = loginPath(readPath(path) ?? '/')
  if (readPath(checkedPagePath('loginPath', again)) !== readPath(path))
    throw new TypeError(
      `\`loginPath\` gives ${JSON.stringify(path)} for a page, and ${JSON.stringify(again)} for that sign-in page itself: the redirects would never end. It must give a sign-in page its own path.`,
    )
  return path
}

function withReturnTo(loginPath: string, path: string | null): string {
  return path === null ? loginPath : `${loginPath}?returnTo=${encodeURIComponent(path)}`
}
