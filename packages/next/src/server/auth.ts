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
 * For a route handler: its request. Next does not tell `auth` the method; with it, every request that is no GET, HEAD or OPTIONS must
 * carry our exact `Origin`. Without it, a request that carries another `Origin`, or comes from elsewhere by `Sec-Fetch-Site`, is
 * refused all the same (docs/security-model.md).
 */
export type HandlerRequest = {
  /** The request that the route handler was called with. */
  request?: Request
}

/** The guard of server components, actions and route handlers. */
export type Auth = {
  /**
   * Who is signed in, or null. Verified on each request: signature, expiry, audience and revocation. Never a token. Null too for a
   * request that a page of another origin sent, with whatever cookies.
   *
   * @throws SessionUnavailableError when nobody can tell, so that an outage is not taken for a sign-out.
   * @example
   * const principal = await auth()
   */
  (options?: HandlerRequest): Promise<Principal | null>
  /**
   * The principal, or no page: to the sign-in page without a session (`returnTo`: where to go afterwards, a path without `basePath`), `forbidden()` (status 403) without the role or permission.
   * Call it first, before anything is rendered: once streaming has begun the status is 200. With `cacheComponents`, which
   * create-next-app sets, it always has: a forbidden page shows nothing and answers 200. For a real 403 give the path a rule in
   * `authProxy({ protect: { '/reports/*': { role: 'finance' } } })` as well (docs/proxy.md). It does not check who owns the data that
   * you go on to read.
   *
   * @throws TypeError for a requirement that is undefined, empty or misspelt: it would let in whoever is signed in.
   * @throws OriginRefusedError (Next answers 403) for a request that a page of another origin sent.
   * @example
   * const principal = await auth.require({ role: 'finance' })
   * @example
   * export async function POST(request: Request) {
   *   await auth.require({ role: 'finance' }, { request })
   */
  require(requirement?: Requirement & { returnTo?: string }, options?: HandlerRequest): Promise<Principal>
  /** The signed-in person's own record (name, email), from the auth server; null for nobody. Asked once per render. */
  user(): Promise<User | null>
}

export function createGuard(runtime: () => Runtime, currentSession: () => Promise<CurrentSession>): Auth {
  /** The session, where this request may have one. */
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

/** @throws TypeError for a first argument that is there and means nothing: it is a misspelt name, and no wish to let everybody in. */
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

/** @throws TypeError for options that hold no request but seem to: the method would then not be looked at. */
function requestOf(options: HandlerRequest): Request | undefined {
  const { request }: { request?: unknown } = options ?? {}
  const isMeant =
    request === undefined
      ? typeof options === 'object' &&
        options !== null &&
        Object.keys(options).length === 0 &&
        !('method' in options)
      : request !== null && typeof request === 'object' && 'method' in request && 'headers' in request
  if (!isMeant) throw new TypeError('auth: pass the request of a handler as { request }, or leave it out.')
  return request as Request | undefined
}
