import type { UserFieldValue } from '@sallyport/protocol'
import { type Database, isDuplicate } from './database.ts'
import { inTransaction } from './group-commit.ts'
import { addRevocation } from './revocation.ts'
import type { UserRow } from './row-types.ts'

export type StoredUser = Omit<UserRow, 'roles' | 'fields'> & {
  roles: string[]
  /** The values of the user fields that the app has declared, by name. Values of fields that are no longer declared are included. */
  fields: UserFieldValues
}

/** The values of a user's fields, by name. */
type UserFieldValues = Readonly<Record<string, UserFieldValue>>

/** Converts a row of the table to a user. */
export function userOf<Row extends Pick<UserRow, 'roles' | 'fields'>>(
  row: Row,
): Omit<Row, 'roles' | 'fields'> & Pick<StoredUser, 'roles' | 'fields'> {
  const fields = row.fields === null ? {} : (JSON.parse(row.fields) as UserFieldValues)
  return { ...row, roles: JSON.parse(row.roles) as string[], fields }
}

/** Converts a user to a row of the table. */
export function rowOf(user: StoredUser): UserRow {
  const fields = Object.keys(user.fields).length === 0 ? null : JSON.stringify(user.fields)
  return { ...user, roles: JSON.stringify(user.roles), fields }
}

export async function findUserByEmail(
  database: Database,
  email: string,
): Promise<(StoredUser & { passwordHash: string | null }) | null> {
  const row = await database
    .selectFrom('user')
    .leftJoin('credential', (join) =>
      join.onRef('credential.userId', '=', 'user.id').on('credential.kind', '=', 'password'),
    )
    .selectAll('user')
    .select('credential.secret as passwordHash')
    .where('user.email', '=', email)
    .executeTakeFirst()
  return row ? userOf(row) : null
}

/** Returns users in the order of their ids, which means oldest first. For the next page, pass the last id as `after`. */
export async function listUsers(
  database: Database,
  { after, limit }: { after: string | null; limit: number },
): Promise<StoredUser[]> {
  const rows = await database
    .selectFrom('user')
    .selectAll()
    .$if(after !== null, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(userOf)
}

/**
 * Adds a user, with a password or without one, in the transaction of the caller. If another user has the address, returns false and adds
 * nothing. This is also true if a concurrent request adds that user.
 */
export async function addUser(
  transaction: Database,
  user: StoredUser,
  passwordHash: string | null,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('user')
    .values(rowOf(user))
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst()
  if (!numInsertedOrUpdatedRows) return false
  if (passwordHash === null) return true
  await transaction
    .insertInto('credential')
    .values({
      userId: user.id,
      kind: 'password',
      secret: passwordHash,
      createdAt: user.createdAt,
      changedAt: user.createdAt,
    })
    .execute()
  return true
}

/** Adds many users, with or without a password hash. Users whose address is taken are left out. Returns the addresses that were added. */
export async function addUsers(
  transaction: Database,
  users: readonly { user: StoredUser; passwordHash: string | null }[],
): Promise<string[]> {
  if (users.length === 0) return []
  const added = await transaction
    .insertInto('user')
    .values(users.map(({ user }) => rowOf(user)))
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning(['id', 'email'])
    .execute()
  const ids = new Set(added.map(({ id }) => id))
  const credentials = users.flatMap(({ user: { id, createdAt }, passwordHash: secret }) =>
    ids.has(id) && secret !== null
      ? [{ userId: id, kind: 'password' as const, secret, createdAt, changedAt: createdAt }]
      : [],
  )
  if (credentials.length > 0) await transaction.insertInto('credential').values(credentials).execute()
  return added.map(({ email }) => email)
}

/** Returns the addresses in the list that belong to a user already. */
export async function takenEmails(database: Database, emails: readonly string[]): Promise<string[]> {
  if (emails.length === 0) return []
  const rows = await database.selectFrom('user').select('email').where('email', 'in', emails).execute()
  return rows.map(({ email }) => email)
}

/** Returns users with their password hashes, in the order of their ids. For the next page, pass the last id as `after`. */
export async function listUsersWithHashes(
  database: Database,
  { after, limit }: { after: string | null; limit: number },
): Promise<(StoredUser & { passwordHash: string | null })[]> {
  const rows = await database
    .selectFrom('user')
    .leftJoin('credential', (join) =>
      join.onRef('credential.userId', '=', 'user.id').on('credential.kind', '=', 'password'),
    )
    .selectAll('user')
    .select('credential.secret as passwordHash')
    .$if(after !== null, (query) => query.where('user.id', '>', after ?? ''))
    .orderBy('user.id')
    .limit(limit)
    .execute()
  return rows.map(userOf)
}

/** Records that an address is verified. If the user has another address now, changes nothing and returns null. */
export async function verifyEmail(
  transaction: Database,
  id: string,
  email: string,
  now: number,
): Promise<StoredUser | null> {
  const row = await transaction
    .updateTable('user')
    .set({ emailVerifiedAt: now })
    .where('id', '=', id)
    .where('email', '=', email)
    .returningAll()
    .executeTakeFirst()
  return row ? userOf(row) : null
}

/**
 * Records the first proof of an address. If the address is verified already, or if the user has changed since they were read, changes
 * nothing and returns null.
 */
export async function verifyUnchangedEmail(
  transaction: Database,
  { id, email, version }: Pick<StoredUser, 'id' | 'email' | 'version'>,
  now: number,
): Promise<StoredUser | null> {
  const row = await transaction
    .updateTable('user')
    .set({ emailVerifiedAt: now })
    .where('id', '=', id)
    .where('email', '=', email)
    .where('version', '=', version)
    .where('emailVerifiedAt', 'is', null)
    .returningAll()
    .executeTakeFirst()
  return row ? userOf(row) : null
}

/**
 * Changes the address of a user. The new address counts as verified. If another user has the new address, returns false. This is also true
 * if a concurrent request gives that user the address. The caller must then roll back its transaction, because PostgreSQL does not continue
 * a transaction in which a statement has failed.
 */
export async function changeEmail(
  transaction: Database,
  id: string,
  email: string,
  now: number,
): Promise<boolean> {
  try {
    const { numUpdatedRows } = await transaction
      .updateTable('user')
      .set({ email, emailVerifiedAt: now, updatedAt: now })
      .where('id', '=', id)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('user as other').select('other.id').where('other.email', '=', email))),
      )
      .executeTakeFirst()
    return numUpdatedRows === 1n
  } catch (error) {
    if (isDuplicate(error)) return false
    throw error
  }
}

/**
 * Locks a user at the beginning of a transaction that opens or ends sessions. The transaction then sees what the previous such transaction
 * has written, and the next one waits for this one. On PostgreSQL, a write to the row locks it. SQLite has only one writer at a time.
 */
export async function lockUser(
  transaction: Database,
  id: string,
  change: { signedInAt: number } | { updatedAt: number } | Record<string, never> = {},
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('user')
    // Without a change, the write only locks the row.
    .set({ id, ...change })
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/**
 * Replaces the roles of a user. Tokens with the old roles are refused as stale immediately. The user's sessions continue. Returns false if
 * there is no such user.
 */
export function setRoles(
  database: Database,
  id: string,
  roles: readonly string[],
  { now, until }: { now: number; until: number },
  alongside: (transaction: Database) => Promise<void>,
): Promise<boolean> {
  return inTransaction(database, async (transaction) => {
    const row = await transaction
      .updateTable('user')
      .set(({ eb }) => ({ roles: JSON.stringify(roles), version: eb('version', '+', 1), updatedAt: now }))
      .where('id', '=', id)
      .returning('version')
      .executeTakeFirst()
    if (row === undefined) return false
    await alongside(transaction)
    await addRevocation(transaction, { sub: id, minVersion: row.version, until })
    return true
  })
}

/**
 * Makes all access tokens of a user stale, because the user's roles in an organization have changed. The user's sessions continue. Call this
 * last in the transaction.
 */
export async function outdateTokens(transaction: Database, id: string, until: number): Promise<void> {
  const row = await transaction
    .updateTable('user')
    .set(({ eb }) => ({ version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .returning('version')
    .executeTakeFirst()
  if (row !== undefined) await addRevocation(transaction, { sub: id, minVersion: row.version, until })
}

export async function findUserById(database: Database, id: string): Promise<StoredUser | null> {
  const row = await database.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? userOf(row) : null
}

export async function findPasswordHash(database: Database, userId: string): Promise<string | null> {
  const row = await database
    .selectFrom('credential')
    .select('secret')
    .where('userId', '=', userId)
    .where('kind', '=', 'password')
    .executeTakeFirst()
  return row?.secret ?? null
}

/** Disables or enables a user, in the transaction of the caller. If a user is disabled, the same transaction also ends their sessions. */
export async function setDisabled(
  transaction: Database,
  id: string,
  disabledAt: number | null,
): Promise<void> {
  await transaction.updateTable('user').set({ disabledAt }).where('id', '=', id).execute()
}

/** Sets the password of a user. The user may have had no password before. */
export async function setPassword(
  transaction: Database,
  userId: string,
  secret: string,
  now: number,
): Promise<void> {
  await transaction
    .insertInto('credential')
    .values({ userId, kind: 'password', secret, createdAt: now, changedAt: now })
    .onConflict((conflict) => conflict.columns(['userId', 'kind']).doUpdateSet({ secret, changedAt: now }))
    .execute()
}

/** Replaces a password if the stored hash is still the one that was checked. The caller's transaction must have locked the user. */
export async function replacePassword(
  transaction: Database,
  userId: string,
  { from, to, now }: { from: string; to: string; now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('credential')
    .set({ secret: to, changedAt: now })
    .where('userId', '=', userId)
    .where('kind', '=', 'password')
    .where('secret', '=', from)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Replaces a password hash by a stronger hash of the same password, if the stored hash is still the one that was checked. */
export async function upgradePasswordHash(
  database: Database,
  userId: string,
  from: string,
  to: string,
): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('credential')
    .set({ secret: to })
    .where('userId', '=', userId)
    .where('kind', '=', 'password')
    .where('secret', '=', from)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
