import { type Problem, problem, type User } from '@sallyport/protocol'
import type {
  FactorsResponse,
  PendingSignInResponse,
  TotpConfirmed,
  TotpStarted,
} from '@sallyport/protocol/endpoints'
import { headers } from 'next/headers.js'
import { browserDetailsOf } from '../request/browser-details.ts'
import { callPendingSignIn } from '../session/begin-session.ts'
import { callAsUser, type UserEndpointName } from '../session/call-as-user.ts'
import type { Runtime } from '../session/runtime.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'
import { currentRequest } from './current-request.ts'
import type { OwnRequests } from './own-requests.ts'
import { SessionUnavailableError } from './session-error.ts'

/** What the sign-in in this browser still needs. `expiresIn` is in seconds. */
export type PendingSignIn = Pick<PendingSignInResponse, 'status' | 'factors' | 'expiresIn'> & {
  /** For how many seconds the browser is trusted after `trustBrowser`. If it is 0, this has no effect: do not show the choice. */
  trustedBrowserSeconds: number
}

/**
 * Second factors: the page that follows the password, and the page on which users manage their authenticator apps (docs/second-factors.md).
 * Call the methods that change something only in an action or route handler. They check `Origin` themselves.
 *
 * The methods for a signed-in user may be refused with `insufficient_user_authentication`: the user must confirm who they are, on the page
 * of `confirmPath`.
 */
export type SecondFactors = {
  /**
   * Returns what the sign-in in this browser still needs. Returns null if there is none: then redirect to the sign-in page.
   *
   * @throws SessionUnavailableError if the auth server cannot be reached.
   */
  pending(): Promise<PendingSignIn | null>
  /**
   * Finishes the sign-in with a code of an authenticator app or with a recovery code. With `trustBrowser`, the user is not asked for a code
   * in this browser for some time (default: 30 days).
   *
   * The call is refused with `invalid_request` for the field `code` or `recoveryCode`, and the user can then try again; with
   * `sign_in_expired`; or with `too_many_requests`.
   */
  prove(
    proof: ({ code: string } | { recoveryCode: string }) & { trustBrowser?: boolean },
  ): Promise<ActionResult<{ user: User }>>
  /** Begins to set up the authenticator app that the sign-in requires. Show `qrCode`, and `secret` for users who type it. */
  startSetup(): Promise<ActionResult<TotpStarted>>
  /**
   * Finishes the sign-in with the first code of the new authenticator app. `recoveryCodes` is shown only once. It is refused like `prove`.
   */
  finishSetup(setup: {
    id: string
    code: string
    name?: string
  }): Promise<ActionResult<{ user: User; recoveryCodes: string[] }>>
  /** Returns the second factors of the signed-in user, and whether they have a password. It also works in a render. */
  list(): Promise<ActionResult<FactorsResponse>>
  /** Begins to add an authenticator app. It is asked for only after `confirmTotp`. */
  startTotp(options?: { name?: string }): Promise<ActionResult<TotpStarted>>
  /**
   * Adds the authenticator app after its first code was right. If it is the user's first one, `recoveryCodes` has ten codes, which are shown
   * only once.
   *
   * The call is refused with `invalid_request` for the field `code`.
   */
  confirmTotp(setup: { id: string; code: string; name?: string }): Promise<ActionResult<TotpConfirmed>>
  /** Changes the name of a second factor. */
  rename(factor: { id: string; name: string }): Promise<ActionResult>
  /** Removes a second factor. With the last one, the recovery codes are deleted too. */
  remove(id: string): Promise<ActionResult>
  /** Replaces the recovery codes. The new codes are shown only once. */
  makeRecoveryCodes(): Promise<ActionResult<{ recoveryCodes: string[] }>>
  /** Asks for a code again in all browsers in which the user chose not to be asked. */
  forgetTrustedBrowsers(): Promise<ActionResult>
}

export function createSecondFactors(
  runtime: () => Runtime,
  { ownRequest, begin }: OwnRequests,
  asUser: CallAsUser,
): SecondFactors {
  const change = <Name extends UserEndpointName>(name: Name, body?: object) =>
    asUser.change((own) => callAsUser(own, name, body === undefined ? {} : { json: JSON.stringify(body) }))

  return {
    async pending() {
      // This call is first, because the settings may be missing during the build. Next then stops rendering the page.
      const requestHeaders = await headers()
      const { authServer, config } = runtime()
      const { cookieHeader } = await currentRequest(config)
      const browser = browserDetailsOf(requestHeaders, config)
      const { answer } = await callPendingSignIn({ authServer, config }, 'describePendingSignIn', {
        cookieHeader,
        browser,
      })
      return pendingSignInOf(answer)
    },

    async prove({ trustBrowser, ...proof }) {
      const begun = await begin('proveSecondFactor', { ...proof, trustBrowser })
      return begun.ok ? { ok: true, user: begun.user } : begun
    },

    async startSetup() {
      const known = await ownRequest()
      if (known === null) return { ok: false, problem: problem('origin_refused') }
      const { request, browser } = known
      const { cookieHeader } = request
      const { answer, changes } = await callPendingSignIn(known, 'startSecondFactor', {
        cookieHeader,
        browser,
      })
      if (changes.length > 0) request.setCookies(changes)
      return answer
    },

    async finishSetup({ id, code, name }) {
      const begun = await begin('finishSecondFactor', { id, code, name })
      return begun.ok ? { ok: true, user: begun.user, recoveryCodes: begun.recoveryCodes } : begun
    },

    list: () => asUser.ask((own) => callAsUser(own, 'listFactors')),
    startTotp: ({ name } = {}) => change('startTotp', { name }),
    confirmTotp: ({ id, code, name }) => change('confirmTotp', { id, code, name }),
    rename: ({ id, name }) => change('renameFactor', { id, name }),
    remove: (id) => change('removeFactor', { id }),
    makeRecoveryCodes: () => change('makeRecoveryCodes', {}),
    forgetTrustedBrowsers: () => change('forgetTrustedBrowsers'),
  }
}

/**
 * Returns the pending sign-in of an answer of the auth server. Returns null if there is none.
 *
 * @throws SessionUnavailableError if the auth server cannot be reached.
 */
export function pendingSignInOf(
  answer: ({ ok: true } & PendingSignInResponse) | { ok: false; problem: Pick<Problem, 'code'> },
): PendingSignIn | null {
  if (answer.ok) {
    const { status, factors, expiresIn, trustedBrowserSeconds = 0 } = answer
    return { status, factors, expiresIn, trustedBrowserSeconds }
  }
  // The auth server counts only requests without a valid sign-in. So after `too_many_requests`, there is none either.
  if (answer.problem.code === 'sign_in_expired' || answer.problem.code === 'too_many_requests') return null
  throw new SessionUnavailableError()
}
