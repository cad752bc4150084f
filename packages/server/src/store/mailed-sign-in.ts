import type { Database } from './database.ts'
import type { MailedSignInRow } from './row-types.ts'

export type { MailedSignInRow } from './row-types.ts'

export async function addMailedSignIn(transaction: Database, row: MailedSignInRow): Promise<void> {
  await transaction.insertInto('mailed_sign_in').values(row).execute()
}

/**
 * Counts a try of a code and returns the row. This is one statement, so concurrent requests cannot try more codes than are left. Returns
 * null if no try is left, or if the row is expired, used or unknown.
 */
export async function tryMailedSignIn(
  transaction: Database,
  hash: string,
  now: number,
): Promise<MailedSignInRow | null> {
  const row = await transaction
    .updateTable('mailed_sign_in')
    .set(({ eb }) => ({ triesLeft: eb('triesLeft', '-', 1) }))
    .where('hash', '=', hash)
    .where('expiresAt', '>', now)
    .where('triesLeft', '>', 0)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Returns the row of a handle that has not expired, without counting a try. */
export async function findMailedSignIn(
  database: Database,
  hash: string,
  now: number,
): Promise<MailedSignInRow | null> {
  const row = await database
    .selectFrom('mailed_sign_in')
    .selectAll()
    .where('hash', '=', hash)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
  return row ?? null
}

/** Returns the row of a link that has not expired. Wrong codes do not end the link, because nobody can guess it. */
export async function findMailedLink(
  database: Database,
  linkHash: string,
  now: number,
): Promise<MailedSignInRow | null> {
  const row = await database
    .selectFrom('mailed_sign_in')
    .selectAll()
    .where('linkHash', '=', linkHash)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
  return row ?? null
}

/** Deletes the row, so that neither its code nor its link works again. Returns false if another request has deleted it first. */
export async function takeMailedSignIn(transaction: Database, hash: string): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('mailed_sign_in')
    .where('hash', '=', hash)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Records the new version of a user, so that this code and this link stay valid. All others of the user become invalid. */
export async function setMailedVersion(transaction: Database, hash: string, version: number): Promise<void> {
  await transaction.updateTable('mailed_sign_in').set({ version }).where('hash', '=', hash).execute()
}

/** Deletes some expired rows. Returns true if there may be more. */
export async function dropExpiredMailedSignIns(database: Database, now: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('mailed_sign_in')
    .where('hash', 'in', (from) =>
      from.selectFrom('mailed_sign_in').select('hash').where('expiresAt', '<=', now).limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
