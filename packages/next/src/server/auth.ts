import { isAllowed, type Principal, type Requirement, requireMeaning, type User } from '@sallyport/protocol'
import { cache } from 'react'
import { callerOf } from '../request/caller.ts'
import { loginAddress, ownPath } from '../session/return-to.ts'
import type { Runtime } from '../session/runtime.ts'
import type { CurrentSession } from './current-session.ts'
import { forbidden, redirect } from './navigation.ts'
import { SessionUnavailableError } from './session-error.ts'

/** The guard of server components, actions and route handlers. */
export type Auth = {
  /**
   * Who is signed in, or null. Verified on each request: signature, expiry, audience and revocation. Never a token.
   *
   * @throws SessionUnavailableError when nobody can tell, so that an outage is not taken for a sign-out.
   * @example
   * const principal = await auth()
   */
  (): Promise<Principal | null>
  /**
   * The principal, or no page: to the sign-in page without a session, `forbidden()` (status 403) without the role or permission.
   * Call it first, before anything is rendered: once streaming has begun the status is 200. It does not check who owns the
   * data that you go on to read.
   *
   * @example
   * const principal = await auth.require({ role: 'finance' })
   */
  require(requirement?: Requirement & { returnTo?: string }): Promise<Principal>
  /** The signed-in person's own record (name, email), from the auth server; null for nobody. Asked once per render. */
  user(): Promise<User | null>
}

export function createGuard(runtime: () => Runtime, currentSession: () => Promise<CurrentSession>): Auth {
  const auth = async () => (await currentSession()).session?.principal ?? null

  const toLogin = (wanted: string | undefined): Promise<never> => {
    const { loginPath, homePath, appUrl } = runtime().config
    return redirect(loginAddress(loginPath, wanted === undefined ? null : ownPath(wanted, appUrl, homePath)))
  }

  const require = async (options: Requirement & { returnTo?: string } = {}): Promise<Principal> => {
    const { returnTo, ...requirement } = options
    requireMeaning(requirement)
    const principal = await auth()
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
