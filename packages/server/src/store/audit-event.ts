import type { Database } from './database.ts'
import { prepared } from './prepared.ts'
import type { AuditEventRow } from './schema.ts'

export type { AuditEventRow } from './schema.ts'

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
  }),
)

/** Adds to the audit log, in the transaction of what it reports. */
export async function addAuditEvent(transaction: Database, event: AuditEventRow): Promise<void> {
  await add(transaction, event)
}

/** Some events, newest first; of one user, or before one event, to go on. */
export async function listAuditEvents(
  database: Database,
  { userId, before, limit }: { userId?: string; before?: string | undefined; limit: number },
): Promise<AuditEventRow[]> {
  return database
    .selectFrom('audit_event')
    .selectAll()
    .$if(userId !== undefined, (query) => query.where('userId', '=', userId ?? ''))
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** Some events after one, oldest first: to follow the trail, or to export it. */
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

/** Without what tells where somebody was, and with which device. */
const withoutOrigin = { address: null, userAgent: null, requestId: null }

/** Empties where the events of a user came from; the events stay, under an id alone. */
export async function forgetOrigins(transaction: Database, userId: string): Promise<void> {
  await transaction.updateTable('audit_event').set(withoutOrigin).where('userId', '=', userId).execute()
}

/** The same for all whose account was deleted after an event: requests that were under way then have added lines. */
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

/** Deletes some at the end of their retention; true if there may be more. `before` is an id: they are in the order of time. */
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
