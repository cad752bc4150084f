import { endSession } from '../store/session.ts'
import type { Context } from './context.ts'

/** Ends a session in the store, then tells every verifier. Ending it again changes nothing. */
export async function endAndAnnounce(
  { database, config, clock, revocations }: Context,
  sessionId: string,
  reason: 'sign_out' | 'reuse',
): Promise<void> {
  const now = clock()
  // Until the last access token of the session has expired, also by a verifier's clock that is a minute behind.
  const until = now + (config.accessTokenTtlSeconds + 60) * 1000
  const seq = await endSession(database, sessionId, reason, now, until)
  if (seq !== null) revocations.announce({ seq, sid: sessionId, until })
}
