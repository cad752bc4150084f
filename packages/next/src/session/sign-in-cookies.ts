import {
  isHostOnly,
  readCookie,
  readSignInCookie,
  type SignInCookie,
  signInCookieSameSite,
} from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { CookieChange } from './session-cookies.ts'

type Names = Pick<Config, 'signInCookies'>

/** Returns the secret in a cookie of one step of a sign-in. Returns null if the cookie is missing, malformed, or there twice. */
export function readSignInSecret(
  cookie: SignInCookie,
  header: string | null,
  { signInCookies }: Names,
): string | null {
  return readSignInCookie(header, signInCookies[cookie])
}

/** Returns the cookie that binds one step of a sign-in to this browser. */
export function signInCookieFor(
  cookie: SignInCookie,
  value: string,
  maxAgeSeconds: number,
  { signInCookies }: Names,
): CookieChange {
  const sameSite = signInCookieSameSite(cookie)
  const change = { name: signInCookies[cookie], value, maxAgeSeconds, sameSite }
  return isHostOnly(cookie) ? { ...change, domain: null } : change
}

/** Returns the change that deletes such a cookie, if the request has it. */
export function clearedSignInCookie(
  cookie: SignInCookie,
  header: string | null,
  config: Names,
): CookieChange[] {
  if (readCookie(header, config.signInCookies[cookie]).length === 0) return []
  return [signInCookieFor(cookie, '', 0, config)]
}
