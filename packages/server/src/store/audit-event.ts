import type { Database } from './database.ts'
import type { AuditEventRow } from './schema.ts'

export type { AuditEventRow } from './schema.ts'

/** Adds to the trail, in the transaction of what it reports. */
export async function addAuditEvent(transaction: Database, event: AuditEventRow): Promise<void> {
  await transaction.insertInto('audit_event').values(event).execute()
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
