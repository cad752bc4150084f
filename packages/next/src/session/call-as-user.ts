import type { Answered, Caller } from './auth-server-client.ts'
import { isOutOfDate } from './out-of-date.ts'
import { type ResolvedSession, renewSession } from './resolve-session.ts'
import type { Runtime } from './runtime.ts'
import { type CookieChange, clearedCookies, cookieHeaderAfter } from './session-cookies.ts'

/** Whoever is signed in, and what it takes to ask the auth server in their name. */
export type OwnSession = {
  runtime: Runtime
  session: Extract<ResolvedSession, { kind: 'signedIn' }>
  /** The cookies as they stand now, counting what has just been renewed. */
  cookieHeader: string | null
  caller: Caller
  /** Whether cookies can be set here: in a render they cannot. */
  mayRenew: () => boolean
}

/** What the auth server answered, and the cookies that must reach the browser with it, come what may. */
export type Outcome<T = unknown> = { answer: Answered<T>; changes: CookieChange[] }

/** Asks, and asks once more with new tokens if the old one is out of date: the auth server may know of a change before we do. */
export async function callAsUser<T>(
  own: OwnSession,
  ask: (runtime: Runtime, accessToken: string) => Promise<Answered<T>>,
): Promise<Outcome<T> & { asked: OwnSession }> {
  const { runtime, cookieHeader, caller } = own
  let asked = own
  let changes: CookieChange[] = []
  let answer = await ask(runtime, own.session.accessToken)
  if (!answer.ok && isOutOfDate(answer.problem.code) && own.mayRenew()) {
    const session = await renewSession(runtime, cookieHeader, caller, { afresh: true })
    changes = session.changes
    if (session.kind === 'signedIn') {
      asked = { ...own, session, cookieHeader: cookieHeaderAfter(cookieHeader, changes) }
      answer = await ask(runtime, session.accessToken)
    }
  }
  if (!answer.ok && answer.problem.code === 'session_ended') {
    runtime.verifier.revokeLocally({ sid: own.session.principal.sessionId })
    changes = clearedCookies(runtime.config)
  }
  return { answer, changes, asked }
}

/** The auth server has put every token of this person out of date, the one that asked too: the next page should not find that out. */
export function carryOn(own: OwnSession, before: CookieChange[]): Promise<CookieChange[]> {
  outdateTokens(own)
  return renewAfresh(own, before)
}

/** New tokens, that say what has just changed. Where they cannot be had, the next refresh brings them. */
export async function renewAfresh(own: OwnSession, before: CookieChange[]): Promise<CookieChange[]> {
  const renewed = await renewSession(own.runtime, own.cookieHeader, own.caller, { afresh: true })
  return renewed.changes.length > 0 ? renewed.changes : before
}

/** The auth server has ended every session of this person: here that counts at once. */
export function endHere(own: OwnSession): CookieChange[] {
  const { verifier, config } = own.runtime
  verifier.revokeLocally({ sid: own.session.principal.sessionId })
  outdateTokens(own)
  return clearedCookies(config)
}

/** What the feed is about to say: tokens up to the version of the one that asked count no more. Here at once, whatever the feed does. */
function outdateTokens({ runtime, session }: OwnSession): void {
  const [, payload = ''] = session.accessToken.split('.')
  const { ver } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { ver: number }
  runtime.verifier.revokeLocally({ sub: session.principal.userId, minVersion: ver + 1 })
}
