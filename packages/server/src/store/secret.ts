import type { Database } from './database.ts'
import type { SecretRow } from './row-types.ts'

/** Returns every secret with which this database has been used, oldest first. */
export function listSecrets(database: Database): Promise<SecretRow[]> {
  return database
    .selectFrom('secret')
    .select(['id', 'createdAt', 'usedAt', 'formerKeys', 'carriedAt'])
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
}

/** Stores the id of a secret, unless it is stored already. */
export async function addSecret(
  database: Database,
  secret: Pick<SecretRow, 'id' | 'createdAt' | 'usedAt'>,
): Promise<void> {
  await database
    .insertInto('secret')
    .values({ ...secret, formerKeys: null, carriedAt: null })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** Records that a process uses a secret for new data. */
export async function noteSecretUse(database: Database, id: string, usedAt: number): Promise<void> {
  await database
    .updateTable('secret')
    .set({ usedAt })
    .where('id', '=', id)
    .where('usedAt', '<', usedAt)
    .execute()
}

/** Stores the keys of a secret that is being replaced. */
export async function setFormerKeys(
  database: Database,
  id: string,
  former: Pick<SecretRow, 'formerKeys' | 'carriedAt'>,
): Promise<void> {
  await database.updateTable('secret').set(former).where('id', '=', id).execute()
}

/** Deletes one secret. */
export async function dropSecret(database: Database, id: string): Promise<void> {
  await database.deleteFrom('secret').where('id', '=', id).execute()
}

/** Deletes every secret except this one. */
export async function dropSecretsBut(database: Database, id: string): Promise<void> {
  await database.deleteFrom('secret').where('id', '!=', id).execute()
}

/** Deletes secrets whose keys were stored before the given time and that have not been used since that time. */
export async function dropSecrets(database: Database, before: number): Promise<void> {
  await database.deleteFrom('secret').where('carriedAt', '<', before).where('usedAt', '<', before).execute()
}
