import type { StoredSession } from '../store/session.ts'

/** Whether a session can still be used: not ended, inside its sliding idle end and its absolute end. */
export function isLive(session: StoredSession, now: number, idleSeconds: number): boolean {
  return session.endedAt === null && now < session.expiresAt && now < session.lastUsedAt + idleSeconds * 1000
}
