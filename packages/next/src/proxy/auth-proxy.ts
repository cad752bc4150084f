import { problemResponse } from '@sallyport/protocol'
import { type NextFetchEvent, type NextRequest, NextResponse } from 'next/server.js'
import {
  type AuthOptions,
  authOptionNames,
  type Configuration,
  lazyConfiguration,
} from '../config/configuration.ts'
import { requireKnownOptions } from '../config/known-options.ts'
import { isLoginPath, loginAddress } from '../paths/login-address.ts'
import { matchesReading, readPath, requirePathPatterns } from '../paths/match-path.ts'
import { canShowPage, isPublicFile } from '../paths/public-file.ts'
import { ownPath } from '../paths/return-to.ts'
import { browserPath, requireSameBasePath } from '../paths/served-paths.ts'
import { callerOf } from '../request/caller.ts'
import { configurationAt } from '../request/configuration-at.ts'
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
import { isRedirect, type Onward, type OtherProxy, passOn, rewrittenPath } from './other-proxy.ts'
import { type PathRule, readPathRules, refusedBy, rulesAt } from './path-rules.ts'
import { type RefusalStatus, type RefusedPage, refusal } from './refusal.ts'

/** The options of {@link authProxy}: those of `createAuth`, and what needs no session. */
export type ProxyOptions = AuthOptions & {
  /**
   * Paths that anybody may see, without `basePath`. Exact, or everything below one when it ends in `/*`. A final slash and the way of encoding
   * make no difference (docs/paths.md). Everything else asks for a session.
   */
  publicPaths?: readonly string[]
  /**
   * Rules by path, answered with a real 403 (or 404, to hide that there is a page) before anything is rendered. `/admin/*` counts for
   * `/admin` too; all rules that match a path must hold, also at one of `publicPaths`; the sign-in page has none. Visitors without
   * a session are redirected to it. While the session cannot be verified, the answer is 503. A rule guards pages and files at their
   * addresses: actions, handlers below `/api` and your API must still check by themselves (docs/proxy.md).
   *
   * @example
   * protect: { '/admin/*': { role: 'admin' }, '/reports/*': { permission: 'report:read' }, '/hidden/*': { role: 'staff', status: 404 } }
   */
  protect?: Readonly<Record<string, PathRule>>
  /** Makes the page for users whom a rule of `protect` refuses. Its status is replaced by 403 or 404. Default: a small page in English. */
  refusedPage?: RefusedPage
  /**
   * Paths where other services and sites post to: webhooks, returns from a payment. A POST, PUT, PATCH or DELETE there
   * needs no `Origin` of ours. Its cookies are removed, so nobody is signed in for it. The handler must check the sender itself.
   */
  webhookPaths?: readonly string[]
  /**
   * Another proxy for the requests that ours lets through, such as next-intl's. It sees the renewed cookies, and they are added to
   * its response. Before a redirect to the sign-in page, a redirect of the other one comes first.
   *
   * @example
   * next: createMiddleware(routing) // of next-intl/middleware
   */
  next?: OtherProxy
  /**
   * Keeps users signed in whom another library in front of our auth server has signed in (docs/migrate-from-next-auth.md). Called
   * for a visitor with no cookie of ours: read the session from the visitor's own signed or encrypted cookie, which is then
   * replaced by ours. Never read it from the address, the body or a header: who can choose the token decides who the visitor is.
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
 * The proxy: renews a session before its page renders, so that the render already sees the new cookies, sends visitors without a session
 * to the sign-in page, and refuses by the rules of `protect`. Each page, action and handler still asks `auth` for what it shows or does.
 *
 * @throws TypeError at once for an unknown or invalid option; at the first request when a setting is missing or wrong.
 * @example
 * // proxy.ts
 * export const proxy = authProxy({ publicPaths: ['/', '/login'] })
 * export const config = { matcher: ['/((?!api/|_next/static|_next/image).*)?'] }
 */
export function authProxy({
  publicPaths = [],
  protect = {},
  refusedPage,
  webhookPaths = [],
  next,
  adopt,
  ...options
}: ProxyOptions = {}): (request: NextRequest, event?: NextFetchEvent) => Promise<Response> {
  requireKnownOptions('authProxy', options, authOptionNames)
  requirePathPatterns('publicPaths', publicPaths)
  requireWebhookPaths(webhookPaths)
  requireFunctions({ refusedPage, next, adopt })
  const rules = readPathRules(protect)
  const configuration = lazyConfiguration(options)
  let runtime: Runtime | undefined
  return async (request, event) => {
    const { method, headers } = request
    const config = configurationAt(configuration(), headers)
    if (config === null) return problemResponse('host_refused')
    runtime ??= runtimeFor(configuration())
    const { pathname, search } = request.nextUrl
    requireSameBasePath(request.nextUrl.basePath)
    const isSafe = isSafeMethod(method)
    const isWebhook = !isSafe && matchesSome(webhookPaths, pathname)
    if (!isSafe && !isWebhook && !isOwnOrigin(headers, config)) return problemResponse('origin_refused')
    // The handlers below /api renew and refuse by themselves, in JSON and not by a redirect; /_next holds no pages.
    if (/^\/(?:api|_next)(?:\/|$)/.test(pathname)) return NextResponse.next()

    const refuse = (status: RefusalStatus) =>
      refusal(request, status, browserPath(config.homePath), refusedPage)
    const isLogin = isLoginPath(config, pathname)
    const asked = isLogin ? [] : rulesAt(rules, pathname)
    if (asked === null) return refuse(404)
    if (isWebhook) return asked.length > 0 ? refuse(401) : withoutCookies(headers)

    const cookieHeader = headers.get('cookie')
    const caller = callerOf(headers, config)
    let session = await resolveSession(runtime, cookieHeader, caller, () => true)
    const repeats = repeatCounter(pathname + search, cookieHeader)
    const noCookies = session.kind === 'none' && session.changes.length === 0
    const hop = noCookies && isFirstHop({ method, headers, repeats: repeats.count })
    // Not on a first hop: ours may have stayed behind there, and the other library's cookie would be an older copy of them.
    if (noCookies && !hop && adopt) {
      const carried = await adopt(request)
      // A session from before the other library had our tokens brings none.
      if (typeof carried?.refreshToken === 'string')
        session = await adoptSession(runtime, carried, cookieHeader, caller)
    }
    // As it was sent: the other proxy is given another.
    const sent = { url: request.url, cookieHeader }
    const finish = (response: Response) => finished(response, sent, changesOf(session), repeats, config)
    const other = next && (() => next(request, event as NextFetchEvent))
    const toLogin = async (): Promise<Response> => {
      if (!canShowPage(headers)) return finish(await refuse(401))
      if (hop)
        return sameSiteRepeat(config.appUrl.origin + browserPath(pathname + search), repeats, config.secure)
      const wanted = ownPath(pathname + search, config.appUrl, config.homePath)
      const login = new URL(loginAddress(config, pathname, wanted), config.appUrl)
      if (isSafe) return finish(NextResponse.redirect(login, 307))
      // The answer to a script's POST is no place for a page.
      return finish(
        headers.get('sec-fetch-mode') === 'navigate' ? NextResponse.redirect(login, 303) : await refuse(401),
      )
    }
    const judged = async (by: NonNullable<typeof asked>): Promise<Response | null> => {
      if (by.length === 0) return null
      if (session.kind === 'none') return toLogin()
      if (session.kind !== 'signedIn') return finish(await refuse(503))
      const status = refusedBy(by, session.principal)
      return status === null ? null : finish(await refuse(status))
    }

    const refused = await judged(asked)
    if (refused !== null) return refused
    // An action is a POST to its page: a redirect would be swallowed there, so it is let through and guards itself.
    if (
      session.kind === 'none' &&
      isSafe &&
      canShowPage(headers) &&
      !isLogin &&
      !isOpen(publicPaths, pathname)
    ) {
      if (!hop && other !== undefined) {
        const answer = await passOn(request, onward(request, session, config), other)
        if (isRedirect(answer)) return finish(answer)
      }
      return toLogin()
    }
    const response = await passOn(request, onward(request, session, config), other)
    const rewritten = rewrittenPath(response, request)
    const behind = rewritten === null || isLogin ? [] : rulesAt(rules, rewritten)
    if (behind === null) return finish(await refuse(404))
    return (await judged(behind)) ?? finish(response)
  }
}

/** Files are named by their ending, in docs/proxy.md. Who may have one is said by `protect`. */
function isOpen(publicPaths: readonly string[], pathname: string): boolean {
  return matchesSome(publicPaths, pathname) || isPublicFile(pathname)
}

function matchesSome(patterns: readonly string[], pathname: string): boolean {
  const path = readPath(pathname)
  return path !== null && patterns.some((pattern) => matchesReading(pattern, path))
}

function requireWebhookPaths(webhookPaths: unknown): asserts webhookPaths is readonly string[] {
  requirePathPatterns('webhookPaths', webhookPaths)
  for (const path of webhookPaths as readonly string[])
    if (/^\/(?:api(?:\/|$)|_next(?:\/|$)|\*$)/i.test(path))
      throw new TypeError(
        `\`webhookPaths\` has '${path}'. Name the paths outside of /api that others post to: a handler below /api is not seen by the proxy, and takes requests from everywhere as it is.`,
      )
}

function requireFunctions(options: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && typeof value !== 'function')
      throw new TypeError(`\`${name}\` must be a function.`)
}

/** Nobody is signed in for a request that a stranger may have had a browser send. */
function withoutCookies(headers: Headers): Response {
  const changed = new Headers(headers)
  for (const name of ['cookie', sessionStateHeader, pagePathHeader]) changed.delete(name)
  return NextResponse.next({ request: { headers: changed } })
}

/** The request with the cookies in it that the response will set: a render must see what was just renewed. Null where nothing changes. */
function onward(
  { headers, nextUrl }: NextRequest,
  session: ResolvedSession,
  { loginPath }: Configuration,
): Onward | null {
  const changes = changesOf(session)
  const claimed = headers.has(sessionStateHeader) || headers.has(pagePathHeader)
  const tellsPath = typeof loginPath === 'function'
  if (changes.length === 0 && session.kind !== 'unavailable' && !claimed && !tellsPath) return null
  const changed = new Headers(headers)
  if (changes.length > 0) changed.set('cookie', cookieHeaderAfter(headers.get('cookie'), changes))
  changed.delete(sessionStateHeader)
  changed.delete(pagePathHeader)
  if (tellsPath) changed.set(pagePathHeader, nextUrl.pathname)
  if (session.kind === 'unavailable') changed.set(sessionStateHeader, 'unavailable')
  return { headers: changed, changes }
}

function finished(
  response: Response,
  { url, cookieHeader }: { url: string; cookieHeader: string | null },
  changes: readonly CookieChange[],
  repeats: RepeatCounter,
  config: Configuration,
): Response {
  appendCookies(response.headers, changes, config)
  appendStrayCookies(response.headers, cookieHeader, new URL(url).pathname, config)
  if (repeats.count > 0) response.headers.append('set-cookie', repeats.cookie(0, config.secure))
  if (response.status === 307 || response.status === 303)
    response.headers.set('cache-control', 'private, no-store')
  return response
}

function changesOf(session: ResolvedSession): readonly CookieChange[] {
  return session.kind === 'expired' ? [] : session.changes
}
