import { deviceCookieFor } from './device-cookie.ts'
import type { Caller, SignedIn } from './issuer.ts'
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
  const before = readSessionCookies(cookieHeader, config)
  if (before.kind === 'tokens' && before.refreshToken) await issuer.logout(before.refreshToken, caller)
  return [...cookiesFor(tokens, config), ...deviceCookieFor(device, config)]
}
