import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import type { Database } from '../../store/database.ts'
import { findSession } from '../../store/session.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { isLive } from '../session/session-life.ts'

/** The session of a signed-in user who has begun something at a provider. */
export type StartSession = { userId: string; sessionId: string; version: number }

/**
 * Returns the session that has begun something at a provider. The session must still be open, so that a thief whose session was
 * ended cannot finish.
 *
 * @throws FlowError `sign_in_expired`.
 */
export async function requireOpenSession(
  { clock, config }: Context,
  transaction: Database,
  { userId, sessionId, version }: StartSession,
): Promise<Authenticated> {
  const found = await findSession(transaction, sessionId)
  const isValid =
    found !== null &&
    found.user.id === userId &&
    found.user.version === version &&
    found.user.disabledAt === null &&
    isLive(found.session, clock(), config)
  if (!isValid) throw new FlowError('sign_in_expired', { reason: 'the session of the start has ended' })
  return found
}
