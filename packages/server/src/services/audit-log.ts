import type { Activity } from '@sallyport/protocol/endpoints'
import { type AuditEventRow, addAuditEvent, listAuditEvents, readAuditEvents } from '../store/audit-event.ts'
import type { Database } from '../store/database.ts'
import { firstIdAt } from '../tokens/id.ts'
import type { Caller, Context } from './context.ts'
import { consumeUserQuota } from './throttles.ts'

/** Everything that the trail knows. */
export type AuditAction =
  | 'sign_up'
  | 'sign_in'
  | 'account_locked'
  | 'sign_out'
  | 'session_ended'
  | 'sessions_ended'
  | 'refresh_reuse'
  | 'reauthentication'
  | 'password_change'
  | 'password_reset_asked'
  | 'password_reset'
  | 'address_verification_asked'
  | 'address_verified'
  | 'address_change_asked'
  | 'address_change'
  | 'account_deletion_asked'
  | 'account_kept'
  | 'account_deleted'
  | 'data_download'
  | 'roles_change'
  | 'user_disabled'
  | 'user_enabled'
  | 'user_unlocked'
  | 'profile_change'
  | 'users_imported'
  | 'users_exported'
  | 'keys_rotated'
  | 'key_revoked'
  | 'session_restored'
  | 'store_restored'
  | 'store_moved'
  | 'secret_resealed'
  | 'secret_forgotten'

export type AuditEvent = {
  action: AuditAction
  result?: 'success' | 'refused'
  /** Whose account it is about; null where nobody is known, or may be told apart. */
  userId: string | null
  /** Who did it, where that is not the user. */
  actor?: 'operator' | 'nobody'
  sessionId?: string | null
  /** Holds no secret and no password. */
  details?: Record<string, string | number>
}

/** Adds to the trail, in the transaction of what it reports: one does not happen without the other. */
export async function recordAuditEvent(
  { newId, clock }: Pick<Context, 'newId' | 'clock'>,
  transaction: Database,
  caller: Pick<Caller, 'address' | 'userAgent' | 'requestId'> | null,
  { action, result = 'success', userId, actor, sessionId = null, details }: AuditEvent,
): Promise<void> {
  await addAuditEvent(transaction, {
    id: newId(),
    at: clock(),
    action,
    result,
    actor: actor === 'operator' ? 'operator' : actor === 'nobody' ? null : userId,
    userId,
    sessionId,
    address: caller?.address ?? null,
    userAgent: caller?.userAgent ?? null,
    requestId: caller?.requestId ?? null,
    details: details ? JSON.stringify(details) : null,
  })
}

/** Adds what an operator has done, by the command line or a script. */
export function byOperator(
  context: Pick<Context, 'newId' | 'clock'>,
  transaction: Database,
  action: AuditAction,
  userId: string | null,
  details?: Record<string, string | number>,
): Promise<void> {
  return recordAuditEvent(context, transaction, null, {
    action,
    userId,
    actor: 'operator',
    ...(details && { details }),
  })
}

/**
 * The newest lines about one user, as that user may see them.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function describeActivity(
  context: Context,
  userId: string,
  caller: Caller,
): Promise<Activity[]> {
  await consumeUserQuota(context, 'listing', userId, caller)
  const events = await listAuditEvents(context.database, { userId, limit: 50 })
  return events.map(({ id, at, action, result, address, userAgent }) => {
    return { id, at, action, result, address, userAgent }
  })
}

export type AuditFilter = { since?: number; until?: number; userId?: string; action?: string }

/** The trail, oldest first, a page at a time: its ids are in the order of time. */
export async function* eachAuditEvent(
  { database }: Pick<Context, 'database'>,
  { since, until, userId, action }: AuditFilter,
): AsyncGenerator<AuditEventRow> {
  const limit = 500
  for (let after = firstIdAt(since ?? 0); ; ) {
    const page = await readAuditEvents(database, { after, limit })
    for (const event of page) {
      if (until !== undefined && event.at >= until) return
      if ((userId ?? event.userId) === event.userId && (action ?? event.action) === event.action) yield event
    }
    after = page.at(-1)?.id ?? after
    if (page.length < limit) return
  }
}

/** The newest lines, oldest of them first. */
export async function latestAuditEvents(
  { database }: Pick<Context, 'database'>,
  limit: number,
  { userId }: Pick<AuditFilter, 'userId'>,
): Promise<AuditEventRow[]> {
  const events = await listAuditEvents(database, { limit, ...(userId && { userId }) })
  return events.reverse()
}
