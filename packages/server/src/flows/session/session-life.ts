import type { Config } from '../../config/config.ts'
import type { StoredSession } from '../../store/session.ts'

type Ends = Pick<Config, 'sessionIdleSeconds' | 'sessionAbsoluteSeconds'>

/**
 * Returns the absolute end of a session. Milliseconds. A shorter setting also applies to open sessions, a longer one to new sessions only.
 */
export function absoluteEndOf(
  { createdAt, expiresAt }: Pick<StoredSession, 'createdAt' | 'expiresAt'>,
  { sessionAbsoluteSeconds }: Pick<Ends, 'sessionAbsoluteSeconds'>,
): number {
  return Math.min(expiresAt, createdAt + sessionAbsoluteSeconds * 1000)
}

/**
 * Returns when a session ends unless it is used before. Milliseconds. A shorter setting applies at once, a longer one from the next use on,
 * so that an ended session does not become valid again.
 */
function idleEndOf({ lastUsedAt, idleSeconds }: StoredSession, { sessionIdleSeconds }: Ends): number {
  return lastUsedAt + Math.min(idleSeconds ?? sessionIdleSeconds, sessionIdleSeconds) * 1000
}

/** Whether a session can be used: it was not ended, and its idle and absolute ends are in the future. */
export function isLive(session: StoredSession, now: number, ends: Ends): boolean {
  return session.endedAt === null && now < absoluteEndOf(session, ends) && now < idleEndOf(session, ends)
}
