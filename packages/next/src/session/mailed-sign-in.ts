import { readCookie } from '@sallyport/protocol'
import type { MailedSignIn } from '@sallyport/protocol/endpoints'
import type { Config } from '../config/config.ts'
import type { Answered, BrowserDetails } from './auth-server-client.ts'
import type { Runtime } from './runtime.ts'
import type { CookieChange } from './session-cookies.ts'

type Name = Pick<Config, 'mailedSignInCookie'>
type Asking = { cookieHeader: string | null; browser: BrowserDetails }

/** Matches the handles of the auth server. */
const opaque = /^[\w-]{1,128}$/

/**
 * Returns the handle with which this browser can send a mailed code. Returns null if there is no such cookie, more than one, or a malformed
 * one.
 */
export function readMailedSignIn(header: string | null, { mailedSignInCookie }: Name): string | null {
  const [handle, ...others] = readCookie(header, mailedSignInCookie)
  return handle !== undefined && others.length === 0 && opaque.test(handle) ? handle : null
}

/** Returns the change that clears the cookie, if the request has it. */
export function clearedMailedSignIn(header: string | null, { mailedSignInCookie }: Name): CookieChange[] {
  if (readCookie(header, mailedSignInCookie).length === 0) return []
  return [{ name: mailedSignInCookie, value: '', maxAgeSeconds: 0, sameSite: 'lax' }]
}

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
  if (value === undefined || !opaque.test(value)) return { answer: known, changes: [] }
  const name = config.mailedSignInCookie
  // The cookie is `SameSite=Lax`, so browsers also send it when the user follows the link in the mail.
  return { answer: known, changes: [{ name, value, maxAgeSeconds: known.expiresIn, sameSite: 'lax' }] }
}

/** Describes the sign-in that a mailed link confirms. Uses nothing up. `json` is sent to the auth server unchanged. */
export function describeMailedLink(
  { authServer, config }: Pick<Runtime, 'authServer' | 'config'>,
  json: string,
  { cookieHeader, browser }: Asking,
): Promise<Answered<MailedSignIn>> {
  const mailedSignIn = readMailedSignIn(cookieHeader, config)
  const members = mailedSignIn === null ? {} : { mailedSignIn }
  return authServer.call('describeMailedSignIn', { json, members }, browser)
}
