import type { Context } from '../../services/context.ts'
import { dropPendingSecrets, endSomeSessions } from '../../store/everything.ts'
import type { EndReason } from './end-session.ts'

/**
 * Ends all sessions of all users, drops pending links and mails, and revokes every signing key, so that every verifier refuses all issued
 * access tokens at once. All users must sign in again. Returns the number of ended sessions.
 */
export async function endEverything(context: Context, reason: EndReason): Promise<number> {
  const { database, signingKeys, metrics, revocations, clock } = context
  // Drop the links first: a password reset would allow a new session.
  await dropPendingSecrets(database)
  let ended = 0
  for (let count = -1; count !== 0; ended += count) {
    count = await endSomeSessions(database, { reason, now: clock() })
    metrics.countEnded(reason, count)
  }
  // Another process may have created keys.
  await signingKeys.reload()
  // Revoke the signing key last: its successor is then created now, and is in no stolen copy.
  const usable = signingKeys.describe().filter(({ state }) => state !== 'revoked' && state !== 'retired')
  const inOrder = usable.toSorted(
    (one, other) => Number(one.state === 'signing') - Number(other.state === 'signing'),
  )
  for (const { kid } of inOrder) await signingKeys.revoke(kid)
  await revocations.announce()
  return ended
}
