import type { Database } from './database.ts'
import type { PendingSignInRow } from './row-types.ts'

export type PendingSignIn = Omit<PendingSignInRow, 'methods'> & { methods: string[] }

export async function addPendingSignIn(
  transaction: Database,
  { methods, ...pending }: PendingSignIn,
): Promise<void> {
  await transaction
    .insertInto('pending_sign_in')
    .values({ ...pending, methods: JSON.stringify(methods) })
    .execute()
}

/** Returns a pending sign-in that has not expired. If the user has changed since (see {@link PendingSignInRow.version}), returns null. */
export async function findPendingSignIn(
  database: Database,
  hash: string,
  now: number,
): Promise<PendingSignIn | null> {
  const row = await database
    .selectFrom('pending_sign_in')
    .innerJoin('user', 'user.id', 'pending_sign_in.userId')
    .selectAll('pending_sign_in')
    .where('pending_sign_in.hash', '=', hash)
    .where('pending_sign_in.expiresAt', '>', now)
    .whereRef('pending_sign_in.version', '=', 'user.version')
    .where('user.disabledAt', 'is', null)
    .executeTakeFirst()
  return row ? { ...row, methods: JSON.parse(row.methods) as string[] } : null
}

/** Deletes a pending sign-in. Returns false if another request has deleted it first. */
export async function takePendingSignIn(transaction: Database, hash: string): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('pending_sign_in')
    .where('hash', '=', hash)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Ends all pending sign-ins of a user. Call it if something with which a sign-in may have begun was removed. */
export async function dropPendingSignInsOf(transaction: Database, userId: string): Promise<void> {
  await transaction.deleteFrom('pending_sign_in').where('userId', '=', userId).execute()
}

/** Deletes some expired rows. Returns true if there may be more. */
export async function dropExpiredPendingSignIns(database: Database, now: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('pending_sign_in')
    .where('hash', 'in', (from) =>
      from.selectFrom('pending_sign_in').select('hash').where('expiresAt', '<=', now).limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
