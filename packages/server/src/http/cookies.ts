import {
  allCookieNames,
  clearedDuplicateCookies,
  cookieNames,
  deviceCookieMaxAgeSeconds,
  deviceCookieName,
  mailedSignInCookieName,
  passkeyCookieName,
  pendingSignInCookieName,
  providerStateCookieName,
  readCookie,
  serializeCookie,
} from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { IssuedTokens } from '../flows/session/issue-tokens.ts'
import { FlowError } from '../services/flow-error.ts'

/** The cookies of Sallyport in one request. `carried` is true if the request has a cookie with any of Sallyport's names. */
export type RequestCookies = { accessToken: string | null; refreshToken: string | null; carried: boolean }

/**
 * Returns Sallyport's cookies in a `Cookie` header.
 *
 * @throws FlowError `credential_conflict` when the access token or the refresh token occurs twice (RFC 6265 section 5.4). The response
 * deletes the cookies.
 */
export function readCookies(header: string | null, config: Config): RequestCookies {
  if (header === null) return { accessToken: null, refreshToken: null, carried: false }
  const names = cookieNamesOf(config)
  const accessTokens = readCookie(header, names.accessToken)
  const refreshTokens = readCookie(header, names.refreshToken)
  if (accessTokens.length > 1 || refreshTokens.length > 1)
    throw new FlowError('credential_conflict', { clearCookies: true, reason: 'duplicate cookie' })
  return {
    accessToken: accessTokens[0] || null,
    refreshToken: refreshTokens[0] || null,
    carried: allCookieNames.some((name) => readCookie(header, name).length > 0),
  }
}

export function tokenCookies(tokens: IssuedTokens, config: Config): string[] {
  const names = cookieNamesOf(config)
  const attributes = attributesFor(config)
  return [
    serializeCookie(names.accessToken, tokens.accessToken, {
      ...attributes,
      maxAgeSeconds: tokens.expiresIn,
    }),
    serializeCookie(names.refreshToken, tokens.refreshToken, {
      ...attributes,
      maxAgeSeconds: tokens.refreshExpiresIn,
    }),
  ]
}

/**
 * Returns the cookie that identifies the browser at its next sign-in. The cookie is `SameSite=Lax`, so browsers also send it when a user
 * follows a link in a mail.
 */
export function deviceCookie(device: string, config: Config): string {
  return serializeCookie(deviceCookieOf(config), device, {
    ...attributesFor(config),
    maxAgeSeconds: deviceCookieMaxAgeSeconds,
    sameSite: 'lax',
  })
}

/**
 * Returns the cookie of a sign-in that needs a second factor. With `maxAgeSeconds` 0, it clears the cookie. The cookie is `SameSite=Lax`,
 * because a sign-in at another provider comes back from a page of that provider.
 */
export function pendingSignInCookie(handle: string, maxAgeSeconds: number, config: Config): string {
  const attributes = { ...attributesFor(config), maxAgeSeconds, sameSite: 'lax' } as const
  return serializeCookie(pendingSignInCookieOf(config), handle, attributes)
}

/** Returns the handle of the pending sign-in in a `Cookie` header. If there are two such cookies, returns null. */
export function readPendingSignInCookie(header: string | null, config: Config): string | null {
  const [handle, ...others] = readCookie(header, pendingSignInCookieOf(config))
  return handle && others.length === 0 ? handle : null
}

/**
 * Returns the cookie that binds a sign-in at a provider to this browser. With `maxAgeSeconds` 0, it clears the cookie. It is
 * `SameSite=Lax`, because the browser comes back from a page of the provider.
 */
export function providerStateCookie(handle: string, maxAgeSeconds: number, config: Config): string {
  const attributes = { ...attributesFor(config), maxAgeSeconds, sameSite: 'lax' } as const
  return serializeCookie(providerStateCookieOf(config), handle, attributes)
}

/** Returns the secret of a sign-in at a provider. If there are two such cookies, returns null. */
export function readProviderStateCookie(header: string | null, config: Config): string | null {
  const [handle, ...others] = readCookie(header, providerStateCookieOf(config))
  return handle && others.length === 0 ? handle : null
}

function providerStateCookieOf(config: Config): string {
  return providerStateCookieName(attributesFor(config))
}

/** Returns the cookie with which the browser answers a challenge for a passkey. */
export function passkeyCookie(handle: string, maxAgeSeconds: number, config: Config): string {
  return serializeCookie(passkeyCookieOf(config), handle, { ...attributesFor(config), maxAgeSeconds })
}

/** Returns the value of the passkey cookie in a `Cookie` header. If there are two such cookies, returns null. */
export function readPasskeyCookie(header: string | null, config: Config): string | null {
  const [handle, ...others] = readCookie(header, passkeyCookieOf(config))
  return handle && others.length === 0 ? handle : null
}

function passkeyCookieOf(config: Config): string {
  return passkeyCookieName(attributesFor(config))
}

function pendingSignInCookieOf(config: Config): string {
  return pendingSignInCookieName(attributesFor(config))
}

/**
 * Returns the cookie by which the browser that requested a mailed code is recognized. With `maxAgeSeconds` 0, it clears the cookie. The
 * cookie is `SameSite=Lax`, so browsers also send it when a user follows a link in a mail.
 */
export function mailedSignInCookie(handle: string, maxAgeSeconds: number, config: Config): string {
  const attributes = { ...attributesFor(config), maxAgeSeconds, sameSite: 'lax' } as const
  return serializeCookie(mailedSignInCookieOf(config), handle, attributes)
}

/** Returns the handle of the mailed sign-in in a `Cookie` header. If there are two such cookies, returns null. */
export function readMailedSignInCookie(header: string | null, config: Config): string | null {
  const [handle, ...others] = readCookie(header, mailedSignInCookieOf(config))
  return handle && others.length === 0 ? handle : null
}

function mailedSignInCookieOf(config: Config): string {
  return mailedSignInCookieName(attributesFor(config))
}

export function deviceCookieOf(config: Config): string {
  return deviceCookieName(attributesFor(config))
}

export function clearedCookies(config: Config): string[] {
  const attributes = { ...attributesFor(config), maxAgeSeconds: 0 }
  return Object.values(cookieNamesOf(config)).map((name) => serializeCookie(name, '', attributes))
}

/**
 * Returns cookies that delete duplicates of Sallyport's cookies, for every path and domain under which the browser may have stored them. As
 * long as a duplicate exists, each request is refused.
 */
export function clearedDuplicatesOf(request: Request, config: Config): string[] {
  const header = request.headers.get('cookie')
  if (header === null) return []
  const place = {
    hostname: new URL(config.issuer).hostname,
    pathname: new URL(request.url).pathname,
    ...attributesFor(config),
  }
  return clearedDuplicateCookies(
    header,
    [
      ...Object.values(cookieNamesOf(config)),
      deviceCookieOf(config),
      pendingSignInCookieOf(config),
      providerStateCookieOf(config),
      passkeyCookieOf(config),
      mailedSignInCookieOf(config),
    ],
    place,
  )
}

export function cookieNamesOf(config: Config) {
  return cookieNames(attributesFor(config))
}

function attributesFor({ issuer, cookieDomain }: Config) {
  return { secure: issuer.startsWith('https:'), domain: cookieDomain }
}
