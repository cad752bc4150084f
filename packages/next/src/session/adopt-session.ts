import type { BrowserDetails } from './auth-server-client.ts'
import { type ResolvedSession, renewWith } from './resolve-session.ts'
import type { Runtime } from './runtime.ts'
import type { CookieChange } from './session-cookies.ts'

/** A session of the auth server whose refresh token is in a cookie of another library. */
export type CarriedSession = {
  /** The session's refresh token. Read it from the visitor's own cookie, and only if that cookie is signed or encrypted. */
  refreshToken: string
  /**
   * The names of the cookies that contained the session. They are cleared in the same response. For a name, the parts of a split cookie
   * (`name.0`, `name.1`) are cleared too. If a cookie was set with a `Domain`, give it as `domain`, because a cookie can only be cleared
   * with the same `Domain`.
   */
  cookies: readonly (string | { name: string; domain: string })[]
}

/**
 * Takes over a session from a cookie of another library. The response that sets our cookies also clears that cookie. Then only our cookies
 * have the session's refresh token. This is necessary, because the auth server treats a refresh token as stolen if two programs use it.
 * During an outage, the other library's cookie is not cleared. Several requests at the same time get the same tokens.
 */
export async function adoptSession(
  runtime: Runtime,
  carried: CarriedSession,
  cookieHeader: string | null,
  browser: BrowserDetails,
): Promise<Exclude<ResolvedSession, { kind: 'expired' }>> {
  const session = await renewWith(runtime, carried.refreshToken, browser)
  if (session.kind === 'unavailable' && session.changes.length === 0) return session
  return { ...session, changes: [...session.changes, ...clearedPieces(carried.cookies, cookieHeader)] }
}

function clearedPieces(cookies: CarriedSession['cookies'], cookieHeader: string | null): CookieChange[] {
  const sent = (cookieHeader ?? '').split(';').map((pair) => pair.split('=')[0]?.trim() ?? '')
  return cookies.flatMap((cookie) => {
    const { name: whole, domain } = typeof cookie === 'string' ? { name: cookie, domain: null } : cookie
    const pieces = sent.filter((name) => name.replace(/\.\d{1,2}$/, '') === whole)
    return [...new Set([whole, ...pieces])].map(
      (name): CookieChange => ({ name, value: '', maxAgeSeconds: 0, sameSite: 'lax', domain }),
    )
  })
}
