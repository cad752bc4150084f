import type { Database } from './database.ts'
import type { ThrottleRow } from './schema.ts'

/**
 * Counts one more under a key, in one statement however many come at once, and gives the row as it is then. A window that has ended
 * begins anew.
 */
export async function countThrottle(
  database: Database,
  { key, now, windowMs }: { key: string; now: number; windowMs: number },
): Promise<ThrottleRow> {
  return database
    .insertInto('throttle')
    .values({ key, count: 1, since: now, until: now + windowMs })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet(({ eb, ref }) => ({
        count: eb
          .case()
          .when('throttle.until', '<=', now)
          .then(1)
          .else(eb('throttle.count', '+', 1))
          .end(),
        since: eb.case().when('throttle.until', '<=', now).then(now).else(ref('throttle.since')).end(),
        until: eb
          .case()
          .when('throttle.until', '<=', now)
          .then(now + windowMs)
          .else(ref('throttle.until'))
          .end(),
      })),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function readThrottle(database: Database, key: string): Promise<ThrottleRow | null> {
  const row = await database.selectFrom('throttle').selectAll().where('key', '=', key).executeTakeFirst()
  return row ?? null
}

export async function forgetThrottle(database: Database, key: string): Promise<void> {
  await database.deleteFrom('throttle').where('key', '=', key).execute()
}

/** Deletes some whose window has ended; true if there may be more. */
export async function dropThrottles(database: Database, now: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('throttle')
    .where('key', 'in', (from) =>
      from.selectFrom('throttle').select('key').where('until', '<=', now).limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
