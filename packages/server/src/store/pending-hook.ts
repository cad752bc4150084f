import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import type { PendingHookRow } from './row-types.ts'

/**
 * Stores a pending call of the hook `afterSignUp`. Runs in the transaction that adds the user, so that either both are written or neither.
 */
export async function addPendingHook(transaction: Database, userId: string, dueAt: number): Promise<void> {
  await transaction.insertInto('pending_hook').values({ userId, attempts: 0, dueAt }).execute()
}

/** Reserves the next call for some time. This is one statement, so only one process gets the call. */
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

/** Deletes a call that was made, or that will not be tried again. */
export async function finishPendingHook(database: Database, userId: string): Promise<void> {
  await database.deleteFrom('pending_hook').where('userId', '=', userId).execute()
}

/** Postpones a call. */
export async function postponePendingHook(database: Database, userId: string, dueAt: number): Promise<void> {
  await database.updateTable('pending_hook').set({ dueAt }).where('userId', '=', userId).execute()
}

/** Deletes all calls that were due before the given time. */
export async function dropPendingHooks(database: Database, dueBefore: number): Promise<void> {
  await database.deleteFrom('pending_hook').where('dueAt', '<', dueBefore).execute()
}
