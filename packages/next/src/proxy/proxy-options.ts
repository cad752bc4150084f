import type { NextRequest } from 'next/server.js'
import { type AuthOptions, authOptionNames } from '../config/config.ts'
import { requireKnownOptions } from '../config/known-options.ts'
import { requirePathPatterns } from '../paths/match-path.ts'
import type { CarriedSession } from '../session/adopt-session.ts'
import type { OtherProxy } from './other-proxy.ts'
import { type PathRule, readPathRules } from './path-rules.ts'
import type { RefusedPage } from './refusal.ts'

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
 * Checks the options. `shared` are those that `createAuth` takes too.
 *
 * @throws TypeError for an option that there is not or that cannot be meant.
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
  return { publicPaths, webhookPaths, refusedPage, next, adopt, rules: readPathRules(protect), shared }
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
