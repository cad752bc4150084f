import { deviceCookieMaxAgeSeconds, readCookie } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { CookieChange } from './session-cookies.ts'

/** What may stand in the cookie, whoever wrote it. */
const opaque = /^[\w.~-]{1,512}$/

/** The value by which the auth server knows this browser again; null where there is none, or more than one. */
export function readDevice(
  header: string | null,
  { deviceCookie }: Pick<Config, 'deviceCookie'>,
): string | null {
  const [device, ...others] = readCookie(header, deviceCookie)
  return device !== undefined && others.length === 0 && opaque.test(device) ? device : null
}

/** The cookie that keeps the value for the next sign-in. It stays over sign-outs: it says which browser this is, not who uses it. */
export function deviceCookieFor(
  device: string | null,
  { deviceCookie }: Pick<Config, 'deviceCookie'>,
): CookieChange[] {
  if (device === null || !opaque.test(device)) return []
  return [{ name: deviceCookie, value: device, maxAgeSeconds: deviceCookieMaxAgeSeconds, sameSite: 'lax' }]
}
