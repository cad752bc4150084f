import { problem } from '@sallyport/protocol'
import type { endpoints } from '@sallyport/protocol/endpoints'
import type { Config } from '../config/config.ts'
import type { Answered, BeginningEndpoint, Begun, Refused } from './auth-server-answer.ts'
import type { BodyOf, BrowserDetails, Sent } from './auth-server-client.ts'
import { deviceCookieFor } from './device-cookie.ts'
import type { Runtime } from './runtime.ts'
import { type CookieChange, cookiesFor, readSessionCookies } from './session-cookies.ts'
import { clearedSignInCookie, readSignInSecret, signInCookieFor } from './sign-in-cookies.ts'

/**
 * Begins a session in this browser. The browser's previous session ends (OWASP ASVS 7.2.4), so its tokens stop working. `json` is sent to
 * the auth server unchanged.
 */
export async function beginSession<Name extends BeginningEndpoint>(
  { authServer, config }: Pick<Runtime, 'authServer' | 'config'>,
  name: Name,
  sent: Sent & { json: string },
  { cookieHeader, browser }: { cookieHeader: string | null; browser: BrowserDetails },
): Promise<{ answer: Begun<Name> | Refused; changes: CookieChange[] }> {
  const cookies = readSessionCookies(cookieHeader, config)
  const replaces = cookies.kind === 'tokens' ? cookies.refreshToken : null
  const pendingSignIn = continuesSignIn[name] ? readSignInSecret('pendingSignIn', cookieHeader, config) : null
  // Without the cookie there is no sign-in to continue. The auth server would only say the same.
  if (continuesSignIn[name] && pendingSignIn === null)
    return { answer: { ok: false, problem: problem('sign_in_expired') }, changes: [] }
  const handle = name === 'signInWithPasskey' ? readSignInSecret('passkey', cookieHeader, config) : null
  const mailedSignIn =
    name === 'signInWithMailedCode' ? readSignInSecret('mailedSignIn', cookieHeader, config) : null
  if (name === 'signInWithMailedCode' && mailedSignIn === null)
    return { answer: { ok: false, problem: problem('sign_in_mail_expired') }, changes: [] }
  const handles = { pendingSignIn, handle, mailedSignIn }
  const answer = await authServer.begin(name, { ...sent, ...handles, replaces }, browser)
  if (!answer.ok) {
    // A sign-in at a provider has expired. This says nothing about the pending sign-in of the cookie.
    const isOther = answer.problem.code === 'sign_in_expired' && !continuesSignIn[name]
    return { answer, changes: isOther ? [] : changesAfter(answer, cookieHeader, config) }
  }
  if (answer.pending !== undefined)
    return {
      answer,
      changes: [
        signInCookieFor('pendingSignIn', answer.handle, answer.pending.expiresIn, config),
        ...clearedSignInCookie('mailedSignIn', cookieHeader, config),
      ],
    }
  // If there are no tokens, the user was not signed in. Then the previous session of the browser continues.
  if (answer.tokens === null) return { answer, changes: [] }
  const { tokens, device } = answer
  return {
    answer,
    changes: [
      ...cookiesFor(tokens, config),
      ...deviceCookieFor(device, config),
      ...clearedSignInCookie('pendingSignIn', cookieHeader, config),
      ...clearedSignInCookie('mailedSignIn', cookieHeader, config),
    ],
  }
}

/** Whether an endpoint continues the sign-in whose handle is in a cookie. */
const continuesSignIn: Record<BeginningEndpoint, boolean> = {
  signIn: false,
  signUp: false,
  verifyAddress: false,
  signInWithMailedCode: false,
  confirmMailedSignIn: false,
  proveSecondFactor: true,
  finishSecondFactor: true,
  signInWithPasskey: false,
  proveSecondFactorWithPasskey: true,
  finishPasskeySetup: true,
  signUpWithPasskey: false,
  finishProvider: false,
}

/** An endpoint about a sign-in that needs a second factor. It begins no session. */
export type PendingEndpoint =
  | 'describePendingSignIn'
  | 'startSecondFactor'
  | 'startPasskeySecondFactor'
  | 'startPasskeySetup'

/** Calls an endpoint about the sign-in whose handle is in a cookie. */
export async function callPendingSignIn<Name extends PendingEndpoint>(
  { authServer, config }: Pick<Runtime, 'authServer' | 'config'>,
  name: Name,
  { cookieHeader, browser }: { cookieHeader: string | null; browser: BrowserDetails },
): Promise<{ answer: Answered<BodyOf<(typeof endpoints)[Name]>>; changes: CookieChange[] }> {
  const pendingSignIn = readSignInSecret('pendingSignIn', cookieHeader, config)
  if (pendingSignIn === null)
    return { answer: { ok: false, problem: problem('sign_in_expired') }, changes: [] }
  const answer = await authServer.call(name, { json: JSON.stringify({ pendingSignIn }) }, browser)
  return { answer, changes: answer.ok ? [] : changesAfter(answer, cookieHeader, config) }
}

/** If the sign-in cannot be continued, or if the code does not work any more, the cookie is of no further use. */
function changesAfter({ problem }: Refused, cookieHeader: string | null, config: Config): CookieChange[] {
  if (problem.code === 'sign_in_mail_expired')
    return clearedSignInCookie('mailedSignIn', cookieHeader, config)
  return problem.code === 'sign_in_expired' ? clearedSignInCookie('pendingSignIn', cookieHeader, config) : []
}
