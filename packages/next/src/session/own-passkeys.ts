import { problem } from '@sallyport/protocol'
import { callAsUser, type Outcome, type OwnSession } from './call-as-user.ts'

/** Changes one passkey of the user. */
export async function callOwnPasskey(
  own: OwnSession,
  name: 'renamePasskey' | 'removePasskey',
  id: string,
  sent: { json?: string } = {},
): Promise<Outcome> {
  // The id becomes part of a URL. If it had a slash, a dot or a question mark, another URL would be requested.
  if (!/^[\w-]{1,1364}$/.test(id))
    return { answer: { ok: false, problem: problem('not_found') }, changes: [] }
  return callAsUser(own, name, { ...sent, parameters: { id } })
}
