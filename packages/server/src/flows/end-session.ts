import { endSession } from '../store/session.ts'
import type { Context } from './context.ts'

/** Ends a session in the store, then tells every verifier. Ending it again changes nothing. */
export async function endAndAnnounce(
  { database, config, clock, revocations }: Context,
  sessionId: string,
  reason: 'sign_out' | 'reuse',
): Promise<void> {
  const now = clock()
  // Until the last access token of the session has expired, with a second for rounding.
  const until = now + (config.accessTokenTtlSeconds + 1) * 1000
  const seq = await endSession(database, sessionId, reason, now, until)
  if (seq !== null) revocations.announce({ seq, sid: sessionId, until })
}
