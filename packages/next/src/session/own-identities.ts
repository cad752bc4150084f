import { problem } from '@sallyport/protocol'
import { callAsUser, type Outcome, type OwnSession } from './call-as-user.ts'

/** Removes the link to an outside provider. */
export function unlinkOwnIdentity(own: OwnSession, id: string): Promise<Outcome> {
  // The id becomes part of a URL. If it had a slash, a dot or a question mark, another URL would be requested.
  if (!/^[\w-]{1,255}$/.test(id))
    return Promise.resolve({ answer: { ok: false, problem: problem('not_found') }, changes: [] })
  return callAsUser(own, 'unlinkIdentity', { parameters: { id } })
}
