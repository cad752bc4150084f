import type { Config } from '../../config/config.ts'
import type { StoredSession } from '../../store/session.ts'

type Ends = Pick<Config, 'sessionIdleSeconds' | 'sessionAbsoluteSeconds'>

/**
 * Returns the absolute end of a session, in milliseconds. If the setting becomes shorter, the change applies to open sessions too. If the
 * setting becomes longer, the change applies only to new sessions.
 */
export function absoluteEndOf(
  { createdAt, expiresAt }: Pick<StoredSession, 'createdAt' | 'expiresAt'>,
  { sessionAbsoluteSeconds }: Pick<Ends, 'sessionAbsoluteSeconds'>,
): number {
  return Math.min(expiresAt, createdAt + sessionAbsoluteSeconds * 1000)
}

/**
 * Returns when a session ends if it is not used before, in milliseconds. If the setting becomes shorter, the change applies immediately. If
 * the setting becomes longer, the change applies from the next use of the session, so that a session that has ended does not become valid
 * again.
 */
function idleEndOf({ lastUsedAt, idleSeconds }: StoredSession, { sessionIdleSeconds }: Ends): number {
  return lastUsedAt + Math.min(idleSeconds ?? sessionIdleSeconds, sessionIdleSeconds) * 1000
}

/** Returns whether a session can be used. It must not have been ended, and its idle end and its absolute end must be in the future. */
export function isLive(session: StoredSession, now: number, ends: Ends): boolean {
  return session.endedAt === null && now < absoluteEndOf(session, ends) && now < idleEndOf(session, ends)
}
