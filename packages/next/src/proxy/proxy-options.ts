import { type Access, readAccess } from '@sallyport/protocol'
import type { NextRequest } from 'next/server.js'
import { type AuthOptions, authOptionNames } from '../config/config.ts'
import { requireKnownOptions } from '../config/known-options.ts'
import { requirePathPatterns } from '../paths/match-path.ts'
import type { CarriedSession } from '../session/adopt-session.ts'
import type { OtherProxy } from './other-proxy.ts'
import { type PathRule, readPathRules } from './path-rules.ts'
import type { RefusedPage } from './refusal.ts'

/** The options of {@link authProxy}: all options of `createAuth`, and the rules for paths. */
export type ProxyOptions<Defined extends Access = Access> = AuthOptions<Defined> & {
  /**
   * The paths that require no session, without `basePath`. `/docs` matches only this path, and `/docs/*` matches everything below it. A
   * final slash and percent-encoding make no difference (docs/paths.md). All other paths require a session.
   */
  publicPaths?: readonly string[]
  /**
   * Rules for paths. If a user does not meet a rule, the request is refused with a real 403 before anything is rendered, or with 404 to
   * hide that the page exists. `/admin/*` matches `/admin` too. All rules that match a path must be met, also if the path is in
   * `publicPaths`. The sign-in page has no rules. Visitors without a session are redirected to the sign-in page. If the session cannot be
   * verified, the answer is 503. A rule protects only pages and files whose path matches. Actions, handlers below `/api` and your API must
   * still check access themselves (docs/proxy.md).
   *
   * With the option `organizations`, a rule for a page of an organization requires the roles that the user has in that organization.
   * `/o/[organization]/reports/*` is a rule for every organization.
   *
   * @example
   * protect: { '/admin/*': { role: 'admin' }, '/reports/*': { permission: 'report:read' }, '/hidden/*': { role: 'staff', status: 404 } }
   */
  protect?: Readonly<Record<string, PathRule<Defined>>>
  /**
   * Returns the page for users whom a rule of `protect` refuses. The status of the response is replaced by 403 or 404. Default: a small
   * page in English.
   */
  refusedPage?: RefusedPage
  /**
   * Paths to which other services and sites send requests, such as webhooks, or the return from a payment page. A POST, PUT, PATCH or
   * DELETE to such a path may have any `Origin`. The cookies of the request are removed, so it has no session. The handler must
   * authenticate the sender.
   */
  webhookPaths?: readonly string[]
  /**
   * Another proxy, such as the one of next-intl. It runs after `authProxy`, for the requests that `authProxy` lets through. The other proxy
   * gets the renewed cookies, and they are also added to its response. If both proxies would redirect, the other proxy's redirect is used.
   * The redirect to the sign-in page then follows at the next request.
   *
   * @example
   * next: createMiddleware(routing) // of next-intl/middleware
   */
  next?: OtherProxy
  /**
   * Takes over the sessions of users who signed in at our auth server through another library, so that they stay signed in
   * (docs/migrate-from-next-auth.md). It is called for visitors without our cookies. Read the session from the visitor's own signed or
   * encrypted cookie. That cookie is then replaced by ours. Never read the session from the URL, the body or another header, because an
   * attacker could put a token there, and so sign the visitor in as another user.
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
 * Checks the options. In the result, `shared` has the options of `createAuth`.
 *
 * @throws TypeError for an unknown or invalid option.
 */
export function readProxyOptions({
  publicPaths = [],
  protect = {},
  refusedPage,
  webhookPaths = [],
  next,
  adopt,
  ...shared
}: ProxyOptions) {
  requireKnownOptions('authProxy', shared, authOptionNames)
  requirePathPatterns('publicPaths', publicPaths)
  requireWebhookPaths(webhookPaths)
  requireFunctions({ refusedPage, next, adopt })
  const access = shared.access === undefined ? undefined : readAccess(shared.access)
  const rules = readPathRules(protect, access, shared.organizations)
  return { publicPaths, webhookPaths, refusedPage, next, adopt, rules, shared }
}

function requireWebhookPaths(webhookPaths: unknown): asserts webhookPaths is readonly string[] {
  requirePathPatterns('webhookPaths', webhookPaths)
  for (const path of webhookPaths as readonly string[])
    if (/^\/(?:api(?:\/|$)|_next(?:\/|$)|\*$)/i.test(path))
      throw new TypeError(
        `\`webhookPaths\` has '${path}'. List only paths outside of /api and /_next, and not '/*'. The proxy does not check requests below /api, so your own handlers there already get requests from every origin.`,
      )
}

function requireFunctions(options: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && typeof value !== 'function')
      throw new TypeError(`\`${name}\` must be a function.`)
}
