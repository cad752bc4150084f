import type { Database } from './database.ts'
import { prepared } from './prepared.ts'
import type { AuditEventRow } from './row-types.ts'

export type { AuditEventRow } from './row-types.ts'

const add = prepared<AuditEventRow, unknown>((database, place) =>
  database.insertInto('audit_event').values({
    id: place('id'),
    at: place('at'),
    action: place('action'),
    result: place('result'),
    actor: place('actor'),
    userId: place('userId'),
    sessionId: place('sessionId'),
    address: place('address'),
    userAgent: place('userAgent'),
    requestId: place('requestId'),
    details: place('details'),
    organizationId: place('organizationId'),
  }),
)

/** Adds an event to the audit log, in the transaction of the action. */
export async function addAuditEvent(transaction: Database, event: AuditEventRow): Promise<void> {
  await add(transaction, event)
}

/** Returns events, newest first. With `userId` or `organizationId`, returns only the events of this user or organization. For the next page, pass the last id as `before`. */
export async function listAuditEvents(
  database: Database,
  {
    userId,
    organizationId,
    before,
    limit,
  }: { userId?: string; organizationId?: string; before?: string | undefined; limit: number },
): Promise<AuditEventRow[]> {
  return database
    .selectFrom('audit_event')
    .selectAll()
    .$if(userId !== undefined, (query) => query.where('userId', '=', userId ?? ''))
    .$if(organizationId !== undefined, (query) => query.where('organizationId', '=', organizationId ?? ''))
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** Returns the events after the given event, oldest first. Use this to follow or export the audit log. */
export async function readAuditEvents(
  database: Database,
  { after, limit }: { after: string; limit: number },
): Promise<AuditEventRow[]> {
  return database
    .selectFrom('audit_event')
    .selectAll()
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** The values that replace the network address, the device and the request id of an event. */
const withoutOrigin = { address: null, userAgent: null, requestId: null }

/** Removes the network address, the device and the request id from the events of a user. The events are kept, with the id of the user. */
export async function forgetOrigins(transaction: Database, userId: string): Promise<void> {
  await transaction.updateTable('audit_event').set(withoutOrigin).where('userId', '=', userId).execute()
}

/**
 * Removes the network address, the device and the request id from the events of all users who were deleted after the given event. At the
 * deletion, {@link forgetOrigins} has done this already, but requests that ran at the same time may have added events later.
 */
export async function forgetLateOrigins(database: Database, after: string): Promise<void> {
  await database
    .updateTable('audit_event')
    .set(withoutOrigin)
    .where('userId', 'in', (from) =>
      from
        .selectFrom('audit_event as deletion')
        .select('deletion.userId')
        .where('deletion.id', '>', after)
        .where('deletion.action', '=', 'account_deleted')
        .where('deletion.userId', 'is not', null),
    )
    .where(({ or, eb }) =>
      or([eb('address', 'is not', null), eb('userAgent', 'is not', null), eb('requestId', 'is not', null)]),
    )
    .execute()
}

/**
 * Deletes some events that are older than `before`. Returns true if there may be more. `before` is an id, because the ids are ordered by
 * time.
 */
export async function dropAuditEvents(database: Database, before: string): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('audit_event')
    .where('id', 'in', (from) =>
      from.selectFrom('audit_event').select('id').where('id', '<', before).limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
