import type { MailedSignIn } from '@sallyport/protocol/endpoints'
import type { Answered } from './auth-server-answer.ts'
import type { BrowserDetails } from './auth-server-client.ts'
import type { Runtime } from './runtime.ts'
import type { CookieChange } from './session-cookies.ts'
import { readSignInSecret, signInCookieFor } from './sign-in-cookies.ts'

type Asking = { cookieHeader: string | null; browser: BrowserDetails }

/**
 * Requests a mail with a code and a link. The handle is stored in a cookie, so the code works only in this browser. `json` is sent to the
 * auth server unchanged.
 */
export async function requestSignInMail(
  { authServer, config }: Pick<Runtime, 'authServer' | 'config'>,
  json: string,
  { browser }: Asking,
): Promise<{ answer: Answered<{ status: 'accepted'; expiresIn: number }>; changes: CookieChange[] }> {
  const answer = await authServer.call(
    'requestSignInMail',
    { json, members: { transport: 'bearer' } },
    browser,
  )
  if (!answer.ok) return { answer, changes: [] }
  const { mailedSignIn: value, ...known } = answer
  if (value === undefined) return { answer: known, changes: [] }
  return { answer: known, changes: [signInCookieFor('mailedSignIn', value, known.expiresIn, config)] }
}

/** Describes the sign-in that a mailed link confirms. Uses nothing up. `json` is sent to the auth server unchanged. */
export function describeMailedLink(
  { authServer, config }: Pick<Runtime, 'authServer' | 'config'>,
  json: string,
  { cookieHeader, browser }: Asking,
): Promise<Answered<MailedSignIn>> {
  const mailedSignIn = readSignInSecret('mailedSignIn', cookieHeader, config)
  const members = mailedSignIn === null ? {} : { mailedSignIn }
  return authServer.call('describeMailedSignIn', { json, members }, browser)
}
