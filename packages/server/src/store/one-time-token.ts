import type { Database } from './database.ts'
import type { OneTimeTokenRow } from './schema.ts'

/** Adds a token; the older ones of its user and purpose die (ASVS 6.6.2). In the caller's transaction, with the mail that carries it. */
export async function addOneTimeToken(transaction: Database, token: OneTimeTokenRow): Promise<void> {
  await dropOneTimeTokens(transaction, token.userId, [token.purpose])
  await transaction.insertInto('one_time_token').values(token).execute()
}

/**
 * Takes a token out, in one statement: of any number who bring it at the same time, one gets it. Null for one that is unknown, spent,
 * expired or for another purpose; those stay as they are.
 */
export async function takeOneTimeToken(
  transaction: Database,
  hash: string,
  purpose: string,
  now: number,
): Promise<OneTimeTokenRow | null> {
  const row = await transaction
    .deleteFrom('one_time_token')
    .where('hash', '=', hash)
    .where('purpose', '=', purpose)
    .where('expiresAt', '>', now)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

export async function dropOneTimeTokens(
  transaction: Database,
  userId: string,
  purposes: readonly string[] | 'all',
): Promise<void> {
  await transaction
    .deleteFrom('one_time_token')
    .where('userId', '=', userId)
    .$if(purposes !== 'all', (query) => query.where('purpose', 'in', purposes === 'all' ? [] : purposes))
    .execute()
}

/** Deletes some that have expired; true if there may be more. */
export async function dropExpiredTokens(database: Database, now: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('one_time_token')
    .where('hash', 'in', (from) =>
      from.selectFrom('one_time_token').select('hash').where('expiresAt', '<=', now).limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
