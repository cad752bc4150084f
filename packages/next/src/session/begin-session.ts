import type { Caller, SignedIn } from './auth-server-client.ts'
import { deviceCookieFor } from './device-cookie.ts'
import type { Runtime } from './runtime.ts'
import { type CookieChange, cookiesFor, readSessionCookies } from './session-cookies.ts'

/**
 * The cookies of a session that has just begun in this browser. It ends what the browser had before (ASVS 7.2.4): nobody is left
 * holding the older session's tokens.
 */
export async function beginSession(
  { issuer, config }: Pick<Runtime, 'issuer' | 'config'>,
  cookieHeader: string | null,
  { tokens, device }: SignedIn,
  caller: Caller,
): Promise<CookieChange[]> {
  const cookies = readSessionCookies(cookieHeader, config)
  const before = cookies.kind === 'tokens' ? cookies.refreshToken : null
  // Some backends have one refresh token per person, and have just answered it again.
  if (before && before !== tokens.refreshToken) await issuer.logout(before, caller)
  return [...cookiesFor(tokens, config), ...deviceCookieFor(device, config)]
}
