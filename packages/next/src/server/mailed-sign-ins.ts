import { problem } from '@sallyport/protocol'
import type { MailedSignIn } from '@sallyport/protocol/endpoints'
import { headers } from 'next/headers.js'
import { describeMailedLink, requestSignInMail } from '../session/mailed-sign-in.ts'
import type { Runtime } from '../session/runtime.ts'
import { readSignInSecret } from '../session/sign-in-cookies.ts'
import type { ActionResult } from './action-result.ts'
import { currentRequest } from './current-request.ts'
import { type OwnRequests, type SignInStep, stepOf } from './own-requests.ts'

/**
 * Sign-in with a mailed code or link (docs/mailed-sign-in.md). The auth server must have the setting `SALLYPORT_MAILED_SIGN_IN=on`.
 * Otherwise, calls are refused with `not_found`. Call these methods only in an action or route handler, except `isRequested`. They check
 * `Origin` themselves.
 */
export type MailedSignIns = {
  /**
   * Mails a code and a link. Returns `ok` for every address. The code works only in this browser, which gets a cookie for this. `expiresIn`
   * is in seconds.
   */
  request(email: string): Promise<ActionResult<{ expiresIn: number }>>
  /** Returns whether this browser has requested a mail in the last ten minutes. Without that, no code works here. */
  isRequested(): Promise<boolean>
  /**
   * Signs in with the six digits of the mail. Spaces are ignored. If the user needs a second factor, `user` is null, as after `signIn`.
   *
   * The call is refused with `invalid_request` for the field `code`, and the user can then try again; with `sign_in_mail_expired`, and the
   * user then needs another mail; or with `too_many_requests`.
   */
  enterCode(code: string): Promise<ActionResult<SignInStep>>
  /**
   * Returns which sign-in the link in the mail confirms. The token is in the fragment of the address of the page (`/login/link#token=…`).
   * Uses nothing up, so a mail scanner that runs the scripts of the page ends nothing. The call is refused with `link_invalid`.
   */
  describeLink(token: string): Promise<ActionResult<MailedSignIn>>
  /**
   * Signs in with the link in the mail, in any browser. Call it only after the user has clicked a button. If the user needs a second factor,
   * `user` is null, as after `signIn`. The call is refused with `link_invalid`.
   */
  confirmLink(token: string): Promise<ActionResult<SignInStep>>
}

export function createMailedSignIns(
  runtime: () => Runtime,
  { ownRequest, begin }: OwnRequests,
): MailedSignIns {
  return {
    async request(email) {
      const known = await ownRequest()
      if (known === null) return { ok: false, problem: problem('origin_refused') }
      const { request, browser } = known
      const { cookieHeader } = request
      const json = JSON.stringify({ email })
      const { answer, changes } = await requestSignInMail(known, json, { cookieHeader, browser })
      if (changes.length > 0) request.setCookies(changes)
      return answer.ok ? { ok: true, expiresIn: answer.expiresIn } : answer
    },

    async isRequested() {
      // This call is first, because the settings may be missing during the build. Next then stops rendering the page.
      await headers()
      const { config } = runtime()
      const { cookieHeader } = await currentRequest(config)
      return readSignInSecret('mailedSignIn', cookieHeader, config) !== null
    },

    async enterCode(code) {
      const begun = await begin('signInWithMailedCode', { code: code.replace(/\s/g, '') })
      return begun.ok ? { ok: true, ...stepOf(begun) } : begun
    },

    async describeLink(token) {
      const known = await ownRequest()
      if (known === null) return { ok: false, problem: problem('origin_refused') }
      const { request, browser } = known
      const { cookieHeader } = request
      return describeMailedLink(known, JSON.stringify({ token }), { cookieHeader, browser })
    },

    async confirmLink(token) {
      const begun = await begin('confirmMailedSignIn', { token })
      return begun.ok ? { ok: true, ...stepOf(begun) } : begun
    },
  }
}
