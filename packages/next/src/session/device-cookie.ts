import { deviceCookieMaxAgeSeconds, readCookie } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { CookieChange } from './session-cookies.ts'

/** Matches the allowed values of the cookie. */
const opaque = /^[\w.~-]{1,512}$/

/** Returns the value by which the auth server recognizes this browser. Returns null if there is no such cookie, or more than one. */
export function readDevice(
  header: string | null,
  { deviceCookie }: Pick<Config, 'deviceCookie'>,
): string | null {
  const [device, ...others] = readCookie(header, deviceCookie)
  return device !== undefined && others.length === 0 && opaque.test(device) ? device : null
}

/**
 * Returns the cookie with this value, for the next sign-in. A sign-out does not clear this cookie, because it identifies the browser and
 * not the user.
 */
export function deviceCookieFor(
  device: string | null,
  { deviceCookie }: Pick<Config, 'deviceCookie'>,
): CookieChange[] {
  if (device === null || !opaque.test(device)) return []
  return [{ name: deviceCookie, value: device, maxAgeSeconds: deviceCookieMaxAgeSeconds, sameSite: 'lax' }]
}
