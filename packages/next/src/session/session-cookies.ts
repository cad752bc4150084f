import { createHmac, randomBytes } from 'node:crypto'
import { clearedDuplicateCookies, readCookie, serializeCookie } from '@sallyport/protocol'
import { type Config, refreshCookieMaxAgeSeconds } from '../config/config.ts'
import { tokenFromCookie, tokenToCookie } from './token-in-cookie.ts'

/** The tokens in the browser's cookies. `conflict`: there are two cookies with the same name, so both values are ignored. */
export type SessionCookies =
  | { kind: 'tokens'; accessToken: string | null; refreshToken: string | null }
  | { kind: 'none' }
  | { kind: 'conflict' }

/** New tokens from the auth server or a custom issuer. A custom issuer may issue no refresh token. */
export type Tokens = { accessToken: string; refreshToken: string | null; expiresIn: number }

/**
 * One cookie to set. If `maxAgeSeconds` is 0, the cookie is cleared. `domain` replaces the configured domain, because a cookie of another
 * library can only be cleared with its own `Domain`. Null means this host only.
 */
export type CookieChange = {
  name: string
  value: string
  maxAgeSeconds: number
  sameSite?: 'lax' | 'strict'
  /** Whether scripts of the page can read the cookie. */
  isReadable?: true
  domain?: string | null
}

/** Returns the tokens in a `Cookie` header. */
export function readSessionCookies(header: string | null, { cookies, custom }: Config): SessionCookies {
  const access = readCookie(header, cookies.accessToken)
  const refresh = readCookie(header, cookies.refreshToken)
  if (access.length > 1 || refresh.length > 1) return { kind: 'conflict' }
  const read = (value: string | undefined) => (value && custom ? tokenFromCookie(value) : value) || null
  const accessToken = read(access[0])
  const refreshToken = read(refresh[0])
  return accessToken === null && refreshToken === null
    ? { kind: 'none' }
    : { kind: 'tokens', accessToken, refreshToken }
}

/** Returns the two cookies for a pair of tokens, and the cookie by which scripts notice that the session may have changed (the mark). */
export function cookiesFor(
  { accessToken, refreshToken, expiresIn }: Tokens,
  { cookies, sessionMark, custom }: Pick<Config, 'cookies' | 'sessionMark' | 'custom'>,
): CookieChange[] {
  const written = (token: string) => (custom ? tokenToCookie(token) : token)
  const lastsSeconds = refreshToken === null ? expiresIn : refreshCookieMaxAgeSeconds
  return [
    { name: cookies.accessToken, value: written(accessToken), maxAgeSeconds: expiresIn },
    refreshToken === null
      ? { name: cookies.refreshToken, value: '', maxAgeSeconds: 0 }
      : { name: cookies.refreshToken, value: written(refreshToken), maxAgeSeconds: lastsSeconds },
    { name: sessionMark, value: markOf(accessToken), maxAgeSeconds: lastsSeconds, isReadable: true },
  ]
}

/**
 * Returns the changes that clear the cookies of {@link cookiesFor}. Use them after a sign-out, if the session has ended, or if the cookies
 * have duplicates. Never use them after an outage.
 */
export function clearedCookies({
  cookies,
  sessionMark,
}: Pick<Config, 'cookies' | 'sessionMark'>): CookieChange[] {
  return [
    { name: cookies.accessToken, value: '', maxAgeSeconds: 0 },
    { name: cookies.refreshToken, value: '', maxAgeSeconds: 0 },
    { name: sessionMark, value: '', maxAgeSeconds: 0, isReadable: true },
  ]
}

let markKey: Buffer | undefined

/**
 * Returns the value of the mark. It is a keyed hash of the token, so that all requests that share one renewal set the same value. The key
 * never leaves this process. So nobody can guess a short token of a custom backend from the mark.
 */
function markOf(accessToken: string): string {
  markKey ??= randomBytes(32)
  return createHmac('sha256', markKey).update(accessToken).digest('base64url').slice(0, 8)
}

/**
 * Clears duplicates of all our cookies, for all domains and paths. Call it for every response. As long as a cookie has a duplicate (the
 * same name with another domain or path), both values are ignored, so a sign-in has no effect. `pathname` is the path that the browser
 * sees.
 */
export function appendClearedDuplicates(
  headers: Headers,
  cookieHeader: string | null,
  pathname: string,
  config: Config,
): void {
  const { appUrl, secure, cookieDomain, cookies } = config
  const { deviceCookie, sessionMark, signInCookies } = config
  const ours = [deviceCookie, ...Object.values(signInCookies), sessionMark]
  const names = [cookies.accessToken, cookies.refreshToken, ...ours]
  const place = { hostname: appUrl.hostname, pathname, secure, domain: cookieDomain }
  const lines = clearedDuplicateCookies(cookieHeader, names, place)
  for (const line of lines) headers.append('set-cookie', line)
  if (lines.length > 0) headers.set('cache-control', 'private, no-store')
}

/** Writes cookies to a response's headers. If there are any, caches must not store the response. */
export function appendCookies(
  headers: Headers,
  changes: readonly CookieChange[],
  { secure, cookieDomain }: Config,
): void {
  for (const { name, value, domain = cookieDomain, ...change } of changes) {
    const attributes = { secure, domain: domain ?? undefined, ...change }
    headers.append('set-cookie', serializeCookie(name, value, attributes))
  }
  if (changes.length > 0) headers.set('cache-control', 'private, no-store')
}

/** Returns the `Cookie` header that the browser would send after these changes. The render behind the proxy gets this header. */
export function cookieHeaderAfter(header: string | null, changes: readonly CookieChange[]): string {
  const changed = new Set(changes.map(({ name }) => name))
  const kept = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && !changed.has(pair.split('=')[0]?.trim() ?? ''))
  const added = changes.filter(({ value }) => value !== '').map(({ name, value }) => `${name}=${value}`)
  return [...kept, ...added].join('; ')
}
