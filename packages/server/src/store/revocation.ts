import type { Revocation } from '@sallyport/protocol'
import type { Database } from './database.ts'

type Fact = { sid: string; until: number } | { sub: string; minVersion: number; until: number }

/** Appends to the log, in the transaction of what it reports; the entry's number. */
export async function addRevocation(database: Database, fact: Fact): Promise<number> {
  const { seq } = await database
    .insertInto('revocation')
    .values({ sid: null, sub: null, minVersion: null, ...fact })
    .returning('seq')
    .executeTakeFirstOrThrow()
  return seq
}

/** The live entries, oldest first, and the number of the newest entry ever made that still stands. */
export async function readRevocations(
  database: Database,
  now: number,
): Promise<{ entries: Revocation[]; lastSeq: number }> {
  const rows = await database.selectFrom('revocation').selectAll().orderBy('seq').execute()
  const entries = rows
    .filter(({ until }) => until > now)
    .map(
      ({ seq, sid, sub, minVersion, until }): Revocation =>
        sid === null ? { seq, sub: sub ?? '', minVersion: minVersion ?? 0, until } : { seq, sid, until },
    )
  return { entries, lastSeq: rows.at(-1)?.seq ?? 0 }
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
