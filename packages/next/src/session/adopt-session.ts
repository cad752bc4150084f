import type { BrowserDetails } from './auth-server-client.ts'
import { type ResolvedSession, renewWith } from './resolve-session.ts'
import type { Runtime } from './runtime.ts'
import type { CookieChange } from './session-cookies.ts'

/** A session of the auth server that the browser carries in a cookie of another library. */
export type CarriedSession = {
  /** The session's refresh token. Read it from the visitor's own cookie, and only if that one is signed or encrypted. */
  refreshToken: string
  /**
   * The cookies that it came in, cleared in the same answer: `name`, and the `name.0`, `name.1` of one that was cut in pieces. With
   * their `domain` where they were set with one: a cookie is cleared only where it stands.
   */
  cookies: readonly (string | { name: string; domain: string })[]
}

/**
 * Makes a carried session ours: from here on we alone hold its refresh token. Two holders would look like an owner and a thief to the
 * refresh rule, so the other library's cookie goes in the same answer that sets ours. While nobody can tell, it
 * stays as it is; requests at once get the same tokens.
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
