import type { Database } from './database.ts'
import type { SecretRow } from './schema.ts'

/** Every secret that this database has been used with, the oldest first. */
export function listSecrets(database: Database): Promise<SecretRow[]> {
  return database
    .selectFrom('secret')
    .select(['id', 'createdAt', 'usedAt', 'formerKeys', 'carriedAt'])
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
}

/** Notes a secret, if it is not noted yet. */
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

/** Notes that a process makes new things under a secret. */
export async function noteSecretUse(database: Database, id: string, usedAt: number): Promise<void> {
  await database
    .updateTable('secret')
    .set({ usedAt })
    .where('id', '=', id)
    .where('usedAt', '<', usedAt)
    .execute()
}

/** Keeps the keys of a secret that is replaced. */
export async function setFormerKeys(
  database: Database,
  id: string,
  former: Pick<SecretRow, 'formerKeys' | 'carriedAt'>,
): Promise<void> {
  await database.updateTable('secret').set(former).where('id', '=', id).execute()
}

/** Forgets one secret. */
export async function dropSecret(database: Database, id: string): Promise<void> {
  await database.deleteFrom('secret').where('id', '=', id).execute()
}

/** Forgets every secret but one. */
export async function dropSecretsBut(database: Database, id: string): Promise<void> {
  await database.deleteFrom('secret').where('id', '!=', id).execute()
}

/** Forgets secrets whose keys were stored before a time, and that nothing has used since. */
export async function dropSecrets(database: Database, before: number): Promise<void> {
  await database.deleteFrom('secret').where('carriedAt', '<', before).where('usedAt', '<', before).execute()
}
