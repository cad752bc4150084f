import { type Access, type ErrorCode, type Principal, problemResponse } from '@sallyport/protocol'
import { type NextFetchEvent, type NextRequest, NextResponse } from 'next/server.js'
import { type Config, lazyConfig } from '../config/config.ts'
import { confirmAddress, isConfirmPath, isLoginPath, loginAddress } from '../paths/login-address.ts'
import { matchesReading, readPath } from '../paths/match-path.ts'
import { addressAt, addressedOrganization } from '../paths/organization-path.ts'
import { isProviderForm } from '../paths/provider-path.ts'
import { canShowPage, isPublicFile } from '../paths/public-file.ts'
import { ownPath } from '../paths/return-to.ts'
import { browserPath, requireSameBasePath } from '../paths/served-paths.ts'
import { browserDetailsOf } from '../request/browser-details.ts'
import { configAt } from '../request/config-at.ts'
import { isOwnOrigin, isSafeMethod } from '../request/origin.ts'
import { isFirstHop, type RepeatCounter, repeatCounter, sameSiteRepeat } from '../request/same-site-reload.ts'
import { adoptSession } from '../session/adopt-session.ts'
import { organizationAccess } from '../session/organization-access.ts'
import { renewSession, resolveSession } from '../session/resolve-session.ts'
import { type Runtime, runtimeFor } from '../session/runtime.ts'
import {
  appendClearedDuplicates,
  appendCookies,
  type CookieChange,
  cookieHeaderAfter,
} from '../session/session-cookies.ts'
import { changedRequest, changesOf, withoutCookies } from './changed-request.ts'
import { isRedirect, passOn, rewrittenPath } from './other-proxy.ts'
import { type PathRules, refusedBy, rulesAt } from './path-rules.ts'
import { type ProxyOptions, readProxyOptions } from './proxy-options.ts'
import { type RefusalStatus, refusal } from './refusal.ts'

/**
 * Returns the proxy. Before a page renders, the proxy renews the session, so that the render sees the new cookies. It redirects visitors
 * without a session to the sign-in page, and applies the rules of `protect`. Each page, action and handler must still check access with
 * `auth`.
 *
 * @throws TypeError immediately for an unknown or invalid option. A missing or wrong setting throws a TypeError at the first request.
 * @example
 * // proxy.ts
 * export const proxy = authProxy({ publicPaths: ['/', '/login'] })
 * export const config = { matcher: ['/((?!api/|_next/static|_next/image).*)?'] }
 */
export function authProxy<Defined extends Access = Access>(
  options: ProxyOptions<Defined> = {},
): (request: NextRequest, event?: NextFetchEvent) => Promise<Response> {
  const { rules, publicPaths, webhookPaths, refusedPage, next, adopt, shared } = readProxyOptions(options)
  const loadConfig = lazyConfig(shared)
  let runtime: Runtime | undefined
  return async (request, event) => {
    const { method, headers } = request
    const { pathname, search } = request.nextUrl
    const config = configAt(loadConfig(), headers)
    if (config === null) {
      const isAnybodys = isOpen(publicPaths, pathname) && rulesAt(rules, pathname)?.length === 0
      return isAnybodys && isFromNext(request) ? NextResponse.next() : problemResponse('host_refused')
    }
    runtime ??= runtimeFor(loadConfig())
    requireSameBasePath(request.nextUrl.basePath)
    const isSafe = isSafeMethod(method)
    const isWebhook = !isSafe && matchesSome(webhookPaths, pathname)
    const isFromProvider = isProviderForm(method, pathname)
    if (!isSafe && !isWebhook && !isFromProvider && !isOwnOrigin(headers, config))
      return problemResponse('origin_refused')
    // The handlers below /api renew sessions and refuse requests by themselves. They answer with JSON, so a redirect would be wrong. Below
    // /_next there are no pages.
    if (/^\/(?:api|_next)(?:\/|$)/.test(pathname)) return NextResponse.next()

    const refuse = (status: RefusalStatus, code?: ErrorCode) =>
      refusal(request, status, browserPath(config.homePath), refusedPage, code)
    const isLogin = isLoginPath(config, pathname)
    const asked = isLogin ? [] : rulesAt(rules, pathname)
    if (asked === null) return refuse(404)
    if (isWebhook) return asked.length > 0 ? refuse(401) : withoutCookies(headers)

    const cookieHeader = headers.get('cookie')
    const browser = browserDetailsOf(headers, config)
    let session = await resolveSession(runtime, cookieHeader, browser, () => true)
    const repeats = repeatCounter(pathname + search, cookieHeader)
    const noCookies = session.kind === 'none' && session.changes.length === 0
    const hop = noCookies && isFirstHop({ method, headers, repeats: repeats.count })
    // If the user followed a link on another site, the browser does not send our `SameSite=Strict` cookies with this request (a first hop).
    // So the user may already have a session of ours. It is newer than the session in the cookie of the app's other auth library (such as
    // NextAuth). Therefore `adopt` is not called for a first hop.
    if (noCookies && !hop && adopt) {
      const carried = await adopt(request)
      // A session that began before the other library used our auth server has no refresh token.
      if (typeof carried?.refreshToken === 'string')
        session = await adoptSession(runtime, carried, cookieHeader, browser)
    }
    // These values are read now, because the request is changed before the other proxy gets it.
    const sent = { url: request.url, cookieHeader }
    const finish = (response: Response) => finished(response, sent, changesOf(session), repeats, config)
    const other = next && (() => next(request, event as NextFetchEvent))
    const toPage = async (addressOf: typeof loginAddress, code?: ErrorCode): Promise<Response> => {
      if (!canShowPage(headers)) return finish(await refuse(401, code))
      const wanted = ownPath(pathname + search, config.appUrl, config.homePath)
      const page = new URL(addressOf(config, pathname, wanted), config.appUrl)
      if (isSafe) return finish(NextResponse.redirect(page, 307))
      // If a script sent the POST, a redirect to a page would be useless.
      const isNavigation = headers.get('sec-fetch-mode') === 'navigate'
      return finish(isNavigation ? NextResponse.redirect(page, 303) : await refuse(401, code))
    }
    const toLogin = async (): Promise<Response> =>
      hop && canShowPage(headers)
        ? sameSiteRepeat(config.appUrl.origin + browserPath(pathname + search), repeats, config.secure)
        : toPage(loginAddress)
    /** Applies the rules, and refuses a page of an organization to people who are not members of it. `at` is the path of the page. */
    const judged = async (by: PathRules, at: string): Promise<Response | null> => {
      const organization = isLogin ? null : addressedOrganization(config, at)
      if (by.length === 0 && (organization === null || isOpen(publicPaths, at))) return null
      if (session.kind === 'none') return by.length === 0 ? null : toLogin()
      let who: Visitor = session.kind === 'signedIn' ? session.principal : 503
      if (typeof who === 'object' && organization !== null) who = await enter(organization)
      if (who instanceof Response) return finish(who)
      // Without a rule, the page itself answers during an outage.
      if (who === 503) return by.length === 0 ? null : finish(await refuse(503))
      if (who === 404) return finish(await refuse(404))
      if (who === null) return toLogin()
      const refused = who === 'confirm' ? who : refusedBy(by, who, Date.now())
      if (refused === null || (refused === 'confirm' && isConfirmPath(config, pathname))) return null
      if (refused === 'confirm') return toPage(confirmAddress, 'insufficient_user_authentication')
      return finish(await refuse(refused))
    }
    /** Returns who the user is in an organization. If its address has changed, returns the redirect. */
    const enter = async (organization: string): Promise<Visitor> => {
      if (runtime === undefined || session.kind !== 'signedIn') return 503
      let access = await organizationAccess(runtime, session, organization, browser)
      if (access.kind === 'renewable') {
        const cookies = cookieHeaderAfter(sent.cookieHeader, session.changes)
        const renewed = await renewSession(runtime, cookies, browser, { bypassCache: true })
        if (renewed.kind === 'none') return null
        if (renewed.kind === 'signedIn') {
          session = renewed
          access = await organizationAccess(runtime, renewed, organization, browser)
        }
      }
      if (access.kind !== 'member') return whoOf[access.kind]
      const { slug, id } = access.organization
      if (!isSafe || organization === slug || organization === id) return access.principal
      return NextResponse.redirect(addressAt(config, slug, { pathname, search }), 307)
    }

    const refused = await judged(asked, pathname)
    if (refused !== null) return refused
    // A server action is a POST to its page, and its caller would not follow a redirect. So only safe requests are redirected here. Actions
    // must check access themselves.
    if (
      session.kind === 'none' &&
      isSafe &&
      canShowPage(headers) &&
      !isLogin &&
      !isOpen(publicPaths, pathname)
    ) {
      if (!hop && other !== undefined) {
        const answer = await passOn(request, changedRequest(request, session, config.loginPath), other)
        if (isRedirect(answer)) return finish(answer)
      }
      return toLogin()
    }
    const response = await passOn(request, changedRequest(request, session, config.loginPath), other)
    const rewritten = rewrittenPath(response, request)
    const behind = rewritten === null || isLogin ? [] : rulesAt(rules, rewritten)
    if (behind === null) return finish(await refuse(404))
    return (rewritten === null ? null : await judged(behind, rewritten)) ?? finish(response)
  }
}

/** Who the user is on a page, a redirect to its new address, or the status of the refusal. Null: nobody is signed in any more. */
type Visitor = Principal | Response | 'confirm' | 404 | 503 | null

const whoOf = { outside: 404, confirm: 'confirm', ended: null, renewable: 503, unavailable: 503 } as const

/**
 * Returns whether Next's image optimizer requests one of the app's own images. Such a request has no cookies, and no `Host`, which every
 * browser sends.
 */
function isFromNext({ method, headers }: NextRequest): boolean {
  return method === 'GET' && !headers.has('host') && !headers.has('cookie')
}

/** Returns whether a path needs no session: a public path, or a file, which is recognized by its ending (docs/proxy.md). */
function isOpen(publicPaths: readonly string[], pathname: string): boolean {
  return matchesSome(publicPaths, pathname) || isPublicFile(pathname)
}

function matchesSome(patterns: readonly string[], pathname: string): boolean {
  const path = readPath(pathname)
  return path !== null && patterns.some((pattern) => matchesReading(pattern, path))
}

function finished(
  response: Response,
  { url, cookieHeader }: { url: string; cookieHeader: string | null },
  changes: readonly CookieChange[],
  repeats: RepeatCounter,
  config: Config,
): Response {
  appendCookies(response.headers, changes, config)
  appendClearedDuplicates(response.headers, cookieHeader, new URL(url).pathname, config)
  if (repeats.count > 0) response.headers.append('set-cookie', repeats.cookie(0, config.secure))
  if (response.status === 307 || response.status === 303)
    response.headers.set('cache-control', 'private, no-store')
  return response
}
