import { readCookie } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { CookieChange } from './session-cookies.ts'
import { signInCookieFor } from './sign-in-cookies.ts'

type Names = Pick<Config, 'signInCookies'>

/** A sign-in, the link of a provider to the account, or a confirmation of who the user is. */
export type ProviderPurpose = 'sign_in' | 'link' | 'confirm'

const letters = { sign_in: 's', link: 'l', confirm: 'c' } as const
const purposes = ['sign_in', 'link', 'confirm'] as const satisfies ProviderPurpose[]

/** What this browser has begun at an outside provider. */
export type ProviderState = {
  /** The secret by which the auth server recognizes the browser. */
  handle: string
  purpose: ProviderPurpose
  /** The path to open at the end. It is checked again before each redirect. */
  returnTo: string | null
}

/**
 * Returns what this browser has begun at a provider. Returns null if there is no such cookie, more than one, or a malformed one. Browsers do
 * not send the cookie with a POST of another site.
 */
export function readProviderState(header: string | null, { signInCookies }: Names): ProviderState | null {
  const [value, ...others] = readCookie(header, signInCookies.providerState)
  const [, handle, letter, path = ''] = /^([\w-]{1,128})\.(s|l|c)\.([\w-]{0,3000})$/.exec(value ?? '') ?? []
  const purpose = purposes.find((one) => letters[one] === letter)
  if (handle === undefined || purpose === undefined || others.length > 0) return null
  const returnTo = path === '' ? null : Buffer.from(path, 'base64url').toString('utf8')
  return { handle, purpose, returnTo }
}

/** Returns the purpose in a form. An unknown one is a sign-in. */
export function purposeOf(value: unknown): ProviderPurpose {
  return purposes.find((one) => one === value) ?? 'sign_in'
}

/** The maximum length of `returnTo`. With a longer one, the cookie could exceed 4,096 bytes, and browsers would ignore it. */
export const maxReturnToLength = 2048

/** Returns the cookie of a sign-in at a provider. */
export function providerStateCookieFor(
  { handle, purpose, returnTo }: ProviderState,
  maxAgeSeconds: number,
  config: Names,
): CookieChange {
  const path = Buffer.from(returnTo ?? '', 'utf8').toString('base64url')
  const value = `${handle}.${letters[purpose]}.${path}`
  return signInCookieFor('providerState', value, maxAgeSeconds, config)
}
