import type { Revocation } from '@sallyport/protocol'
import type { Database } from './database.ts'
import { notifyOthers, takeLock } from './lock.ts'

/** A revocation of a session, of all tokens of a user or an organization before a version, or of all tokens that a key has signed. */
export type RevocationFact =
  | { sid: string; until: number }
  | { sub: string; minVersion: number; until: number }
  | { org: string; minVersion: number; until: number }
  | { kid: string; until: number }

/**
 * Appends an entry to the revocation log and returns its number. Call this last in the transaction. Only one such transaction runs at a
 * time, so entries become visible in the order of their numbers. So a reader that has read a number has not missed a lower number.
 */
export async function addRevocation(transaction: Database, fact: RevocationFact): Promise<number> {
  await takeLock(transaction, 'revocation')
  const { seq } = await transaction
    .insertInto('revocation')
    .values({ sid: null, sub: null, minVersion: null, kid: null, org: null, ...fact })
    .returning('seq')
    .executeTakeFirstOrThrow()
  await notifyOthers(transaction)
  return seq
}

/**
 * Returns the entries after a number, oldest first. Expired entries are left out. If fewer entries than the limit are returned, there are
 * no more.
 */
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
  return rows.map(({ seq, sid, sub, minVersion, kid, org, until }): Revocation => {
    if (sid !== null) return { seq, sid, until }
    if (kid !== null) return { seq, kid, until }
    if (org !== null) return { seq, org, minVersion: minVersion ?? 0, until }
    return { seq, sub: sub ?? '', minVersion: minVersion ?? 0, until }
  })
}

/** Returns the number of the newest entry in the table, or 0 if there is none. */
export async function lastRevocation(database: Database): Promise<number> {
  const row = await database
    .selectFrom('revocation')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.seq ?? 0
}

/**
 * Deletes some expired entries. No valid token can match them. Returns true if there may be more. The number of entries is limited, so that
 * requests do not wait long.
 */
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
