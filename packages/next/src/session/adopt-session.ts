import type { BrowserDetails } from './auth-server-client.ts'
import { type ResolvedSession, renewWith } from './resolve-session.ts'
import type { Runtime } from './runtime.ts'
import type { CookieChange } from './session-cookies.ts'

/** A session of the auth server that the browser carries in a cookie of another library. */
export type CarriedSession = {
  /** The session's refresh token. Read it from the visitor's own cookie, and only if that cookie is signed or encrypted. */
  refreshToken: string
  /**
   * The cookies that contained it. They are cleared in the same response: `name`, and the parts `name.0`, `name.1` of a split cookie. Give
   * the `domain` of cookies that were set with one, because a cookie can only be cleared with the same `Domain`.
   */
  cookies: readonly (string | { name: string; domain: string })[]
}

/**
 * Takes over a carried session. From then on only our cookies contain its refresh token: the other library's cookie is cleared in the
 * response that sets ours, because two holders of one refresh token look like theft to the auth server. During an outage it is kept.
 * Concurrent requests get the same tokens.
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
