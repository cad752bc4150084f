import { encodedPath, readPath } from './match-path.ts'
import { browserPath, servedPaths } from './served-paths.ts'

/** The path of the sign-in page, or a function that returns this path. The function gets the path of the page that requires a session. */
export type LoginPath = string | ((pathname: string) => string)

/** The configured paths of the sign-in page and the confirm page, and the app that has them. */
export type LoginPlace = {
  loginPath: LoginPath
  /** The page on which a signed-in user confirms the password. */
  confirmPath: LoginPath
  /** The `basePath` of the app that has the sign-in page. Null: this app has it. */
  loginBasePath: string | null
}

/** Returns whether this is the path of the sign-in page. The sign-in page is public. */
export function isLoginPath(place: LoginPlace, pathname: string): boolean {
  return isPageOf(place, place.loginPath, pathname)
}

/** Returns whether this is the path of the confirm page. It must open for users whose authentication is not recent. */
export function isConfirmPath(place: LoginPlace, pathname: string): boolean {
  return isPageOf(place, place.confirmPath, pathname)
}

/** Returns the address of the confirm page. The arguments are those of {@link loginAddress}. */
export function confirmAddress(place: LoginPlace, pathname: string | null, wanted: string | null): string {
  return loginAddress({ ...place, loginPath: place.confirmPath }, pathname, wanted)
}

function isPageOf({ loginBasePath }: LoginPlace, loginPath: LoginPath, pathname: string): boolean {
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
  // The sign-in page is in another app, which does not add our `basePath`. So the path of our page must begin with our `basePath`.
  const back = wanted === null ? null : browserPath(wanted)
  return place.loginBasePath + withReturnTo(path, back)
}

/**
 * Returns the same address as {@link loginAddress}, but for `redirect()` of next/navigation. If there is a `basePath`, the address is an
 * absolute URL, because Next adds `basePath` to some paths and not to others.
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
      `\`${option}\` is ${JSON.stringify(path)}, which is not a valid path. Start it with one slash, and leave out \`..\`, \`//\` and a query.`,
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
      `\`loginPath\` returns ${JSON.stringify(path)} for a page, but ${JSON.stringify(again)} for the path ${JSON.stringify(path)}. The redirects would never end. For the path of a sign-in page, it must return that same path.`,
    )
  return path
}

function withReturnTo(loginPath: string, path: string | null): string {
  return path === null ? loginPath : `${loginPath}?returnTo=${encodeURIComponent(path)}`
}
