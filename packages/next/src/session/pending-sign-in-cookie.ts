import { readCookie } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { CookieChange } from './session-cookies.ts'

type Name = Pick<Config, 'pendingSignInCookie'>

/** Matches the handles of the auth server. */
const opaque = /^[\w-]{1,128}$/

/**
 * Returns the handle of the sign-in that needs a second factor. Returns null if there is no such cookie, more than one, or a malformed one.
 */
export function readPendingSignIn(header: string | null, { pendingSignInCookie }: Name): string | null {
  const [handle, ...others] = readCookie(header, pendingSignInCookie)
  return handle !== undefined && others.length === 0 && opaque.test(handle) ? handle : null
}

/**
 * Returns the cookie with the handle. It is `SameSite=Lax`, because a sign-in at an outside provider comes back from a page of that
 * provider.
 */
export function pendingSignInCookieFor(
  handle: string,
  maxAgeSeconds: number,
  { pendingSignInCookie }: Name,
): CookieChange {
  return { name: pendingSignInCookie, value: handle, maxAgeSeconds, sameSite: 'lax' }
}

/** Returns the change that clears the cookie, if the request has it. */
export function clearedPendingSignIn(header: string | null, config: Name): CookieChange[] {
  const { pendingSignInCookie } = config
  if (readCookie(header, pendingSignInCookie).length === 0) return []
  return [{ name: pendingSignInCookie, value: '', maxAgeSeconds: 0, sameSite: 'lax' }]
}
