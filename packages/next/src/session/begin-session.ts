import type { BeginningEndpoint, Begun, BrowserDetails, Refused, Sent } from './auth-server-client.ts'
import { deviceCookieFor } from './device-cookie.ts'
import type { Runtime } from './runtime.ts'
import { type CookieChange, cookiesFor, readSessionCookies } from './session-cookies.ts'

/**
 * Begins a session in this browser, and ends the one that it had (ASVS 7.2.4): nobody is left with that session's tokens. `json` goes to
 * the auth server as it is.
 */
export async function beginSession<Name extends BeginningEndpoint>(
  { authServer, config }: Pick<Runtime, 'authServer' | 'config'>,
  name: Name,
  sent: Sent & { json: string },
  { cookieHeader, browser }: { cookieHeader: string | null; browser: BrowserDetails },
): Promise<{ answer: Begun<Name> | Refused; changes: CookieChange[] }> {
  const cookies = readSessionCookies(cookieHeader, config)
  const replaces = cookies.kind === 'tokens' ? cookies.refreshToken : null
  const answer = await authServer.begin(name, { ...sent, replaces }, browser)
  // Without tokens nobody was signed in, and the browser's old session goes on.
  if (!answer.ok || answer.tokens === null) return { answer, changes: [] }
  const { tokens, device } = answer
  return { answer, changes: [...cookiesFor(tokens, config), ...deviceCookieFor(device, config)] }
}
