import { readCookie } from '@sallyport/protocol'
import { cookies, headers } from 'next/headers.js'
import type { Configuration } from '../config/configuration.ts'
import { type CookieChange, cookieHeaderAfter } from '../session/session-cookies.ts'

/** The request that Next is serving, as a render, an action or a route handler sees it. */
export type CurrentRequest = {
  headers: Headers
  /** Our cookies as they stand now, counting what this very request has already set. */
  cookieHeader: string | null
  /** Whether cookies can be set: in actions and route handlers, never in a render. */
  isWritable: () => boolean
  setCookies: (changes: readonly CookieChange[]) => void
}

export async function currentRequest(config: Configuration): Promise<CurrentRequest> {
  const [requestHeaders, store] = await Promise.all([headers(), cookies()])
  const names = [config.cookies.accessToken, config.cookies.refreshToken]
  // One of a name is all that Next keeps here; where it stands is ours.
  const set = ({ name, value, maxAgeSeconds, sameSite, isReadable }: CookieChange) =>
    store.set(name, value, {
      httpOnly: !isReadable,
      secure: config.secure,
      sameSite: sameSite ?? 'strict',
      path: '/',
      maxAge: maxAgeSeconds,
      ...(config.cookieDomain && { domain: config.cookieDomain }),
    })

  const sent = requestHeaders.get('cookie')
  const duplicated = names.some((name) => readCookie(sent, name).length > 1)
  const standing = names.map((name) => ({ name, value: store.get(name)?.value ?? '', maxAgeSeconds: 0 }))
  return {
    headers: requestHeaders,
    cookieHeader: duplicated ? sent : cookieHeaderAfter(sent, standing),
    isWritable: () => {
      // Next has no public way to ask, but it throws at once in a render. Nobody has a cookie of this name.
      try {
        store.delete('sallyport-writable')
        return true
      } catch {
        return false
      }
    },
    setCookies: (changes) => changes.forEach(set),
  }
}
