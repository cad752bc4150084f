import { problem, type SessionDescription } from '@sallyport/protocol'
import type { Answered, Caller } from './issuer.ts'
import { isOutOfDate, type ResolvedSession, renewSession } from './resolve-session.ts'
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

/** Where this person is signed in. */
export async function listOwnSessions(own: OwnSession): Promise<Outcome<{ sessions: SessionDescription[] }>> {
  const { answer, changes } = await askInOwnName(own, ({ issuer }, accessToken) =>
    issuer.sessions(accessToken, own.caller),
  )
  return { answer, changes }
}

/** Ends one session of this person, their own here included. */
export async function endOwnSession(own: OwnSession, id: string): Promise<Outcome> {
  // It becomes a part of an address: a slash, a dot or a question mark would make that another one.
  if (!/^[\w-]{1,255}$/.test(id)) return { answer: { ok: false, problem: problem('not_found') }, changes: [] }
  const { answer, changes } = await askInOwnName(own, ({ issuer }, accessToken) =>
    issuer.endSession(id, accessToken, own.caller),
  )
  // Only now: before the auth server has said whose it is, it may be anybody's.
  if (!answer.ok) return { answer, changes }
  own.runtime.verifier.revokeLocally({ sid: id })
  const isThisOne = id === own.session.principal.sessionId
  return { answer, changes: isThisOne ? clearedCookies(own.runtime.config) : changes }
}

/** Ends all sessions of this person; or all others, and then carries on here with new tokens. */
export async function endOwnSessions(
  own: OwnSession,
  { exceptCurrent }: { exceptCurrent: boolean },
): Promise<Outcome<{ ended: number }>> {
  const { answer, changes, asked } = await askInOwnName(own, ({ issuer }, accessToken) =>
    issuer.endSessions({ exceptCurrent }, accessToken, own.caller),
  )
  if (!answer.ok) return { answer, changes }
  if (exceptCurrent) return { answer, changes: await carryOn(asked, changes) }
  const { verifier, config } = own.runtime
  verifier.revokeLocally({ sid: own.session.principal.sessionId })
  outdateTokens(asked)
  return { answer, changes: clearedCookies(config) }
}

/** Changes the password and carries on with new tokens; all other sessions have ended then. `json` goes to the auth server as it is. */
export async function changeOwnPassword(own: OwnSession, json: string): Promise<Outcome> {
  const { answer, changes, asked } = await askInOwnName(own, ({ issuer }, accessToken) =>
    issuer.changePassword(json, accessToken, own.caller),
  )
  return { answer, changes: answer.ok ? await carryOn(asked, changes) : changes }
}

/** Asks, and asks once more with new tokens if the old one is out of date: the auth server may know of a change before we do. */
async function askInOwnName<T>(
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
async function carryOn(own: OwnSession, before: CookieChange[]): Promise<CookieChange[]> {
  outdateTokens(own)
  const renewed = await renewSession(own.runtime, own.cookieHeader, own.caller, { afresh: true })
  return renewed.changes.length > 0 ? renewed.changes : before
}

/** What the feed is about to say: tokens up to the version of the one that asked count no more. Here at once, whatever the feed does. */
function outdateTokens({ runtime, session }: OwnSession): void {
  const [, payload = ''] = session.accessToken.split('.')
  const { ver } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { ver: number }
  runtime.verifier.revokeLocally({ sub: session.principal.userId, minVersion: ver + 1 })
}
