import { encodedPath, readPath } from './match-path.ts'
import { browserPath, servedPaths } from './served-paths.ts'

/** Where the sign-in page is: a path, or what makes one of the path of the page that asks for a session. */
export type LoginPath = string | ((pathname: string) => string)

/** What is configured of the sign-in page. */
export type LoginPlace = {
  loginPath: LoginPath
  /** The `basePath` of the app that has the page; null for this app. */
  loginBasePath: string | null
}

/** Whether a path is that of the sign-in page, which anybody may see. */
export function isLoginPath({ loginPath, loginBasePath }: LoginPlace, pathname: string): boolean {
  if (loginBasePath !== null && loginBasePath !== servedPaths().basePath) return false
  const path = readPath(pathname)
  return path !== null && readPath(loginPathAt(loginPath, path)) === path
}

/**
 * The address of the sign-in page for a browser, on the app's origin.
 *
 * @param pathname The page that asks for a session; null where nobody knows.
 * @param wanted Where to go afterwards, as a path of this app; null for nowhere.
 */
export function loginAddress(place: LoginPlace, pathname: string | null, wanted: string | null): string {
  const path = loginPathAt(place.loginPath, pathname ?? '/')
  const own = servedPaths()
  if (place.loginBasePath === null || place.loginBasePath === own.basePath)
    return browserPath(withReturnTo(path, wanted))
  // The page is another app's: for it, a path of ours begins with our `basePath`.
  const back = wanted === null ? null : browserPath(wanted)
  return place.loginBasePath + withReturnTo(path, back)
}

/** The same for `redirect()` of next/navigation: a whole address wherever Next might put `basePath` before a path, or forget it. */
export function loginRedirect(
  place: LoginPlace & { appUrl: URL },
  pathname: string | null,
  wanted: string | null,
): string {
  const address = loginAddress(place, pathname, wanted)
  return servedPaths().basePath === '' ? address : place.appUrl.origin + address
}

/** @throws TypeError for what is no path of a page. */
export function checkedPagePath(option: string, path: unknown): string {
  const encoded = typeof path === 'string' && !/[*?#\\]/.test(path) ? encodedPath(path) : ''
  if (readPath(encoded) === null)
    throw new TypeError(
      `\`${option}\` is ${JSON.stringify(path)}, which is not a plain path: start with one slash, without query, \`..\` and \`//\`.`,
    )
  return encoded
}

/** @throws TypeError for what is no `basePath`; undefined is null: this app's own. */
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
  // What no route reads is nobody's page.
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
