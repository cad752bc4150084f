import {
  allCookieNames,
  clearedDuplicateCookies,
  cookieNames,
  deviceCookieMaxAgeSeconds,
  deviceCookieName,
  isHostOnly,
  readCookie,
  readSignInCookie,
  type SignInCookie,
  serializeCookie,
  signInCookieNames,
  signInCookieSameSite,
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

/** Returns a cookie that binds one step of a sign-in to this browser. With `maxAgeSeconds` 0, it deletes the cookie. */
export function signInCookie(
  cookie: SignInCookie,
  secret: string,
  maxAgeSeconds: number,
  config: Config,
): string {
  const sameSite = signInCookieSameSite(cookie)
  const { secure, domain } = attributesFor(config)
  const attributes = { secure, maxAgeSeconds, sameSite, domain: isHostOnly(cookie) ? undefined : domain }
  return serializeCookie(signInCookieNamesOf(config)[cookie], secret, attributes)
}

/** Returns the secret in such a cookie. Returns null if the cookie is missing, malformed, or there twice. */
export function readSignInSecret(cookie: SignInCookie, header: string | null, config: Config): string | null {
  return readSignInCookie(header, signInCookieNamesOf(config)[cookie])
}

function signInCookieNamesOf(config: Config): Record<SignInCookie, string> {
  return signInCookieNames(attributesFor(config))
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
      ...Object.values(signInCookieNamesOf(config)),
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
