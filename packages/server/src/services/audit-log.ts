import type { Activity } from '@sallyport/protocol/endpoints'
import { type AuditEventRow, addAuditEvent, listAuditEvents, readAuditEvents } from '../store/audit-event.ts'
import type { Database } from '../store/database.ts'
import { firstIdAt } from '../tokens/id.ts'
import type { Context, RequestSource } from './context.ts'
import { consumeUserQuota } from './throttles.ts'

/** The actions in the audit log. */
export type AuditAction =
  | 'sign_up'
  | 'sign_in'
  | 'sign_in_mail_asked'
  | 'second_factor_asked'
  | 'second_factor_added'
  | 'second_factor_renamed'
  | 'second_factor_removed'
  | 'second_factor_removal_asked'
  | 'second_factor_removal_cancelled'
  | 'recovery_codes_made'
  | 'recovery_code_used'
  | 'trusted_browsers_forgotten'
  | 'passkey_added'
  | 'passkey_renamed'
  | 'passkey_removed'
  | 'passkey_copied'
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
  | 'identity_linked'
  | 'identity_unlinked'
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
  | 'organization_created'
  | 'organization_changed'
  | 'organization_deletion_asked'
  | 'organization_kept'
  | 'organization_deleted'
  | 'ownership_transferred'
  | 'member_invited'
  | 'invitation_resent'
  | 'invitation_revoked'
  | 'member_joined'
  | 'member_roles_change'
  | 'member_removed'
  | 'member_left'

export type AuditEvent = {
  action: AuditAction
  result?: 'success' | 'refused'
  /** The user to whom the event belongs. Null if the user is unknown, or if the event must not show whether the account exists. */
  userId: string | null
  /** Who acted. `nobody` stands for the server itself, or for a caller who is not signed in. Default: the user. */
  actor?: 'operator' | 'nobody'
  sessionId?: string | null
  /** The organization in which it happened. */
  organizationId?: string
  /** The user who acted, if this is not the user to whom the event belongs. */
  actorId?: string
  /** Must not contain secrets or passwords. */
  details?: Record<string, string | number>
}

/** Adds an event to the audit log. Runs in the transaction of the action, so that either both are written or neither. */
export async function recordAuditEvent(
  { newId, clock }: Pick<Context, 'newId' | 'clock'>,
  transaction: Database,
  source: Pick<RequestSource, 'address' | 'userAgent' | 'requestId'> | null,
  {
    action,
    result = 'success',
    userId,
    actor,
    actorId = userId ?? undefined,
    sessionId = null,
    organizationId,
    details,
  }: AuditEvent,
): Promise<void> {
  await addAuditEvent(transaction, {
    id: newId(),
    at: clock(),
    action,
    result,
    actor: actor === 'operator' ? 'operator' : actor === 'nobody' ? null : (actorId ?? null),
    userId,
    sessionId,
    address: source?.address ?? null,
    userAgent: source?.userAgent ?? null,
    requestId: source?.requestId ?? null,
    details: details ? JSON.stringify(details) : null,
    organizationId: organizationId ?? null,
  })
}

/** Adds an event for an action of an operator, who uses the command line or a script. */
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
 * Returns the newest events of a user, in the form in which the user may see them.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function describeActivity(
  context: Context,
  userId: string,
  source: RequestSource,
): Promise<Activity[]> {
  await consumeUserQuota(context, 'listing', userId, source)
  const events = await listAuditEvents(context.database, { userId, limit: 50 })
  return events.map(({ id, at, action, result, address, userAgent }) => {
    return { id, at, action, result, address, userAgent }
  })
}

export type AuditFilter = { since?: number; until?: number; userId?: string; action?: string }

/** Yields the events of the audit log, oldest first. Reads them in pages by id, because the ids are ordered by time. */
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

/** Returns the newest events. The oldest of them comes first. */
export async function latestAuditEvents(
  { database }: Pick<Context, 'database'>,
  limit: number,
  { userId }: Pick<AuditFilter, 'userId'>,
): Promise<AuditEventRow[]> {
  const events = await listAuditEvents(database, { limit, ...(userId && { userId }) })
  return events.reverse()
}
