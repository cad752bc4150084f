import {
  type LoginRequest,
  type PasswordChangeRequest,
  type ProfileUpdate,
  problem,
  type RegisterRequest,
  type User,
} from '@sallyport/protocol'
import { callerOf } from '../request/caller.ts'
import { isOwnOrigin } from '../request/origin.ts'
import type { Mailed, Refused, SignedIn } from '../session/auth-server-client.ts'
import { beginSession } from '../session/begin-session.ts'
import { updateOwnProfile } from '../session/own-account.ts'
import { changeOwnPassword, endOwnSessions } from '../session/own-sessions.ts'
import type { Runtime } from '../session/runtime.ts'
import { clearedCookies, readSessionCookies } from '../session/session-cookies.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'
import { currentRequest } from './current-request.ts'
import type { CurrentSession } from './current-session.ts'

/** For server actions, which a form can call before JavaScript has loaded. Each one checks `Origin` itself. */
export type Actions = {
  /** Checks the password and sets the two cookies. */
  signIn(credentials: Pick<LoginRequest, 'email' | 'password'>): Promise<ActionResult<{ user: User }>>
  /**
   * Creates a user and signs in. Where the auth server wants the address proven first, nobody is signed in yet and `user` is null, for a
   * known address too: say that a mail is on its way, and let its link lead to a page that calls `account.verifyAddress`.
   *
   * `fields` are the product's own. Refuses with `invalid_request` and `sign_up_refused` (by field), `email_unavailable` (only where addresses need no proof) and `too_many_requests`.
   */
  signUp(
    details: Pick<RegisterRequest, 'email' | 'password' | 'name' | 'fields'>,
  ): Promise<ActionResult<{ user: User | null }>>
  /**
   * Ends this session and clears the cookies. With `ok: false` the auth server could not be told: this browser is signed out, but
   * the session lives on until it ends by itself.
   *
   * With `everywhere` it ends all sessions of this person, on every device. Then `ok: false` means that nothing has changed, here
   * neither, so that it can be tried again.
   */
  signOut(options?: { everywhere?: boolean }): Promise<ActionResult>
  /** Changes the signed-in person's own record: the name, and those of the product's own `fields` that are named; null clears one. */
  updateProfile(update: ProfileUpdate): Promise<ActionResult<{ user: User }>>
  /**
   * Changes the password of the signed-in person. All other sessions of theirs end with it; this one goes on with new tokens. A wrong
   * `currentPassword` and a short `newPassword` are refused in `problem.errors`, by field.
   */
  changePassword(passwords: PasswordChangeRequest): Promise<ActionResult>
}

export function createActions(
  runtime: () => Runtime,
  currentSession: () => Promise<CurrentSession>,
  callAsUser: CallAsUser,
): Actions {
  async function ownRequest() {
    const known = runtime()
    const request = await currentRequest(known.config)
    if (!isOwnOrigin(request.headers, known.config)) return null
    return { ...known, request, caller: callerOf(request.headers, known.config) }
  }

  async function start<T extends SignedIn | Mailed>(
    ask: (known: NonNullable<Awaited<ReturnType<typeof ownRequest>>>) => Promise<T | Refused>,
  ): Promise<ActionResult<{ user: T['user'] }>> {
    const known = await ownRequest()
    if (known === null) return { ok: false, problem: problem('origin_refused') }
    const answer = await ask(known)
    if (!answer.ok) return answer
    // Without tokens nobody is signed in, and what this browser had goes on.
    if (answer.tokens !== null)
      known.request.setCookies(await beginSession(known, known.request.cookieHeader, answer, known.caller))
    return { ok: true, user: answer.user }
  }

  return {
    signIn: ({ email, password }) =>
      start(({ issuer, caller }) => issuer.login(JSON.stringify({ email, password }), caller)),
    signUp: ({ email, password, name, fields }) =>
      start(({ issuer, caller }) =>
        issuer.register(JSON.stringify({ email, password, name, fields }), caller),
      ),

    async signOut({ everywhere = false } = {}) {
      if (everywhere) return callAsUser.change((own) => endOwnSessions(own, { exceptCurrent: false }))
      const known = await ownRequest()
      if (known === null) return { ok: false, problem: problem('origin_refused') }
      const { session } = await currentSession().catch(() => ({ session: null }))
      // Read after that: the session may just have been renewed.
      const request = await currentRequest(known.config)
      const cookies = readSessionCookies(request.cookieHeader, known.config)
      if (session) known.verifier.revokeLocally({ sid: session.principal.sessionId })
      request.setCookies(clearedCookies(known.config))
      if (cookies.kind !== 'tokens' || cookies.refreshToken === null) return { ok: true }
      return known.issuer.logout(cookies.refreshToken, known.caller)
    },

    updateProfile: (update) => callAsUser.change((own) => updateOwnProfile(own, JSON.stringify(update))),

    changePassword: ({ currentPassword, newPassword }) =>
      callAsUser.change((own) => changeOwnPassword(own, JSON.stringify({ currentPassword, newPassword }))),
  }
}
