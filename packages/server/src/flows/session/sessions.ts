import type { SessionDescription } from '@sallyport/protocol/endpoints'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import type { Database } from '../../store/database.ts'
import { findSession, listSessions, type StoredSession } from '../../store/session.ts'
import type { Authenticated } from './authenticate.ts'
import { endAllAndAnnounce, endAndAnnounce } from './end-session.ts'
import { absoluteEndOf, isLive } from './session-life.ts'

/** The maximum number of sessions in one response. If there are more, the response lists those that were used last. */
const maxListed = 200

/**
 * Returns the user's open sessions. The session of this request is the first. The others are ordered by their last use, newest first.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function describeSessions(
  context: Context,
  { user, session }: Authenticated,
  source: RequestSource,
): Promise<SessionDescription[]> {
  await consumeUserQuota(context, 'listing', user.id, source)
  const sessions = await liveSessionsOf(context, user.id)
  const descriptions = sessions.map((found) => describe(found, found.id === session.id))
  return descriptions.sort((one, other) => Number(other.current) - Number(one.current))
}

/** Returns the open sessions of a user. The session that was used last comes first. */
export async function liveSessionsOf(
  { database, clock, config }: Context,
  userId: string,
): Promise<StoredSession[]> {
  const now = clock()
  const sessions = await listSessions(database, userId, { now, limit: maxListed })
  return sessions
    .filter((session) => isLive(session, now, config))
    .map((session) => ({ ...session, expiresAt: absoluteEndOf(session, config) }))
}

/**
 * Ends one of the user's sessions. If it has ended already, nothing changes.
 *
 * @throws FlowError `not_found` when the session does not exist or belongs to another user; `too_many_requests`.
 */
export async function endOwnSession(
  context: Context,
  { user, session }: Authenticated,
  sessionId: string,
  source: RequestSource,
): Promise<void> {
  // Count by session, so that a thief who has one session cannot use up the owner's quota.
  await consumeUserQuota(context, 'session_end', session.id, source)
  const found = await findSession(context.database, sessionId)
  if (found?.session.userId !== user.id) throw new FlowError('not_found')
  await endAndAnnounce(context, sessionId, 'revoked', { action: 'session_ended', source })
}

/**
 * Ends all of the user's sessions. With `exceptCurrent`, the session of this request stays open. Returns the number of ended sessions.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function endOwnSessions(
  context: Context,
  { user, session }: Authenticated,
  { exceptCurrent }: { exceptCurrent: boolean },
  source: RequestSource,
): Promise<number> {
  await consumeUserQuota(context, 'session_end', session.id, source)
  const except = exceptCurrent ? session.id : undefined
  const reason = exceptCurrent ? 'revoked' : 'sign_out'
  const noted = async (transaction: Database) => {
    await recordAuditEvent(context, transaction, source, {
      action: 'sessions_ended',
      userId: user.id,
      sessionId: session.id,
    })
    return true
  }
  return (await endAllAndAnnounce(context, user.id, { reason, except }, noted)) ?? 0
}

function describe(session: StoredSession, current: boolean): SessionDescription {
  const { id, createdAt, lastUsedAt, expiresAt, address, userAgent } = session
  return { id, current, createdAt, lastUsedAt, expiresAt, address, userAgent }
}
