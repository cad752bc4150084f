import type { BeginningEndpoint, Begun, BrowserDetails, Refused, Sent } from './auth-server-client.ts'
import { deviceCookieFor } from './device-cookie.ts'
import type { Runtime } from './runtime.ts'
import { type CookieChange, cookiesFor, readSessionCookies } from './session-cookies.ts'

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
  const answer = await authServer.begin(name, { ...sent, replaces }, browser)
  // If there are no tokens, the user was not signed in. Then the previous session of the browser continues.
  if (!answer.ok || answer.tokens === null) return { answer, changes: [] }
  const { tokens, device } = answer
  return { answer, changes: [...cookiesFor(tokens, config), ...deviceCookieFor(device, config)] }
}
