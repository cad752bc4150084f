import type { Config } from '../../config/config.ts'
import type { StoredSession } from '../../store/session.ts'

type Ends = Pick<Config, 'sessionIdleSeconds' | 'sessionAbsoluteSeconds'>

/**
 * When a session ends however often it is used. Milliseconds. A shorter setting counts for sessions that are open already, a longer one
 * for those that begin under it.
 */
export function absoluteEndOf(
  { createdAt, expiresAt }: Pick<StoredSession, 'createdAt' | 'expiresAt'>,
  { sessionAbsoluteSeconds }: Pick<Ends, 'sessionAbsoluteSeconds'>,
): number {
  return Math.min(expiresAt, createdAt + sessionAbsoluteSeconds * 1000)
}

/**
 * When a session ends unless it is used before. Milliseconds. A shorter setting counts at once, a longer one from the next use on: a
 * session that has ended must not begin to live again.
 */
function idleEndOf({ lastUsedAt, idleSeconds }: StoredSession, { sessionIdleSeconds }: Ends): number {
  return lastUsedAt + Math.min(idleSeconds ?? sessionIdleSeconds, sessionIdleSeconds) * 1000
}

/** Whether a session can still be used: not ended by somebody, inside its idle end and its absolute end. */
export function isLive(session: StoredSession, now: number, ends: Ends): boolean {
  return session.endedAt === null && now < absoluteEndOf(session, ends) && now < idleEndOf(session, ends)
}
