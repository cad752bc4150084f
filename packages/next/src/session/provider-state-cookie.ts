import { readCookie } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { CookieChange } from './session-cookies.ts'
import { signInCookieFor } from './sign-in-cookies.ts'

type Names = Pick<Config, 'signInCookies'>

/** What this browser has begun at an outside provider. */
export type ProviderState = {
  /** The secret by which the auth server recognizes the browser. */
  handle: string
  purpose: 'sign_in' | 'link'
  /** The path to open at the end. It is checked again before each redirect. */
  returnTo: string | null
}

/**
 * Returns what this browser has begun at a provider. Returns null if there is no such cookie, more than one, or a malformed one. Browsers do
 * not send the cookie with a POST of another site.
 */
export function readProviderState(header: string | null, { signInCookies }: Names): ProviderState | null {
  const [value, ...others] = readCookie(header, signInCookies.providerState)
  const [, handle, purpose, path = ''] = /^([\w-]{1,128})\.(s|l)\.([\w-]{0,3000})$/.exec(value ?? '') ?? []
  if (handle === undefined || others.length > 0) return null
  const returnTo = path === '' ? null : Buffer.from(path, 'base64url').toString('utf8')
  return { handle, purpose: purpose === 'l' ? 'link' : 'sign_in', returnTo }
}

/** Returns the cookie of a sign-in at a provider. */
export function providerStateCookieFor(
  { handle, purpose, returnTo }: ProviderState,
  maxAgeSeconds: number,
  config: Names,
): CookieChange {
  const path = Buffer.from(returnTo ?? '', 'utf8').toString('base64url')
  const value = `${handle}.${purpose === 'link' ? 'l' : 's'}.${path}`
  return signInCookieFor('providerState', value, maxAgeSeconds, config)
}
