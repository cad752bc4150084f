import type { Database } from './database.ts'
import { notifyOthers, takeLock } from './lock.ts'
import { addRevocation } from './revocation.ts'
import type { SigningKeyRow } from './row-types.ts'

export type { SigningKeyRow } from './row-types.ts'

/** Returns all keys, newest first. */
export function listSigningKeys(database: Database): Promise<SigningKeyRow[]> {
  return database
    .selectFrom('signing_key')
    .selectAll()
    .orderBy('activeAt', 'desc')
    .orderBy('kid', 'desc')
    .execute()
}

/**
 * Checks whether the database can be written. Changes the creation time of a key by one millisecond, because SQLite would not write a value
 * that has not changed.
 */
export async function touchSigningKey(database: Database, kid: string): Promise<void> {
  await database
    .updateTable('signing_key')
    .set(({ eb }) => ({ createdAt: eb('createdAt', '+', 1) }))
    .where('kid', '=', kid)
    .execute()
}

/** The result of a decision about the signing keys: rows to add, rows to change (found by `kid`), and a key to revoke. */
export type KeyChanges = {
  added?: SigningKeyRow[]
  changed?: (Partial<SigningKeyRow> & { kid: string })[]
  revoked?: { kid: string; until: number }
}

/**
 * Reads the signing keys, lets the caller decide, and writes the result. All this happens under a lock. So if several processes find at the
 * same time that a key must be created, it is created once. `alongside` runs only if something has changed. Returns the keys after the
 * change.
 */
export function decideOnSigningKeys(
  database: Database,
  decide: (rows: SigningKeyRow[]) => Promise<KeyChanges | null>,
  alongside: (transaction: Database) => Promise<void> = async () => {},
): Promise<SigningKeyRow[]> {
  return database.transaction().execute(async (transaction) => {
    await takeLock(transaction, 'signingKeys')
    const rows = await listSigningKeys(transaction)
    const changes = await decide(rows)
    if (changes === null) return rows
    for (const row of changes.added ?? []) await transaction.insertInto('signing_key').values(row).execute()
    for (const { kid, ...change } of changes.changed ?? [])
      await transaction.updateTable('signing_key').set(change).where('kid', '=', kid).execute()
    await alongside(transaction)
    if (changes.revoked) await addRevocation(transaction, changes.revoked)
    else await notifyOthers(transaction)
    return listSigningKeys(transaction)
  })
}
