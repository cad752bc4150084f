import { problem } from '@sallyport/protocol'
import { callAsUser, type Outcome, type OwnSession } from './call-as-user.ts'
import { clearedCookies } from './session-cookies.ts'

/** Ends one session of the user, which may be the one that asks. */
export async function endOwnSession(own: OwnSession, id: string): Promise<Outcome> {
  // It becomes a part of an address: a slash, a dot or a question mark would make that another one.
  if (!/^[\w-]{1,255}$/.test(id)) return { answer: { ok: false, problem: problem('not_found') }, changes: [] }
  const { runtime, session } = own
  const isThisOne = id === session.principal.sessionId
  const { answer, changes } = await callAsUser(own, 'endSession', { parameters: { id } }, 'none')
  // Only now: before the auth server has answered, it may be the session of another user.
  if (!answer.ok) return { answer, changes }
  runtime.verifier.revokeLocally({ sid: id })
  return { answer, changes: isThisOne ? clearedCookies(runtime.config) : changes }
}

/** Ends all sessions of the user; or all others, and then goes on with new tokens. */
export function endOwnSessions(
  own: OwnSession,
  { exceptCurrent }: { exceptCurrent: boolean },
): Promise<Outcome<{ ended: number }>> {
  return exceptCurrent
    ? callAsUser(own, 'endSessions', { query: { except: 'current' } }, 'supersedes')
    : callAsUser(own, 'endSessions')
}
