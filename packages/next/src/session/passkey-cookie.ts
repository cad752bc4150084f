import { readCookie } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { CookieChange } from './session-cookies.ts'

type Name = Pick<Config, 'passkeyCookie'>

/** Matches the handles of the auth server. */
const opaque = /^[\w-]{1,128}$/

/**
 * Returns the handle with which this browser answers challenges for passkeys. Returns null if there is no such cookie, more than one, or a
 * malformed one.
 */
export function readPasskeyHandle(header: string | null, { passkeyCookie }: Name): string | null {
  const [handle, ...others] = readCookie(header, passkeyCookie)
  return handle !== undefined && others.length === 0 && opaque.test(handle) ? handle : null
}

/** Returns the cookie with the handle. It is `SameSite=Strict`, because only pages of the app read and answer challenges. */
export function passkeyCookieFor(
  handle: string,
  maxAgeSeconds: number,
  { passkeyCookie }: Name,
): CookieChange {
  return { name: passkeyCookie, value: handle, maxAgeSeconds }
}
