import type { Revocation } from '@sallyport/protocol'
import type { Database } from './database.ts'
import { notifyOthers, takeLock } from './lock.ts'

/** A revocation: of a session, of all tokens of a user before a version, or of all tokens signed by a key. */
export type RevocationFact =
  | { sid: string; until: number }
  | { sub: string; minVersion: number; until: number }
  | { kid: string; until: number }

/**
 * Appends an entry to the revocation log and returns its number. Call it last in the transaction. Only one such transaction runs at a time, so
 * that entries become visible in order: a reader that has read a number has missed no lower one.
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

/** Returns entries after a number, oldest first, without expired ones; fewer than the limit if there are no more. */
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

/** Returns the number of the newest entry in the table; 0 if there is none. */
export async function lastRevocation(database: Database): Promise<number> {
  const row = await database
    .selectFrom('revocation')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.seq ?? 0
}

/** Deletes some expired entries, which no valid token can match. Returns true if there may be more. Small steps, so that requests do not wait. */
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
