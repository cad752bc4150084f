import {
  allCookieNames,
  cookieDomainsOf,
  cookieNames,
  deviceCookieMaxAgeSeconds,
  deviceCookieName,
  readCookie,
  serializeCookie,
} from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import { FlowError } from '../flows/flow-error.ts'
import type { IssuedTokens } from '../flows/issue-tokens.ts'

/** Our cookies of one request. `carried`: whether any cookie of ours came along, under any of our names. */
export type RequestCookies = { accessToken: string | null; refreshToken: string | null; carried: boolean }

/** @throws FlowError `credential_conflict`, and the cookies go, when one of our names came twice (CK-06). */
export function readCookies(header: string | null, config: Config): RequestCookies {
  if (header === null) return { accessToken: null, refreshToken: null, carried: false }
  const names = cookieNamesOf(config)
  const all = allCookieNames.map((name) => readCookie(header, name))
  if (all.some((values) => values.length > 1))
    throw new FlowError('credential_conflict', { clearCookies: true, reason: 'a cookie came twice' })
  const one = (name: string) => readCookie(header, name)[0] || null
  return {
    accessToken: one(names.accessToken),
    refreshToken: one(names.refreshToken),
    carried: all.some((values) => values.length > 0),
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

/** By what the browser is known again at its next sign-in. `lax`: it is to come along also where somebody follows a link from a mail. */
export function deviceCookie(device: string, config: Config): string {
  return serializeCookie(deviceCookieOf(config), device, {
    ...attributesFor(config),
    maxAgeSeconds: deviceCookieMaxAgeSeconds,
    sameSite: 'lax',
  })
}

export function deviceCookieOf(config: Config): string {
  return deviceCookieName(attributesFor(config))
}

export function clearedCookies(config: Config): string[] {
  const attributes = { ...attributesFor(config), maxAgeSeconds: 0 }
  return Object.values(cookieNamesOf(config)).map((name) => serializeCookie(name, '', attributes))
}

/** The same, wherever a second one of the name may stand: an earlier `cookieDomain` or a sibling has left it (CK-06). */
export function cookiesClearedEverywhere(config: Config): string[] {
  if (config.cookieDomain === undefined) return clearedCookies(config)
  const domains = [undefined, ...cookieDomainsOf(new URL(config.issuer).hostname)]
  return domains.flatMap((domain) =>
    Object.values(cookieNamesOf(config)).map((name) =>
      serializeCookie(name, '', { ...attributesFor(config), domain, maxAgeSeconds: 0 }),
    ),
  )
}

export function cookieNamesOf(config: Config) {
  return cookieNames(attributesFor(config))
}

function attributesFor({ issuer, cookieDomain }: Config) {
  return { secure: issuer.startsWith('https:'), domain: cookieDomain }
}
