import { problem } from '@sallyport/protocol'
import { callAsUser, type Outcome, type OwnSession } from './call-as-user.ts'
import { clearedCookies } from './session-cookies.ts'

/** Ends one session of the user, which may be the current one. */
export async function endOwnSession(own: OwnSession, id: string): Promise<Outcome> {
  // The id becomes part of a URL, which a slash, a dot or a question mark would change.
  if (!/^[\w-]{1,255}$/.test(id)) return { answer: { ok: false, problem: problem('not_found') }, changes: [] }
  const { runtime, session } = own
  const isThisOne = id === session.principal.sessionId
  const { answer, changes } = await callAsUser(own, 'endSession', { parameters: { id } }, 'none')
  // Only after the auth server has confirmed that the session is this user's.
  if (!answer.ok) return { answer, changes }
  runtime.verifier.revokeLocally({ sid: id })
  return { answer, changes: isThisOne ? clearedCookies(runtime.config) : changes }
}

/** Ends all sessions of the user, or all except the current one, which then gets new tokens. */
export function endOwnSessions(
  own: OwnSession,
  { exceptCurrent }: { exceptCurrent: boolean },
): Promise<Outcome<{ ended: number }>> {
  return exceptCurrent
    ? callAsUser(own, 'endSessions', { query: { except: 'current' } }, 'supersedes')
    : callAsUser(own, 'endSessions')
}
