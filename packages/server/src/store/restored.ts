import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { dropPendingSecrets } from './everything.ts'

/**
 * The version of a user or an organization increases by one at each change. A restore sets the version to the number of seconds since this time, because none of
 * them has so many changes.
 */
const versionsBegin = Date.UTC(2020, 0, 1)

/**
 * Prepares a database that was just loaded from a backup, in the transaction of the caller. Returns the number of ended sessions.
 *
 * All sessions end, and the tokens of every key are revoked. So nothing that was revoked after the backup becomes valid again.
 *
 * The versions of users and organizations, and the numbers of revocations continue above all numbers that were used after the backup, because verifiers
 * remember those numbers.
 */
export async function settleRestored(
  transaction: Database,
  { now, until, kids }: { now: number; until: number; kids: readonly string[] },
): Promise<number> {
  const { numUpdatedRows } = await transaction
    .updateTable('session')
    .set({ endedAt: now, endReason: 'restored' })
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  const version = Math.floor((now - versionsBegin) / 1000)
  for (const table of ['user', 'organization'] as const)
    await transaction
      .updateTable(table)
      .set({
        version: sql`case when version >= ${sql.lit(version)} then version + 1 else ${sql.lit(version)} end`,
      })
      .execute()
  await dropPendingSecrets(transaction)
  const keys = await transaction
    .selectFrom('signing_key')
    .select('kid')
    .where('revokedAt', 'is', null)
    .where('retiredAt', 'is', null)
    .execute()
  await transaction
    .updateTable('signing_key')
    .set({ sealedPrivateKey: '', revokedAt: now })
    .where('revokedAt', 'is', null)
    .execute()
  await revokeKeys(transaction, [...new Set([...keys.map(({ kid }) => kid), ...kids])], { now, until })
  return Number(numUpdatedRows)
}

/** Revokes the keys. The numbers of the entries begin with the current time in milliseconds, which is greater than any number of a log. */
async function revokeKeys(
  transaction: Database,
  kids: readonly string[],
  { now, until }: { now: number; until: number },
): Promise<void> {
  if (kids.length === 0) return
  const last = await transaction
    .selectFrom('revocation')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const first = Math.max(now, (last?.seq ?? 0) + 1)
  const entry = { sid: null, sub: null, minVersion: null, until }
  await transaction
    .insertInto('revocation')
    .values(kids.map((kid, index) => ({ ...entry, kid, seq: first + index })))
    .execute()
  // On SQLite, the numbers continue after the largest number by themselves.
  if (isPostgres(transaction))
    await sql`select setval(pg_get_serial_sequence('revocation', 'seq'), ${first + kids.length - 1})`.execute(
      transaction,
    )
}
