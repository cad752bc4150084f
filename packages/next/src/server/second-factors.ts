import { problem, type User } from '@sallyport/protocol'
import type { PendingSignInResponse, TotpStarted } from '@sallyport/protocol/endpoints'
import { browserDetailsOf } from '../request/browser-details.ts'
import { callPendingSignIn } from '../session/begin-session.ts'
import type { Runtime } from '../session/runtime.ts'
import type { ActionResult } from './action-result.ts'
import { currentRequest } from './current-request.ts'
import type { OwnRequests } from './own-requests.ts'
import { SessionUnavailableError } from './session-error.ts'

/** What the sign-in in this browser still needs. `expiresIn` is in seconds. */
export type PendingSignIn = Pick<PendingSignInResponse, 'status' | 'factors' | 'expiresIn'>

/**
 * Second factors: the page that follows the password (docs/second-factors.md).
 * Call the methods that change something only in an action or route handler. They check `Origin` themselves.
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
}

export function createSecondFactors(
  runtime: () => Runtime,
  { ownRequest, begin }: OwnRequests,
): SecondFactors {
  return {
    async pending() {
      const { authServer, config } = runtime()
      const { headers, cookieHeader } = await currentRequest(config)
      const browser = browserDetailsOf(headers, config)
      const { answer } = await callPendingSignIn({ authServer, config }, 'describePendingSignIn', {
        cookieHeader,
        browser,
      })
      if (answer.ok) {
        const { status, factors, expiresIn } = answer
        return { status, factors, expiresIn }
      }
      if (answer.problem.code === 'sign_in_expired') return null
      throw new SessionUnavailableError()
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
  }
}
