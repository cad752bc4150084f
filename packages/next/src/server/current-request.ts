import { readCookie } from '@sallyport/protocol'
import { cookies, headers } from 'next/headers.js'
import type { Config } from '../config/config.ts'
import { type CookieChange, cookieHeaderAfter } from '../session/session-cookies.ts'

/** The current request, in a render, an action or a route handler. */
export type CurrentRequest = {
  headers: Headers
  /** The `Cookie` header. It includes our cookies that were set during this request. */
  cookieHeader: string | null
  /** Returns whether cookies can be set. They can be set in actions and route handlers, but never in a render. */
  isWritable: () => boolean
  setCookies: (changes: readonly CookieChange[]) => void
}

export async function currentRequest(config: Config): Promise<CurrentRequest> {
  const [requestHeaders, store] = await Promise.all([headers(), cookies()])
  const names = [
    config.cookies.accessToken,
    config.cookies.refreshToken,
    config.signInCookies.pendingSignIn,
    config.signInCookies.mailedSignIn,
  ]
  // Next's cookie store can set only one cookie for each name. So duplicates (the same name with another path or domain) are not cleared
  // here.
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
      // Next has no public API that says whether cookies can be set. In a render, `delete` throws. No cookie has this name, so nothing is
      // deleted.
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

/** Returns the header that the browser sent. If one of our cookies was set during this request, it has the new value. */
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
