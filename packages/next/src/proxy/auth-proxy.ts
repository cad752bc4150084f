import { problemResponse } from '@sallyport/protocol'
import { type NextRequest, NextResponse } from 'next/server.js'
import {
  type AuthOptions,
  authOptionNames,
  type Configuration,
  lazyConfiguration,
} from '../config/configuration.ts'
import { requireKnownOptions } from '../config/known-options.ts'
import { isLoginPath, loginAddress } from '../paths/login-address.ts'
import { matchesPath, requirePathPatterns } from '../paths/match-path.ts'
import { ownPath } from '../paths/return-to.ts'
import { browserPath, requireSameBasePath } from '../paths/served-paths.ts'
import { callerOf } from '../request/caller.ts'
import { isOwnOrigin, isSafeMethod } from '../request/origin.ts'
import { pagePathHeader } from '../request/page-path.ts'
import { isFirstHop, type RepeatCounter, repeatCounter, sameSiteRepeat } from '../request/same-site-repeat.ts'
import { sessionStateHeader } from '../request/session-state.ts'
import { adoptSession, type CarriedSession } from '../session/adopt-session.ts'
import { type ResolvedSession, resolveSession } from '../session/resolve-session.ts'
import { type Runtime, runtimeFor } from '../session/runtime.ts'
import {
  appendCookies,
  appendStrayCookies,
  type CookieChange,
  cookieHeaderAfter,
} from '../session/session-cookies.ts'

/** The options of {@link authProxy}: those of `createAuth`, and what needs no session. */
export type ProxyOptions = AuthOptions & {
  /**
   * Paths that anybody may see, without `basePath`. Exact, or everything below one when it ends in `/*`. A final slash and the way of encoding
   * make no difference (docs/paths.md). Everything else asks for a session.
   */
  publicPaths?: readonly string[]
  /**
   * Keeps people signed in who were so by another library that has our auth server behind it (docs/migrate-from-next-auth.md). Asked
   * for a visitor with no cookie of ours: it reads the session from the visitor's own signed or encrypted cookie, which is then
   * replaced by ours. Never from the address, the body or a header: whoever can choose the token decides who the visitor is.
   *
   * @example
   * adopt: async (request) => {
   *   const token = await getToken({ req: request }) // of next-auth/jwt
   *   if (!token?.refreshToken) return null
   *   return { refreshToken: token.refreshToken, cookies: ['__Secure-next-auth.session-token'] }
   * }
   */
  adopt?: (request: NextRequest) => Promise<CarriedSession | null> | CarriedSession | null
}

/**
 * The proxy: sends visitors without a session to the sign-in page, and renews a session before its page renders, so that
 * the render already sees the new cookies. It is a courtesy, not a guard: each page, action and handler asks `auth` again.
 *
 * @throws TypeError at once for an option that there is not; at the first request when a setting is missing or wrong.
 * @example
 * // proxy.ts
 * export const proxy = authProxy({ publicPaths: ['/', '/login'] })
 * export const config = { matcher: ['/((?!api/|_next/static|_next/image|favicon.ico).*)'] }
 */
export function authProxy({
  publicPaths = [],
  adopt,
  ...options
}: ProxyOptions = {}): (request: NextRequest) => Promise<Response> {
  requireKnownOptions('authProxy', options, authOptionNames)
  requirePathPatterns('publicPaths', publicPaths)
  const configuration = lazyConfiguration(options)
  let runtime: Runtime | undefined
  return async (request) => {
    const config = configuration()
    runtime ??= runtimeFor(config)
    const { pathname, search, basePath } = request.nextUrl
    requireSameBasePath(basePath)
    if (!isSafeMethod(request.method) && !isOwnOrigin(request.headers, config))
      return problemResponse('origin_refused')
    // The handlers below /api renew and refuse by themselves, in JSON and not by a redirect; /_next holds no pages.
    if (/^\/(?:api|_next)(?:\/|$)/.test(pathname)) return NextResponse.next()

    const cookieHeader = request.headers.get('cookie')
    const caller = callerOf(request.headers, config)
    let session = await resolveSession(runtime, cookieHeader, caller, () => true)
    const isPublic = isLoginPath(config, pathname) || publicPaths.some((path) => matchesPath(path, pathname))
    const repeats = repeatCounter(pathname + search, cookieHeader)
    const noCookies = session.kind === 'none' && session.changes.length === 0
    const { method, headers } = request
    const hop = noCookies && isFirstHop({ method, headers, repeats: repeats.count })
    // Not on a first hop: ours may have stayed behind there, and the other library's cookie would be an older copy of them.
    if (noCookies && !hop && adopt) {
      const carried = await adopt(request)
      // A session from before the other library had our tokens brings none.
      if (typeof carried?.refreshToken === 'string')
        session = await adoptSession(runtime, carried, cookieHeader, caller)
    }

    // An action is a POST to its page: a redirect would be swallowed there, so it is let through and guards itself.
    if (session.kind === 'none' && !isPublic && isSafeMethod(request.method)) {
      if (hop)
        return sameSiteRepeat(config.appUrl.origin + browserPath(pathname + search), repeats, config.secure)
      const wanted = ownPath(pathname + search, config.appUrl, config.homePath)
      return finished(
        request,
        NextResponse.redirect(new URL(loginAddress(config, pathname, wanted), config.appUrl), 307),
        session.changes,
        repeats,
        config,
      )
    }
    return finished(request, onward(request, session, config), changesOf(session), repeats, config)
  }
}

/** Lets the request through, with the cookies in it that the response will set: a render must see what was just renewed. */
function onward(
  { headers, nextUrl }: NextRequest,
  session: ResolvedSession,
  { loginPath }: Configuration,
): NextResponse {
  const changes = changesOf(session)
  const claimed = headers.has(sessionStateHeader) || headers.has(pagePathHeader)
  const tellsPath = typeof loginPath === 'function'
  if (changes.length === 0 && session.kind !== 'unavailable' && !claimed && !tellsPath)
    return NextResponse.next()
  const changed = new Headers(headers)
  if (changes.length > 0) changed.set('cookie', cookieHeaderAfter(headers.get('cookie'), changes))
  changed.delete(sessionStateHeader)
  changed.delete(pagePathHeader)
  if (tellsPath) changed.set(pagePathHeader, nextUrl.pathname)
  if (session.kind === 'unavailable') changed.set(sessionStateHeader, 'unavailable')
  return NextResponse.next({ request: { headers: changed } })
}

function finished(
  request: NextRequest,
  response: NextResponse,
  changes: readonly CookieChange[],
  repeats: RepeatCounter,
  config: Configuration,
): NextResponse {
  appendCookies(response.headers, changes, config)
  appendStrayCookies(response.headers, request.headers.get('cookie'), new URL(request.url).pathname, config)
  if (repeats.count > 0) response.headers.append('set-cookie', repeats.cookie(0, config.secure))
  if (response.status === 307) response.headers.set('cache-control', 'private, no-store')
  return response
}

function changesOf(session: ResolvedSession): readonly CookieChange[] {
  return session.kind === 'expired' ? [] : session.changes
}
