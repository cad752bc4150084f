import type { Database } from './database.ts'

/** Replaces all recovery codes of a user. */
export async function replaceRecoveryCodes(
  transaction: Database,
  userId: string,
  hashes: readonly string[],
  now: number,
): Promise<void> {
  await dropRecoveryCodes(transaction, userId)
  await transaction
    .insertInto('recovery_code')
    .values(hashes.map((hash) => ({ hash, userId, createdAt: now })))
    .execute()
}

/** Deletes a recovery code of a user. Returns false if there is no such code, for example because another request has used it first. */
export async function takeRecoveryCode(
  transaction: Database,
  userId: string,
  hash: string,
): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('recovery_code')
    .where('hash', '=', hash)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Returns whether a user has this recovery code. */
export async function hasRecoveryCode(database: Database, userId: string, hash: string): Promise<boolean> {
  const row = await database
    .selectFrom('recovery_code')
    .select('hash')
    .where('hash', '=', hash)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row !== undefined
}

export async function countRecoveryCodes(database: Database, userId: string): Promise<number> {
  const { count } = await database
    .selectFrom('recovery_code')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .where('userId', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function dropRecoveryCodes(transaction: Database, userId: string): Promise<void> {
  await transaction.deleteFrom('recovery_code').where('userId', '=', userId).execute()
}
