import { problem, type SessionDescription } from '@sallyport/protocol'
import { callAsUser, carryOn, endHere, type Outcome, type OwnSession } from './call-as-user.ts'
import { clearedCookies } from './session-cookies.ts'

/** Where this person is signed in. */
export async function listOwnSessions(own: OwnSession): Promise<Outcome<{ sessions: SessionDescription[] }>> {
  const { answer, changes } = await callAsUser(own, ({ issuer }, accessToken) =>
    issuer.sessions(accessToken, own.caller),
  )
  return { answer, changes }
}

/** Ends one session of this person, their own here included. */
export async function endOwnSession(own: OwnSession, id: string): Promise<Outcome> {
  // It becomes a part of an address: a slash, a dot or a question mark would make that another one.
  if (!/^[\w-]{1,255}$/.test(id)) return { answer: { ok: false, problem: problem('not_found') }, changes: [] }
  const { answer, changes } = await callAsUser(own, ({ issuer }, accessToken) =>
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
  const { answer, changes, asked } = await callAsUser(own, ({ issuer }, accessToken) =>
    issuer.endSessions({ exceptCurrent }, accessToken, own.caller),
  )
  if (!answer.ok) return { answer, changes }
  if (exceptCurrent) return { answer, changes: await carryOn(asked, changes) }
  return { answer, changes: endHere(asked) }
}

/** Changes the password and carries on with new tokens; all other sessions have ended then. `json` goes to the auth server as it is. */
export async function changeOwnPassword(own: OwnSession, json: string): Promise<Outcome> {
  const { answer, changes, asked } = await callAsUser(own, ({ issuer }, accessToken) =>
    issuer.changePassword(json, accessToken, own.caller),
  )
  return { answer, changes: answer.ok ? await carryOn(asked, changes) : changes }
}
