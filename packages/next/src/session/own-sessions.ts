import { problem } from '@sallyport/protocol'
import { callAsUser, type Outcome, type OwnSession } from './call-as-user.ts'
import { clearedCookies } from './session-cookies.ts'

/** Ends one session of the user. It may be the current session. */
export async function endOwnSession(own: OwnSession, id: string): Promise<Outcome> {
  // The id becomes part of a URL. If it had a slash, a dot or a question mark, another URL would be requested.
  if (!/^[\w-]{1,255}$/.test(id)) return { answer: { ok: false, problem: problem('not_found') }, changes: [] }
  const { runtime, session } = own
  const isThisOne = id === session.principal.sessionId
  const { answer, changes } = await callAsUser(own, 'endSession', { parameters: { id } }, 'none')
  // The session is revoked here only if the auth server has confirmed that it belongs to this user.
  if (!answer.ok) return { answer, changes }
  runtime.verifier.revokeLocally({ sid: id })
  return { answer, changes: isThisOne ? clearedCookies(runtime.config) : changes }
}

/** Ends all sessions of the user. With `exceptCurrent`, the current session stays and gets new tokens. */
export function endOwnSessions(
  own: OwnSession,
  { exceptCurrent }: { exceptCurrent: boolean },
): Promise<Outcome<{ ended: number }>> {
  return exceptCurrent
    ? callAsUser(own, 'endSessions', { query: { except: 'current' } }, 'supersedes')
    : callAsUser(own, 'endSessions')
}
