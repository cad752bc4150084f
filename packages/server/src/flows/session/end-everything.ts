import type { Context } from '../../services/context.ts'
import { dropPendingSecrets, endSomeSessions } from '../../store/everything.ts'
import type { EndReason } from './end-session.ts'

/**
 * Ends all sessions of all users, deletes pending links and mails, and revokes every signing key. So every verifier refuses all access
 * tokens immediately, and all users must sign in again. Returns the number of ended sessions.
 */
export async function endEverything(context: Context, reason: EndReason): Promise<number> {
  const { database, signingKeys, metrics, revocations, clock } = context
  // Delete the links first. Otherwise somebody could set a new password with a link and sign in again.
  await dropPendingSecrets(database)
  let ended = 0
  for (let count = -1; count !== 0; ended += count) {
    count = await endSomeSessions(database, { reason, now: clock() })
    metrics.countEnded(reason, count)
  }
  // Read the keys again, because another process may have created new ones.
  await signingKeys.reload()
  // Revoke the current signing key last. Then its successor is a new key, which no stolen copy of the database contains.
  const usable = signingKeys.describe().filter(({ state }) => state !== 'revoked' && state !== 'retired')
  const inOrder = usable.toSorted(
    (one, other) => Number(one.state === 'signing') - Number(other.state === 'signing'),
  )
  for (const { kid } of inOrder) await signingKeys.revoke(kid)
  await revocations.announce()
  return ended
}
