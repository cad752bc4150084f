import { isAllowed, type Principal, type Requirement, requireMeaning, type User } from '@sallyport/protocol'
import { cache } from 'react'
import { callerOf } from '../request/caller.ts'
import { isOwnOrigin, isSafeMethod } from '../request/origin.ts'
import { loginAddress, ownPath } from '../session/return-to.ts'
import type { Runtime } from '../session/runtime.ts'
import type { CurrentSession } from './current-session.ts'
import { forbidden, redirect } from './navigation.ts'
import { OriginRefusedError, SessionUnavailableError } from './session-error.ts'

/**
 * For a route handler: its request. Next does not tell `auth` the method; with it, every request that is no GET, HEAD or OPTIONS must
 * carry our exact `Origin`. Without it, a request that carries another `Origin`, or comes from elsewhere by `Sec-Fetch-Site`, is
 * refused all the same (docs/security-model.md).
 */
export type HandlerRequest = { request?: Request }

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
   * The principal, or no page: to the sign-in page without a session, `forbidden()` (status 403) without the role or permission.
   * Call it first, before anything is rendered: once streaming has begun the status is 200. It does not check who owns the
   * data that you go on to read.
   *
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
  async function own({ request }: HandlerRequest): Promise<Principal | 'foreign' | null> {
    const { session, isForeign } = await currentSession()
    const { config } = runtime()
    const forged =
      request !== undefined && !isSafeMethod(request.method) && !isOwnOrigin(request.headers, config)
    return isForeign || forged ? 'foreign' : (session?.principal ?? null)
  }

  const auth = async (options: HandlerRequest = {}) => {
    const principal = await own(options)
    return principal === 'foreign' ? null : principal
  }

  const toLogin = (wanted: string | undefined): Promise<never> => {
    const { loginPath, homePath, appUrl } = runtime().config
    return redirect(loginAddress(loginPath, wanted === undefined ? null : ownPath(wanted, appUrl, homePath)))
  }

  const require: Auth['require'] = async ({ returnTo, ...requirement } = {}, options = {}) => {
    requireMeaning(requirement)
    const principal = await own(options)
    if (principal === 'foreign') throw new OriginRefusedError()
    if (principal === null) return toLogin(returnTo)
    if (!isAllowed(principal, requirement)) return forbidden()
    return principal
  }

  const user = cache(async (): Promise<User | null> => {
    const { request, session } = await currentSession()
    if (session === null) return null
    const { issuer, config, verifier } = runtime()
    const answer = await issuer.profile(session.accessToken, callerOf(request.headers, config))
    if (answer.ok) return answer.user
    if (answer.problem.code !== 'session_ended') throw new SessionUnavailableError()
    verifier.revokeLocally({ sid: session.principal.sessionId })
    return toLogin(undefined)
  })

  return Object.assign(auth, { require, user })
}
