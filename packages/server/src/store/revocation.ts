import type { Revocation } from '@sallyport/protocol'
import type { Database } from './database.ts'
import { notifyOthers, takeLock } from './lock.ts'

/** What is revoked: a session, all tokens of a user before a version, or all tokens that a key has signed. */
export type RevocationFact =
  | { sid: string; until: number }
  | { sub: string; minVersion: number; until: number }
  | { kid: string; until: number }

/**
 * Appends to the log, as the last thing in the transaction of what it reports; the entry's number. One such transaction at a time,
 * so that numbers become visible in their order: whoever has read up to one number has missed none below it.
 */
export async function addRevocation(transaction: Database, fact: RevocationFact): Promise<number> {
  await takeLock(transaction, 'revocation')
  const { seq } = await transaction
    .insertInto('revocation')
    .values({ sid: null, sub: null, minVersion: null, kid: null, ...fact })
    .returning('seq')
    .executeTakeFirstOrThrow()
  await notifyOthers(transaction)
  return seq
}

/** Some entries after a number, oldest first; fewer than the limit if these are all. Those that have ended are left out. */
export async function readRevocations(
  database: Database,
  { after, now, limit }: { after: number; now: number; limit: number },
): Promise<Revocation[]> {
  const rows = await database
    .selectFrom('revocation')
    .selectAll()
    .where('seq', '>', after)
    .where('until', '>', now)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map(({ seq, sid, sub, minVersion, kid, until }): Revocation => {
    if (sid !== null) return { seq, sid, until }
    if (kid !== null) return { seq, kid, until }
    return { seq, sub: sub ?? '', minVersion: minVersion ?? 0, until }
  })
}

/** The number of the newest entry that is still in the table; 0 if there is none. */
export async function lastRevocation(database: Database): Promise<number> {
  const row = await database
    .selectFrom('revocation')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.seq ?? 0
}

/** Drops some entries that no live token can match; true if there may be more. Small steps never stall a request. */
export async function dropRevocations(database: Database, now: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('revocation')
    .where('seq', 'in', (from) =>
      from.selectFrom('revocation').select('seq').where('until', '<=', now).limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
