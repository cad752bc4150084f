import {
  meetsRequirement,
  type Principal,
  type Requirement,
  requirementOf,
  type User,
} from '@sallyport/protocol'
import { cache } from 'react'
import { browserDetailsOf } from '../request/browser-details.ts'
import { isOwnOrigin, isSafeMethod } from '../request/origin.ts'
import type { Runtime } from '../session/runtime.ts'
import type { CurrentSession } from './current-session.ts'
import { forbidden, toLogin } from './navigation.ts'
import { OriginRefusedError, SessionUnavailableError } from './session-error.ts'

/**
 * For a route handler: its request, from which `auth` reads the method. Every request except GET, HEAD and OPTIONS must then have
 * our exact `Origin`. Without this option, a request with another `Origin`, or a cross-site `Sec-Fetch-Site`, is
 * still refused (docs/security-model.md).
 */
export type HandlerRequest = {
  /** The request that the route handler was called with. */
  request?: Request
}

/** Checks access in server components, actions and route handlers. */
export type Auth = {
  /**
   * Returns who is signed in, or null. Verifies signature, expiry, audience and revocation on each request. Never returns a token. Returns
   * null too for a request that a page of another origin sent, whatever its cookies.
   *
   * @throws SessionUnavailableError if the session cannot be verified, so that an outage is not treated as a sign-out.
   * @example
   * const principal = await auth()
   */
  (options?: HandlerRequest): Promise<Principal | null>
  /**
   * Returns the principal. Without a session it redirects to the sign-in page (`returnTo`: the page to open afterwards, a path without `basePath`). Without the role or permission it calls `forbidden()` (status 403).
   * Call it first, before anything is rendered: after streaming has begun, the status is 200. With `cacheComponents`, which
   * create-next-app sets, streaming has always begun: a forbidden page shows nothing and has status 200. For a real 403, also add a rule for
   * the path: `authProxy({ protect: { '/reports/*': { role: 'finance' } } })` (docs/proxy.md). It does not check who owns the data that
   * you read afterwards.
   *
   * @throws TypeError for a requirement that is undefined, empty or misspelt, because it would admit every signed-in user.
   * @throws OriginRefusedError (Next answers 403) for a request that a page of another origin sent.
   * @example
   * const principal = await auth.require({ role: 'finance' })
   * @example
   * export async function POST(request: Request) {
   *   await auth.require({ role: 'finance' }, { request })
   */
  require(requirement?: Requirement & { returnTo?: string }, options?: HandlerRequest): Promise<Principal>
  /** Returns the signed-in user's profile (name, email) from the auth server; null if nobody is signed in. Read once per render. */
  user(): Promise<User | null>
}

export function createGuard(runtime: () => Runtime, currentSession: () => Promise<CurrentSession>): Auth {
  /** Returns the session, unless the origin of the request is refused. */
  async function own(asked: Request | undefined) {
    const { request, session, isForeign } = await currentSession()
    const { config } = runtime()
    const forged = asked !== undefined && !isSafeMethod(asked.method) && !isOwnOrigin(asked.headers, config)
    const principal = isForeign || forged ? ('foreign' as const) : (session?.principal ?? null)
    return { principal, headers: request.headers }
  }

  const auth = async (options: HandlerRequest = {}) => {
    const { principal } = await own(requestOf(options))
    return principal === 'foreign' ? null : principal
  }

  const require: Auth['require'] = async (...asked) => {
    const { returnTo, requirement } = readAsked(asked)
    const { principal, headers } = await own(requestOf(asked[1] === undefined ? {} : asked[1]))
    if (principal === 'foreign') throw new OriginRefusedError()
    if (principal === null) return toLogin(runtime().config, headers, returnTo)
    if (!meetsRequirement(principal, requirement)) return forbidden()
    return principal
  }

  const user = cache(async (): Promise<User | null> => {
    const { request, session } = await currentSession()
    if (session === null) return null
    const { authServer, config, verifier } = runtime()
    const { accessToken } = session
    const answer = await authServer.call(
      'readProfile',
      { accessToken },
      browserDetailsOf(request.headers, config),
    )
    if (answer.ok) return answer.user
    if (answer.problem.code !== 'session_ended') throw new SessionUnavailableError()
    verifier.revokeLocally({ sid: session.principal.sessionId })
    return toLogin(config, request.headers)
  })

  return Object.assign(auth, { require, user })
}

/** @throws TypeError if the first argument is given but undefined or null: it is usually a misspelt name, and would admit everybody. */
function readAsked(asked: Parameters<Auth['require']>): {
  returnTo?: string | undefined
  requirement: Requirement
} {
  if (asked.length === 0) return { requirement: {} }
  const wanted: unknown = asked[0]
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted))
    return { requirement: requirementOf([wanted as Requirement]) }
  const { returnTo, ...requirement } = wanted as Requirement & { returnTo?: string }
  return { returnTo, requirement: requirementOf([requirement]) }
}

/** @throws TypeError for options without a valid request, because the method would then not be checked. */
function requestOf(options: HandlerRequest): Request | undefined {
  const { request }: { request?: unknown } = options ?? {}
  const isMeant =
    request === undefined
      ? typeof options === 'object' &&
        options !== null &&
        Object.keys(options).length === 0 &&
        !('method' in options)
      : request !== null && typeof request === 'object' && 'method' in request && 'headers' in request
  if (!isMeant) throw new TypeError('auth: pass the request of the handler as { request }, or leave it out.')
  return request as Request | undefined
}
