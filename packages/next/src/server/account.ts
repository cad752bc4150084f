import { problem, type User } from '@sallyport/protocol'
import { type Activity, freshProofMs, type InboxMail } from '@sallyport/protocol/endpoints'
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
import { SessionUnavailableError } from './session-error.ts'

/**
 * What a user does with their account besides signing in and out. Call methods that change something in an action or route handler; they
 * check `Origin` themselves. Refusals name their fields in `problem.errors`. Every call may also be refused with `too_many_requests`, which
 * has `retryAfterSeconds`, or `unavailable`.
 */
export type Account = {
  /** Mails another link that verifies an address. Returns `ok` for every address, so that nobody learns whether it is known. */
  resendVerification(email: string): Promise<ActionResult>
  /**
   * Verifies an address by the token of the mailed link (`/verify#token=…`) and signs in, with the password of the sign-up.
   * A user who is signed in to that account leaves the password out and stays signed in.
   *
   * Refuses with `link_invalid`, or `invalid_request` for the field `password`; then the link still works.
   */
  verifyAddress(proof: { token: string; password?: string }): Promise<ActionResult<{ user: User }>>
  /** Mails a link for a new password. Returns `ok` for every address. */
  forgotPassword(email: string): Promise<ActionResult>
  /**
   * Sets a new password by the token of the mailed link (`/reset#token=…`). All sessions of the user end, and the caller is not signed in.
   *
   * Refuses with `link_invalid`, or `invalid_request` for the field `newPassword`; then the link still works.
   */
  resetPassword(reset: { token: string; newPassword: string }): Promise<ActionResult>
  /**
   * Requests another email address for the signed-in user. The new address gets a link, the old one a notice. Nothing changes before the
   * link is used. Returns `ok` too if another account has that address already.
   *
   * Refuses with `invalid_request` for the fields `newEmail` and `password`.
   */
  changeAddress(change: { newEmail: string; password: string }): Promise<ActionResult>
  /**
   * Changes the email address, by the token of the link (`/verify-new-address#token=…`) and the password of the account that requested it.
   * A user who is signed in to that account leaves the password out. The link alone is not enough, because the new address may belong to
   * somebody else.
   *
   * Refuses with `link_invalid`, or `invalid_request` for the field `password`; then the link still works.
   */
  confirmAddress(proof: { token: string; password?: string }): Promise<ActionResult>
  /**
   * Checks the password of the signed-in user again, before a sensitive action. `isFresh` is then true for ten minutes.
   *
   * Refuses with `invalid_request` for the field `password`.
   */
  confirmPassword(password: string): Promise<ActionResult>
  /**
   * Returns whether the signed-in user has authenticated within the last ten minutes. Use it only to choose what to show; the auth server
   * checks by itself.
   *
   * @throws SessionUnavailableError if the session cannot be verified, because of an outage.
   */
  isFresh(): Promise<boolean>
  /** Returns the newest events of the user's own audit log. `address` and `userAgent` come from the client and can be forged: show them as text. */
  activity(): Promise<ActionResult<{ activity: Activity[] }>>
  /** Returns everything that is stored about the user. If it refuses with `reauthentication_required`, call `confirmPassword` first. */
  data(): Promise<ActionResult<{ data: unknown }>>
  /**
   * Marks the account for deletion, ends all of its sessions and clears the cookies. Returns when it will be deleted, in milliseconds since
   * 1970, UTC. Signing in before then keeps it.
   *
   * Refuses with `invalid_request` for the field `password`.
   */
  delete(password: string): Promise<ActionResult<{ deleteAt: number }>>
  /**
   * Returns the mails that were not sent, the newest first; null unless the auth server runs with a development inbox. They contain secrets
   * of all users, so the auth server has no such inbox in production.
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
  /** Operations without a session, which need only an address or the token of a mailed link. */
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

  return {
    resendVerification: (email) => asAnybody('resendVerification', { email }),
    verifyAddress: ({ token, password }) =>
      asUser.changeAsVisitor((visitor) => verifyAddress(visitor, JSON.stringify({ token, password }))),
    forgotPassword: (email) => asAnybody('forgotPassword', { email }),
    resetPassword: ({ token, newPassword }) => asAnybody('resetPassword', { token, newPassword }),
    async changeAddress({ newEmail, password }) {
      const json = JSON.stringify({ newEmail, password })
      return done(await asUser.change((own) => callAsUser(own, 'changeAddress', { json })))
    },
    confirmAddress: ({ token, password }) =>
      asUser.changeAsVisitor((visitor) => confirmAddress(visitor, JSON.stringify({ token, password }))),
    confirmPassword: (password) =>
      asUser.change((own) => callAsUser(own, 'reauthenticate', { json: JSON.stringify({ password }) })),
    async isFresh() {
      const { session } = await currentSession()
      return session !== null && Date.now() - session.principal.authenticatedAt <= freshProofMs
    },
    activity: () => asUser.ask((own) => callAsUser(own, 'listActivity')),
    data: () => asUser.ask((own) => callAsUser(own, 'downloadData')),
    delete: (password) =>
      asUser.change((own) => callAsUser(own, 'deleteAccount', { json: JSON.stringify({ password }) })),
    async developmentInbox() {
      // First, because it tells Next during the build that the page depends on the request. The settings may be missing there.
      const requestHeaders = await headers()
      const { authServer, config } = runtime()
      const answer = await authServer.call('inbox', {}, browserDetailsOf(requestHeaders, config))
      if (answer.ok) return answer.mails
      if (answer.problem.code === 'not_found') return null
      throw new SessionUnavailableError()
    },
  }
}

/** Removes the HTTP status, which adds nothing to `ok`. */
function done(result: ActionResult): ActionResult {
  return result.ok ? { ok: true } : result
}
