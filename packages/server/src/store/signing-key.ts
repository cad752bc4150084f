import { expressionBuilder } from 'kysely'
import type { Database } from './database.ts'
import type { Schema, SigningKeyRow } from './schema.ts'

/** All keys, newest first. */
export function listSigningKeys(database: Database): Promise<SigningKeyRow[]> {
  return database.selectFrom('signing_key').selectAll().orderBy('activeAt', 'desc').execute()
}

/** Adds the first key; does nothing if there is one already. One statement, so that two processes cannot both be first. */
export async function addFirstSigningKey(database: Database, key: SigningKeyRow): Promise<void> {
  const columns = Object.keys(key) as (keyof SigningKeyRow)[]
  const { val } = expressionBuilder<Schema>()
  const anyKey = database.selectFrom('signing_key').select('kid')
  await database
    .insertInto('signing_key')
    .columns(columns)
    .expression(
      database
        .selectNoFrom(columns.map((column) => val(key[column]).as(column)))
        .where(({ not, exists }) => not(exists(anyKey))),
    )
    .execute()
}
