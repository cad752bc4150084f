import type { Database } from './database.ts'
import type { FactorRemovalRow } from './row-types.ts'

/** Stores a removal. Returns false if one is stored for the user already. */
export async function addFactorRemoval(transaction: Database, removal: FactorRemovalRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('factor_removal')
    .values(removal)
    .onConflict((conflict) => conflict.column('userId').doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

export async function findFactorRemoval(
  database: Database,
  userId: string,
): Promise<FactorRemovalRow | null> {
  const row = await database
    .selectFrom('factor_removal')
    .selectAll()
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row ?? null
}

/** Returns the users of some removals that are due, the longest waiting first. */
export async function usersOfDueRemovals(database: Database, now: number): Promise<string[]> {
  const rows = await database
    .selectFrom('factor_removal')
    .select('userId')
    .where('dueAt', '<=', now)
    .orderBy('dueAt')
    .limit(20)
    .execute()
  return rows.map(({ userId }) => userId)
}

/** Deletes a removal that is due, and returns it. Only one of several processes gets it. */
export async function takeDueRemoval(
  transaction: Database,
  userId: string,
  now: number,
): Promise<FactorRemovalRow | null> {
  const row = await transaction
    .deleteFrom('factor_removal')
    .where('userId', '=', userId)
    .where('dueAt', '<=', now)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Deletes the removal of a user. Returns false if there is none. */
export async function dropFactorRemoval(transaction: Database, userId: string): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('factor_removal')
    .where('userId', '=', userId)
    .executeTakeFirst()
  return numDeletedRows === 1n
}
