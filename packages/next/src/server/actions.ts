import { type ProfileUpdate, problem, type User } from '@sallyport/protocol'
import type { PasswordChangeRequest, SignInRequest, SignUpRequest } from '@sallyport/protocol/endpoints'
import { callAsUser } from '../session/call-as-user.ts'
import { endOwnSessions } from '../session/own-sessions.ts'
import { clearedCookies, readSessionCookies } from '../session/session-cookies.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'
import { currentRequest } from './current-request.ts'
import type { CurrentSession } from './current-session.ts'
import { type OwnRequests, type SignInStep, stepOf } from './own-requests.ts'

/** Functions for server actions. A form can call such an action before JavaScript has loaded. Each function checks `Origin` itself. */
export type Actions = {
  /**
   * Checks the password, begins a session and sets its cookies. If the user needs a second factor, sets only the cookie of the pending
   * sign-in, and `user` is null.
   */
  signIn(credentials: Pick<SignInRequest, 'email' | 'password'>): Promise<ActionResult<SignInStep>>
  /**
   * Creates a user and signs the user in. If the auth server requires a verified address, the user is not signed in yet, and `user` and
   * `secondFactor` are null. This is also the result if the address already has an account. Show that a mail was sent. The link in the mail
   * must open a page that calls `account.verifyAddress`.
   *
   * `fields` are the user fields that your app has added. The call is refused with `invalid_request` or `sign_up_refused` (`problem.errors`
   * names the field), with `email_unavailable` (only if addresses need no verification), or with `too_many_requests`.
   */
  signUp(
    details: Pick<SignUpRequest, 'email' | 'password' | 'name' | 'fields'>,
  ): Promise<ActionResult<SignInStep | { user: null; secondFactor: null }>>
  /**
   * Ends this session and clears the cookies. If the result has `ok: false`, the auth server could not be reached. In this case the cookies
   * are cleared too, but the session stays valid until it expires.
   *
   * With `everywhere`, it ends all sessions of the user, on all devices. In this case `ok: false` means that nothing has changed. The user
   * is still signed in, also in this browser, and can try again.
   */
  signOut(options?: { everywhere?: boolean }): Promise<ActionResult>
  /**
   * Changes the signed-in user's profile: the name, and user fields that your app has added (`fields`). Fields that are left out stay
   * unchanged. Null clears a field.
   */
  updateProfile(update: ProfileUpdate): Promise<ActionResult<{ user: User }>>
  /**
   * Changes the password of the signed-in user. All other sessions of the user end, and this session gets new tokens. If `currentPassword`
   * is wrong or `newPassword` is too short, the call is refused, and `problem.errors` names the field. A user without a password sets the
   * first one with a mailed link (`account.forgotPassword`).
   */
  changePassword(passwords: PasswordChangeRequest): Promise<ActionResult>
}

export function createActions(
  { ownRequest, begin }: OwnRequests,
  currentSession: () => Promise<CurrentSession>,
  asUser: CallAsUser,
): Actions {
  return {
    async signIn({ email, password }) {
      const begun = await begin('signIn', { email, password })
      return begun.ok ? { ok: true, ...stepOf(begun) } : begun
    },

    async signUp({ email, password, name, fields }) {
      const begun = await begin('signUp', { email, password, name, fields })
      if (!begun.ok) return begun
      if (begun.user === null && begun.pending === undefined)
        return { ok: true, user: null, secondFactor: null }
      return { ok: true, ...stepOf(begun) }
    },

    async signOut({ everywhere = false } = {}) {
      if (everywhere) return asUser.change((own) => endOwnSessions(own, { exceptCurrent: false }))
      const known = await ownRequest()
      if (known === null) return { ok: false, problem: problem('origin_refused') }
      const { session } = await currentSession().catch(() => ({ session: null }))
      // The request is read after `currentSession`, because that call may have set new cookies.
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
