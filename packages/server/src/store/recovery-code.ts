import type { Database } from './database.ts'
import type { RecoveryCodeRow } from './row-types.ts'
import { statementParts } from './statement-parts.ts'

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

/** Returns the recovery codes of several users. */
export async function listRecoveryCodesOf(
  database: Database,
  userIds: readonly string[],
): Promise<RecoveryCodeRow[]> {
  if (userIds.length === 0) return []
  return database
    .selectFrom('recovery_code')
    .selectAll()
    .where('userId', 'in', userIds)
    .orderBy('hash')
    .execute()
}

/** Returns which of these recovery codes are stored, with the addresses of their users. */
export async function findRecoveryCodeOwners(
  database: Database,
  hashes: readonly string[],
): Promise<{ hash: string; email: string }[]> {
  const owners: { hash: string; email: string }[] = []
  for (const part of statementParts(hashes))
    owners.push(
      ...(await database
        .selectFrom('recovery_code')
        .innerJoin('user', 'user.id', 'recovery_code.userId')
        .select(['recovery_code.hash', 'user.email'])
        .where('recovery_code.hash', 'in', part)
        .execute()),
    )
  return owners
}

/** Adds many recovery codes. Those that are stored already are left out. Returns how many were added. */
export async function addRecoveryCodes(
  transaction: Database,
  codes: readonly RecoveryCodeRow[],
): Promise<number> {
  let added = 0
  for (const part of statementParts(codes)) {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('recovery_code')
      .values(part)
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .executeTakeFirstOrThrow()
    added += Number(numInsertedOrUpdatedRows)
  }
  return added
}
