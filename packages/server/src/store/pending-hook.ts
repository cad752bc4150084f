import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import type { PendingHookRow } from './schema.ts'

/** Notes in the transaction that adds a user that the product is to be told of them: either both happen or neither. */
export async function addPendingHook(transaction: Database, userId: string, dueAt: number): Promise<void> {
  await transaction.insertInto('pending_hook').values({ userId, attempts: 0, dueAt }).execute()
}

/** Takes the next one in hand for a while, in one statement: of any number of processes one gets it. */
export async function takePendingHook(
  database: Database,
  { now, heldUntil }: { now: number; heldUntil: number },
): Promise<PendingHookRow | null> {
  const row = await database
    .updateTable('pending_hook')
    .set(({ eb }) => ({ dueAt: heldUntil, attempts: eb('attempts', '+', 1) }))
    .where('userId', '=', (from) =>
      from
        .selectFrom('pending_hook')
        .select('userId')
        .where('dueAt', '<=', now)
        .orderBy('dueAt')
        .limit(1)
        .$if(isPostgres(database), (query) => query.modifyEnd(sql`for update skip locked`)),
    )
    .where('dueAt', '<=', now)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** The product has been told, or will not be. */
export async function finishPendingHook(database: Database, userId: string): Promise<void> {
  await database.deleteFrom('pending_hook').where('userId', '=', userId).execute()
}

/** Lets one come again later. */
export async function postponePendingHook(database: Database, userId: string, dueAt: number): Promise<void> {
  await database.updateTable('pending_hook').set({ dueAt }).where('userId', '=', userId).execute()
}

/** Drops all that have been due for long. */
export async function dropPendingHooks(database: Database, dueBefore: number): Promise<void> {
  await database.deleteFrom('pending_hook').where('dueAt', '<', dueBefore).execute()
}
