import { problem } from '@sallyport/protocol'
import {
  type Activity,
  freshProofMs,
  type InboxMail,
  type ReauthenticationRequest,
} from '@sallyport/protocol/endpoints'
import { headers } from 'next/headers.js'
import { browserDetailsOf } from '../request/browser-details.ts'
import { isOwnOrigin } from '../request/origin.ts'
import { callAsUser } from '../session/call-as-user.ts'
import type { Runtime } from '../session/runtime.ts'
import { confirmAddress, verifyAddress } from '../session/verify-address.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'
import { currentRequest } from './current-request.ts'
import type { CurrentSession } from './current-session.ts'
import { type SignInStep, stepOf } from './own-requests.ts'
import { SessionUnavailableError } from './session-error.ts'

/**
 * Methods for the user's account, except sign-in and sign-out. Call the methods that change something only in an action or route handler.
 * They check `Origin` themselves. If a value is refused, `problem.errors` names its field. Every call may also be refused with
 * `too_many_requests`, which has `retryAfterSeconds`, or with `unavailable`.
 */
export type Account = {
  /** Mails another link that verifies an address. Returns `ok` for every address, so that nobody can find out whether it has an account. */
  resendVerification(email: string): Promise<ActionResult>
  /**
   * Verifies an address with the token of the mailed link (`/verify#token=…`) and the password from the sign-up, and signs the user in. If
   * the user is already signed in to that account, leave the password out. The user then stays signed in. If the user needs a second
   * factor, `user` is null, as after `signIn`.
   *
   * The call is refused with `link_invalid`, or with `invalid_request` for the field `password`. After `invalid_request` the link still
   * works.
   */
  verifyAddress(proof: { token: string; password?: string }): Promise<ActionResult<SignInStep>>
  /** Mails a link with which the user can set a new password, or the first one. Returns `ok` for every address. */
  forgotPassword(email: string): Promise<ActionResult>
  /**
   * Sets a new password with the token of the mailed link (`/reset#token=…`). All sessions of the user end, and the caller is not signed
   * in.
   *
   * The call is refused with `link_invalid`, or with `invalid_request` for the field `newPassword`. After `invalid_request` the link still
   * works.
   */
  resetPassword(reset: { token: string; newPassword: string }): Promise<ActionResult>
  /**
   * Requests another email address for the signed-in user. The new address gets a mail with a link, and the old address gets a notice. The
   * address changes only when the link is used. If another account already has that address, the call also returns `ok`.
   *
   * A user who has a password must give it (`hasPassword` of `secondFactors.list()`). Leave it out for other users. They must have
   * authenticated in the last ten minutes.
   *
   * The call is refused with `invalid_request` for the fields `newEmail` and `password`, or with `insufficient_user_authentication`. Then
   * let the user confirm who they are, and try again.
   */
  changeAddress(change: { newEmail: string; password?: string }): Promise<ActionResult>
  /**
   * Changes the email address. It needs the token of the link (`/verify-new-address#token=…`) and the password of the account that
   * requested the change. If the user is signed in to that account, leave the password out. The link alone is not enough, because the new
   * address may belong to somebody else.
   *
   * The call is refused with `link_invalid`, or with `invalid_request` for the field `password`. After `invalid_request` the link still
   * works.
   */
  confirmAddress(proof: { token: string; password?: string }): Promise<ActionResult>
  /**
   * Checks the password of the signed-in user again, before a sensitive action. After success, `isFresh` returns true for ten minutes.
   *
   * The call is refused with `invalid_request` for the field `password`.
   */
  confirmPassword(password: string): Promise<ActionResult>
  /**
   * Does the same as `confirmPassword`, also for users who have a second factor. Such a user must give `code` or `recoveryCode`, and the
   * password too. The session then has two factors (`acr` is `aal2`).
   *
   * The call is refused with `invalid_request` for the fields `password`, `code` and `recoveryCode`.
   */
  confirmIdentity(proof: ReauthenticationRequest): Promise<ActionResult>
  /**
   * Returns whether the signed-in user has authenticated within the last ten minutes. Use it only to choose what to show. The auth server
   * does its own check.
   *
   * @throws SessionUnavailableError if the session cannot be verified, because of an outage.
   */
  isFresh(): Promise<boolean>
  /**
   * Returns the newest events of the user's own audit log. `address` and `userAgent` come from the client and can be forged. Show them as
   * plain text.
   */
  activity(): Promise<ActionResult<{ activity: Activity[] }>>
  /**
   * Returns all data that is stored about the user. If the call is refused with `insufficient_user_authentication`, call `confirmPassword`
   * and try again.
   */
  data(): Promise<ActionResult<{ data: unknown }>>
  /**
   * Marks the account for deletion, ends all of its sessions and clears the cookies. `deleteAt` is the time at which the account will be
   * deleted, in milliseconds since 1970 (UTC). If the user signs in before that time, the account is not deleted.
   *
   * A user who has a password must give it (`hasPassword` of `secondFactors.list()`). Leave it out for other users. They must have
   * authenticated in the last ten minutes.
   *
   * The call is refused with `invalid_request` for the field `password`, or with `insufficient_user_authentication`. Then let the user
   * confirm who they are, and try again.
   */
  delete(password?: string): Promise<ActionResult<{ deleteAt: number }>>
  /**
   * Returns the mails of the development inbox, the newest first. In development, the auth server can write mails to this inbox instead of
   * sending them. Returns null if the auth server has no such inbox. The mails contain secrets of all users, so there is no such inbox in
   * production.
   *
   * @throws SessionUnavailableError if the auth server cannot be reached.
   */
  developmentInbox(): Promise<InboxMail[] | null>
}

export function createAccount(
  runtime: () => Runtime,
  currentSession: () => Promise<CurrentSession>,
  asUser: CallAsUser,
): Account {
  /** Calls an operation that needs no session, but only an email address or the token of a mailed link. */
  async function asAnybody(
    name: 'resendVerification' | 'forgotPassword' | 'resetPassword',
    body: object,
  ): Promise<ActionResult> {
    const { authServer, config } = runtime()
    const request = await currentRequest(config)
    if (!isOwnOrigin(request.headers, config)) return { ok: false, problem: problem('origin_refused') }
    const json = JSON.stringify(body)
    return done(await authServer.call(name, { json }, browserDetailsOf(request.headers, config)))
  }

  const confirmIdentity = (proof: ReauthenticationRequest) =>
    asUser.change((own) => callAsUser(own, 'reauthenticate', { json: JSON.stringify(proof) }))

  return {
    resendVerification: (email) => asAnybody('resendVerification', { email }),
    async verifyAddress({ token, password }) {
      const json = JSON.stringify({ token, password })
      const verified = await asUser.changeAsVisitor((visitor) => verifyAddress(visitor, json))
      return verified.ok ? { ok: true, ...stepOf(verified) } : verified
    },
    forgotPassword: (email) => asAnybody('forgotPassword', { email }),
    resetPassword: ({ token, newPassword }) => asAnybody('resetPassword', { token, newPassword }),
    async changeAddress({ newEmail, password }) {
      const json = JSON.stringify({ newEmail, password })
      return done(await asUser.change((own) => callAsUser(own, 'changeAddress', { json })))
    },
    confirmAddress: ({ token, password }) =>
      asUser.changeAsVisitor((visitor) => confirmAddress(visitor, JSON.stringify({ token, password }))),
    confirmPassword: (password) => confirmIdentity({ password }),
    confirmIdentity,
    async isFresh() {
      const { session } = await currentSession()
      return session !== null && Date.now() - session.principal.authenticatedAt <= freshProofMs
    },
    activity: () => asUser.ask((own) => callAsUser(own, 'listActivity')),
    data: () => asUser.ask((own) => callAsUser(own, 'downloadData')),
    delete: (password) =>
      asUser.change((own) => callAsUser(own, 'deleteAccount', { json: JSON.stringify({ password }) })),
    async developmentInbox() {
      // This call is first, because it tells Next during the build that the page depends on the request. Next then stops rendering the
      // page. The code below needs the settings, which may be missing during the build.
      const requestHeaders = await headers()
      const { authServer, config } = runtime()
      const answer = await authServer.call('inbox', {}, browserDetailsOf(requestHeaders, config))
      if (answer.ok) return answer.mails
      if (answer.problem.code === 'not_found') return null
      throw new SessionUnavailableError()
    },
  }
}

/** Returns only `ok` for a success, without the body of the answer. */
function done(result: ActionResult): ActionResult {
  return result.ok ? { ok: true } : result
}
