import { readCookie } from '@sallyport/protocol'
import { cookies, headers } from 'next/headers.js'
import type { Config } from '../config/config.ts'
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

export async function currentRequest(config: Config): Promise<CurrentRequest> {
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
  return {
    headers: requestHeaders,
    cookieHeader: standingNow(sent, names, store),
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

/** The header as it was sent, as long as this very request has not set one of our cookies: then with those in it. */
function standingNow(
  sent: string | null,
  names: readonly string[],
  store: { get(name: string): { value: string } | undefined },
): string | null {
  const standing: CookieChange[] = []
  let isAsSent = true
  for (const name of names) {
    const values = readCookie(sent, name)
    if (values.length > 1) return sent
    const value = store.get(name)?.value ?? ''
    if (value !== (values[0] ?? '')) isAsSent = false
    standing.push({ name, value, maxAgeSeconds: 0 })
  }
  return isAsSent ? sent : cookieHeaderAfter(sent, standing)
}
