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
 * What a person does with their account beside signing in and out. What changes something belongs into an action or route handler, and
 * checks `Origin` itself. Refusals name their fields in `problem.errors`; each may also be `too_many_requests`, with `retryAfterSeconds`,
 * or `unavailable`.
 */
export type Account = {
  /** Mails the link that proves an address once more. `ok` whatever the address: nobody learns whether it is known, you neither. */
  resendVerification(email: string): Promise<ActionResult>
  /**
   * Proves an address by the secret of the mailed link (`/verify#token=…`) and signs in, with the password that was chosen at sign-up.
   * Whoever is signed in to that account leaves the password out and goes on.
   *
   * Refuses with `link_invalid`, or `invalid_request` for the field `password`; then the link still works.
   */
  verifyAddress(proof: { token: string; password?: string }): Promise<ActionResult<{ user: User }>>
  /** Mails a link for a new password. `ok` whatever the address. */
  forgotPassword(email: string): Promise<ActionResult>
  /**
   * Sets a new password by the secret of the mailed link (`/reset#token=…`). All sessions of that person end, and nobody is signed in.
   *
   * Refuses with `link_invalid`, or `invalid_request` for the field `newPassword`; then the link still works.
   */
  resetPassword(reset: { token: string; newPassword: string }): Promise<ActionResult>
  /**
   * Asks for another address of the signed-in person: the new one gets a link, the old one is told. Nothing changes before the link is
   * used. `ok` too when somebody has that address already.
   *
   * Refuses with `invalid_request` for the fields `newEmail` and `password`.
   */
  changeAddress(change: { newEmail: string; password: string }): Promise<ActionResult>
  /**
   * Puts the new address in place, by the secret of the link (`/verify-new-address#token=…`) and the password of the account that asked.
   * Whoever is signed in to that account leaves the password out. The link alone does nothing: it went to an address that may be
   * somebody else's.
   *
   * Refuses with `link_invalid`, or `invalid_request` for the field `password`; then the link still works.
   */
  confirmAddress(proof: { token: string; password?: string }): Promise<ActionResult>
  /**
   * Checks the password of the signed-in person again, for what is sensitive; `isFresh` is true for ten minutes then.
   *
   * Refuses with `invalid_request` for the field `password`.
   */
  confirmPassword(password: string): Promise<ActionResult>
  /**
   * Whether the signed-in person has proven within ten minutes who they are. A hint for what to show; the auth server asks by itself.
   *
   * @throws SessionUnavailableError when nobody can tell who is signed in.
   */
  isFresh(): Promise<boolean>
  /** The newest events of the user's own audit log. `address` and `userAgent` come from the client and can be forged: show them as text. */
  activity(): Promise<ActionResult<{ activity: Activity[] }>>
  /** Everything that is stored about the person. Refuses with `reauthentication_required`: then ask for `confirmPassword` first. */
  data(): Promise<ActionResult<{ data: unknown }>>
  /**
   * Marks the account for deletion, ends all of its sessions and clears the cookies; when it will be gone, in milliseconds. Signing in
   * before then keeps it.
   *
   * Refuses with `invalid_request` for the field `password`.
   */
  delete(password: string): Promise<ActionResult<{ deleteAt: number }>>
  /**
   * The mails that would have gone out, the newest first; null unless the auth server runs with a development inbox. They hold secrets
   * of everybody: the auth server has none in production.
   *
   * @throws SessionUnavailableError when the auth server cannot be asked.
   */
  developmentInbox(): Promise<InboxMail[] | null>
}

export function createAccount(
  runtime: () => Runtime,
  currentSession: () => Promise<CurrentSession>,
  asUser: CallAsUser,
): Account {
  /** What needs no session: an address or a mailed secret is enough. */
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
      // First of all: this tells Next, while it builds, that the page depends on the request; the settings may be missing there.
      const requestHeaders = await headers()
      const { authServer, config } = runtime()
      const answer = await authServer.call('inbox', {}, browserDetailsOf(requestHeaders, config))
      if (answer.ok) return answer.mails
      if (answer.problem.code === 'not_found') return null
      throw new SessionUnavailableError()
    },
  }
}

/** Without the status of the wire, which says no more than `ok`. */
function done(result: ActionResult): ActionResult {
  return result.ok ? { ok: true } : result
}
