import type { Database } from './database.ts'
import type { SigningKeyRow } from './schema.ts'

/** All keys, newest first. */
export function listSigningKeys(database: Database): Promise<SigningKeyRow[]> {
  return database.selectFrom('signing_key').selectAll().orderBy('activeAt', 'desc').execute()
}

/** Adds the first key; does nothing if there is one already. */
export function addFirstSigningKey(database: Database, key: SigningKeyRow): Promise<void> {
  return database.transaction().execute(async (transaction) => {
    const existing = await transaction.selectFrom('signing_key').select('kid').limit(1).executeTakeFirst()
    if (!existing) await transaction.insertInto('signing_key').values(key).execute()
  })
}
