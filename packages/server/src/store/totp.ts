import type { Database } from './database.ts'
import { prepared } from './prepared.ts'
import type { TotpRow } from './row-types.ts'
import { statementParts } from './statement-parts.ts'

const confirmed = prepared<{ userId: string }, { id: string }>((database, place) =>
  database
    .selectFrom('totp')
    .select('id')
    .where('userId', '=', place('userId'))
    .where('confirmedAt', 'is not', null)
    .limit(1),
)

/** Returns whether the user has set up an authenticator app. */
export async function hasTotp(database: Database, userId: string): Promise<boolean> {
  const { rows } = await confirmed(database, { userId })
  return rows.length > 0
}

/** Returns the authenticator apps of a user that are confirmed, oldest first. */
export function listTotp(database: Database, userId: string): Promise<TotpRow[]> {
  return database
    .selectFrom('totp')
    .selectAll()
    .where('userId', '=', userId)
    .where('confirmedAt', 'is not', null)
    .orderBy('id')
    .execute()
}

/** Returns the confirmed authenticator apps of several users, oldest first. */
export async function listTotpOf(database: Database, userIds: readonly string[]): Promise<TotpRow[]> {
  if (userIds.length === 0) return []
  return database
    .selectFrom('totp')
    .selectAll()
    .where('userId', 'in', userIds)
    .where('confirmedAt', 'is not', null)
    .orderBy('id')
    .execute()
}

/** Adds many authenticator apps. */
export async function addTotps(transaction: Database, rows: readonly TotpRow[]): Promise<void> {
  for (const part of statementParts(rows)) await transaction.insertInto('totp').values(part).execute()
}

/** Adds an authenticator app that is not confirmed yet. Replaces an earlier one that is not confirmed. */
export async function addUnconfirmedTotp(transaction: Database, totp: TotpRow): Promise<void> {
  await transaction
    .deleteFrom('totp')
    .where('userId', '=', totp.userId)
    .where('confirmedAt', 'is', null)
    .execute()
  await transaction.insertInto('totp').values(totp).execute()
}

/** Returns an authenticator app of the user that is not confirmed yet and was added after `since`. */
export async function findUnconfirmedTotp(
  database: Database,
  userId: string,
  { id, since }: { id: string; since: number },
): Promise<TotpRow | null> {
  const row = await database
    .selectFrom('totp')
    .selectAll()
    .where('id', '=', id)
    .where('userId', '=', userId)
    .where('confirmedAt', 'is', null)
    .where('createdAt', '>', since)
    .executeTakeFirst()
  return row ?? null
}

/** Confirms an authenticator app, and uses up the step of its first code. Returns false if it is confirmed already, or is gone. */
export async function markTotpConfirmed(
  transaction: Database,
  id: string,
  { step, name, now }: { step: number; name: string; now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('totp')
    .set({ confirmedAt: now, lastStep: step, name })
    .where('id', '=', id)
    .where('confirmedAt', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Renames an authenticator app of the user. Returns false if there is no such app. */
export async function renameTotp(
  transaction: Database,
  userId: string,
  { id, name }: { id: string; name: string },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('totp')
    .set({ name })
    .where('id', '=', id)
    .where('userId', '=', userId)
    .where('confirmedAt', 'is not', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Removes one authenticator app of the user, or all. Returns the number of confirmed apps that were removed. */
export async function removeTotp(transaction: Database, userId: string, id?: string): Promise<number> {
  const removed = await transaction
    .deleteFrom('totp')
    .where('userId', '=', userId)
    .$if(id !== undefined, (query) => query.where('id', '=', id ?? ''))
    .returning('confirmedAt')
    .execute()
  return removed.filter(({ confirmedAt }) => confirmedAt !== null).length
}

/** Uses up the code of a time step. Returns false if this step or a later one was used before. */
export async function useTotpStep(
  transaction: Database,
  id: string,
  { step, now }: { step: number; now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('totp')
    .set({ lastStep: step, lastUsedAt: now })
    .where('id', '=', id)
    .where('lastStep', '<', step)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Deletes some authenticator apps that were added before the given time and never confirmed. Returns true if there may be more. */
export async function dropUnconfirmedTotp(database: Database, before: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('totp')
    .where('id', 'in', (from) =>
      from
        .selectFrom('totp')
        .select('id')
        .where('confirmedAt', 'is', null)
        .where('createdAt', '<=', before)
        .limit(limit),
    )
    // The row may have been confirmed while this statement waited for it.
    .where('confirmedAt', 'is', null)
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
