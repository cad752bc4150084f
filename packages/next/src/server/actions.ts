import { type ProfileUpdate, problem, type User } from '@sallyport/protocol'
import type { PasswordChangeRequest, SignInRequest, SignUpRequest } from '@sallyport/protocol/endpoints'
import { browserDetailsOf } from '../request/browser-details.ts'
import { isOwnOrigin } from '../request/origin.ts'
import type { BeginningEndpoint, Begun } from '../session/auth-server-client.ts'
import { beginSession } from '../session/begin-session.ts'
import { callAsUser } from '../session/call-as-user.ts'
import { endOwnSessions } from '../session/own-sessions.ts'
import type { Runtime } from '../session/runtime.ts'
import { clearedCookies, readSessionCookies } from '../session/session-cookies.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'
import { currentRequest } from './current-request.ts'
import type { CurrentSession } from './current-session.ts'

/** For server actions, which a form can call before JavaScript has loaded. Each one checks `Origin` itself. */
export type Actions = {
  /** Checks the password and sets the two cookies. */
  signIn(credentials: Pick<SignInRequest, 'email' | 'password'>): Promise<ActionResult<{ user: User }>>
  /**
   * Creates a user and signs in. If the auth server requires a verified address, the user is not signed in yet and `user` is null, for a
   * known address too: say that a mail was sent. Its link must open a page that calls `account.verifyAddress`.
   *
   * `fields` are the product's own. Refuses with `invalid_request` and `sign_up_refused` (by field), `email_unavailable` (only if addresses need no verification) and `too_many_requests`.
   */
  signUp(
    details: Pick<SignUpRequest, 'email' | 'password' | 'name' | 'fields'>,
  ): Promise<ActionResult<{ user: User | null }>>
  /**
   * Ends this session and clears the cookies. With `ok: false` the auth server could not be reached: this browser is signed out, but
   * the session stays valid until it expires.
   *
   * With `everywhere` it ends all sessions of the user, on all devices. Then `ok: false` means that nothing has changed, also in this
   * browser, so that it can be tried again.
   */
  signOut(options?: { everywhere?: boolean }): Promise<ActionResult>
  /** Changes the signed-in user's profile: the name, and the given ones of the product's own `fields`. Null clears a field. */
  updateProfile(update: ProfileUpdate): Promise<ActionResult<{ user: User }>>
  /**
   * Changes the password of the signed-in user. All other sessions of the user end; this one gets new tokens. A wrong
   * `currentPassword` and a short `newPassword` are refused in `problem.errors`, by field.
   */
  changePassword(passwords: PasswordChangeRequest): Promise<ActionResult>
}

export function createActions(
  runtime: () => Runtime,
  currentSession: () => Promise<CurrentSession>,
  asUser: CallAsUser,
): Actions {
  async function ownRequest() {
    const known = runtime()
    const request = await currentRequest(known.config)
    if (!isOwnOrigin(request.headers, known.config)) return null
    return { ...known, request, browser: browserDetailsOf(request.headers, known.config) }
  }

  async function begin<Name extends BeginningEndpoint>(
    name: Name,
    body: object,
  ): Promise<ActionResult<{ user: Begun<Name>['user'] }>> {
    const known = await ownRequest()
    if (known === null) return { ok: false, problem: problem('origin_refused') }
    const { request, browser } = known
    const json = JSON.stringify(body)
    const { cookieHeader } = request
    const { answer, changes } = await beginSession(known, name, { json }, { cookieHeader, browser })
    if (!answer.ok) return answer
    if (changes.length > 0) request.setCookies(changes)
    return { ok: true, user: answer.user }
  }

  return {
    signIn: ({ email, password }) => begin('signIn', { email, password }),
    signUp: ({ email, password, name, fields }) => begin('signUp', { email, password, name, fields }),

    async signOut({ everywhere = false } = {}) {
      if (everywhere) return asUser.change((own) => endOwnSessions(own, { exceptCurrent: false }))
      const known = await ownRequest()
      if (known === null) return { ok: false, problem: problem('origin_refused') }
      const { session } = await currentSession().catch(() => ({ session: null }))
      // Read only now, because the session may just have been renewed.
      const request = await currentRequest(known.config)
      const cookies = readSessionCookies(request.cookieHeader, known.config)
      if (session) known.verifier.revokeLocally({ sid: session.principal.sessionId })
      request.setCookies(clearedCookies(known.config))
      if (cookies.kind !== 'tokens' || cookies.refreshToken === null) return { ok: true }
      return known.authServer.signOut(cookies.refreshToken, known.browser)
    },

    updateProfile: (update) =>
      asUser.change((own) => callAsUser(own, 'updateProfile', { json: JSON.stringify(update) })),

    changePassword: ({ currentPassword, newPassword }) =>
      asUser.change((own) =>
        callAsUser(own, 'changePassword', { json: JSON.stringify({ currentPassword, newPassword }) }),
      ),
  }
}
