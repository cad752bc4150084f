import type { Database } from './database.ts'
import { takeLockOn } from './lock.ts'
import type { OneTimePurpose, OneTimeTokenRow } from './row-types.ts'

export type { OneTimePurpose, OneTimeTokenRow } from './row-types.ts'

/**
 * Adds a token, and deletes older tokens for the same purpose and the same account or address (ASVS 6.6.2). Runs in the transaction that
 * queues the mail with the token.
 */
export async function addOneTimeToken(transaction: Database, token: OneTimeTokenRow): Promise<void> {
  // If two tokens are requested at the same time, only the later one may work.
  await takeLockOn(transaction, 'oneTimeToken', token.userId ?? token.email)
  await transaction
    .deleteFrom('one_time_token')
    .where('purpose', '=', token.purpose)
    .where(({ or, eb }) =>
      token.userId === null
        ? eb('email', '=', token.email)
        : or([eb('email', '=', token.email), eb('userId', '=', token.userId)]),
    )
    .execute()
  await transaction.insertInto('one_time_token').values(token).execute()
}

/** Returns a valid token without deleting it. */
export async function findOneTimeToken(
  database: Database,
  hash: string,
  purpose: OneTimePurpose,
  now: number,
): Promise<OneTimeTokenRow | null> {
  const row = await database
    .selectFrom('one_time_token')
    .selectAll()
    .where('hash', '=', hash)
    .where('purpose', '=', purpose)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
  return row ?? null
}

/**
 * Deletes a token and returns it. This is one statement, so only one of several concurrent requests gets the token. If the token is
 * unknown, used, expired or for another purpose, returns null and deletes nothing.
 */
export async function takeOneTimeToken(
  transaction: Database,
  hash: string,
  purpose: OneTimePurpose,
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

/**
 * Deletes the tokens of a user. By default, tokens for every purpose are deleted, as after a password reset, a change of address, a
 * verification or a deletion.
 */
export async function dropOneTimeTokensOf(
  transaction: Database,
  userId: string,
  purposes?: readonly OneTimePurpose[],
): Promise<void> {
  await transaction
    .deleteFrom('one_time_token')
    .where('userId', '=', userId)
    .$if(purposes !== undefined, (query) => query.where('purpose', 'in', purposes ?? []))
    .execute()
}

/** Deletes some expired tokens. Returns true if there may be more. */
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
