import type { Context } from '../../services/context.ts'
import { dropPendingSecrets, endSomeSessions } from '../../store/everything.ts'
import type { EndReason } from './end-session.ts'

/**
 * Ends every session of everybody, drops pending links and mails, and revokes every signing key: each access token that was ever issued
 * is refused by every verifier at once. Everybody signs in again. Returns how many sessions have ended.
 */
export async function endEverything(context: Context, reason: EndReason): Promise<number> {
  const { database, signingKeys, metrics, revocations, clock } = context
  // Links first: one that resets a password would open a new session.
  await dropPendingSecrets(database)
  let ended = 0
  for (let count = -1; count !== 0; ended += count) {
    count = await endSomeSessions(database, { reason, now: clock() })
    metrics.countEnded(reason, count)
  }
  // Another process may have made some.
  await signingKeys.reload()
  // The one that signs last: what takes its place is made then, and was in no stolen copy.
  const usable = signingKeys.describe().filter(({ state }) => state !== 'revoked' && state !== 'retired')
  const inOrder = usable.toSorted(
    (one, other) => Number(one.state === 'signing') - Number(other.state === 'signing'),
  )
  for (const { kid } of inOrder) await signingKeys.revoke(kid)
  await revocations.announce()
  return ended
}
