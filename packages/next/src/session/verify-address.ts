import type { User } from '@sallyport/protocol'
import type { Proven, Refused, SignedIn } from './auth-server-client.ts'
import { beginSession } from './begin-session.ts'
import { callAsUser, carryOn, type Outcome, type OwnSession } from './call-as-user.ts'
import { type CookieChange, cookieHeaderAfter } from './session-cookies.ts'

/** Whoever opens a mailed link: somebody who is signed in here, to that account or another, or nobody. */
export type Visitor = Omit<OwnSession, 'session'> & { session: OwnSession['session'] | null }

/**
 * Proves an address by a mailed link. Whoever is signed in to the account goes on with new tokens: proving it ends every other session,
 * and may bring permissions. Anybody else is signed in by it, with the password. `json` goes to the auth server as it is.
 */
export async function verifyAddress(visitor: Visitor, json: string): Promise<Outcome<{ user: User }>> {
  const { runtime, session, caller } = visitor
  if (session === null) return settle(visitor, await runtime.issuer.verifyAddress(json, null, caller), [])
  const own = { ...visitor, session }
  const { answer, changes, asked } = await callAsUser(own, ({ issuer }, accessToken) =>
    issuer.verifyAddress(json, accessToken, caller),
  )
  // What is wrong with a session is no reason to refuse the link: it is worth as much to whoever has none.
  if (!answer.ok && answer.problem.status === 401)
    return settle(visitor, await runtime.issuer.verifyAddress(json, null, caller), changes)
  if (answer.ok && answer.tokens === null)
    return { answer: { ok: true, user: answer.user }, changes: await carryOn(asked, changes) }
  return settle(asked, answer, changes)
}

async function settle(
  { runtime, cookieHeader, caller }: Visitor,
  answer: SignedIn | Proven | Refused,
  changes: CookieChange[],
): Promise<Outcome<{ user: User }>> {
  if (!answer.ok) return { answer, changes }
  const { user } = answer
  if (answer.tokens === null) return { answer: { ok: true, user }, changes }
  const before = cookieHeaderAfter(cookieHeader, changes)
  return { answer: { ok: true, user }, changes: await beginSession(runtime, before, answer, caller) }
}
