import type { Database } from './database.ts'
import type { PasskeyRow } from './row-types.ts'
import { statementParts } from './statement-parts.ts'
import { lockUser } from './user.ts'

export type Passkey = Omit<PasskeyRow, 'transports' | 'backupEligible' | 'backedUp' | 'userVerified'> & {
  transports: string[]
  backupEligible: boolean
  backedUp: boolean
  userVerified: boolean
}

function passkeyOf(row: PasskeyRow): Passkey {
  return {
    ...row,
    transports: JSON.parse(row.transports) as string[],
    backupEligible: row.backupEligible === 1,
    backedUp: row.backedUp === 1,
    userVerified: row.userVerified === 1,
  }
}

function rowOf({ transports, backupEligible, backedUp, userVerified, ...passkey }: Passkey): PasskeyRow {
  return {
    ...passkey,
    transports: JSON.stringify(transports),
    backupEligible: Number(backupEligible),
    backedUp: Number(backedUp),
    userVerified: Number(userVerified),
  }
}

export async function findPasskey(database: Database, id: string): Promise<Passkey | null> {
  const row = await database.selectFrom('passkey').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? passkeyOf(row) : null
}

/** Returns the passkeys of a user, the oldest first. */
export async function listPasskeys(database: Database, userId: string): Promise<Passkey[]> {
  const rows = await database
    .selectFrom('passkey')
    .selectAll()
    .where('userId', '=', userId)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows.map(passkeyOf)
}

export async function hasPasskey(database: Database, userId: string): Promise<boolean> {
  const row = await database
    .selectFrom('passkey')
    .select('id')
    .where('userId', '=', userId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Stores a passkey. Returns `exists` if the credential is registered already, for this user or for another one. Returns `full` if the user
 * has `limit` passkeys. The user is locked, so that parallel requests cannot exceed the limit.
 */
export async function addPasskey(
  transaction: Database,
  passkey: Passkey,
  limit: number,
): Promise<'added' | 'exists' | 'full'> {
  await lockUser(transaction, passkey.userId, { updatedAt: passkey.createdAt })
  const { count } = await transaction
    .selectFrom('passkey')
    .select((from) => from.fn.countAll<number | string>().as('count'))
    .where('userId', '=', passkey.userId)
    .executeTakeFirstOrThrow()
  if (Number(count) >= limit) return 'full'
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('passkey')
    .values(rowOf(passkey))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n ? 'added' : 'exists'
}

/**
 * Records a use of a passkey. Returns false if the passkey was removed, or if its counter has not grown (Web Authentication section 6.1.1).
 * Authenticators without a counter always send 0.
 */
export async function recordPasskeyUse(
  transaction: Database,
  {
    id,
    userId,
    counter,
    backedUp,
    now,
  }: Pick<Passkey, 'id' | 'userId' | 'counter' | 'backedUp'> & { now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('passkey')
    .set({ counter, backedUp: Number(backedUp), lastUsedAt: now })
    .where('id', '=', id)
    .where('userId', '=', userId)
    .where((is) => (counter === 0 ? is('counter', '=', 0) : is('counter', '<', counter)))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function renamePasskey(
  database: Database,
  { id, userId, name }: Pick<Passkey, 'id' | 'userId' | 'name'>,
): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('passkey')
    .set({ name })
    .where('id', '=', id)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Deletes a passkey. Returns false if the user has no such passkey. */
export async function removePasskey(
  transaction: Database,
  { id, userId }: Pick<Passkey, 'id' | 'userId'>,
): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('passkey')
    .where('id', '=', id)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Removes one passkey of the user, or all. Returns the number of passkeys that were removed. */
export async function removePasskeys(transaction: Database, userId: string, id?: string): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom('passkey')
    .where('userId', '=', userId)
    .$if(id !== undefined, (query) => query.where('id', '=', id ?? ''))
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Returns the passkeys of several users, the oldest first. */
export async function listPasskeysOf(database: Database, userIds: readonly string[]): Promise<Passkey[]> {
  if (userIds.length === 0) return []
  const rows = await database
    .selectFrom('passkey')
    .selectAll()
    .where('userId', 'in', userIds)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows.map(passkeyOf)
}

/** Returns which of these passkeys are stored, with the addresses of their users. */
export async function findPasskeyOwners(
  database: Database,
  ids: readonly string[],
): Promise<{ id: string; email: string }[]> {
  const owners: { id: string; email: string }[] = []
  for (const part of statementParts(ids))
    owners.push(
      ...(await database
        .selectFrom('passkey')
        .innerJoin('user', 'user.id', 'passkey.userId')
        .select(['passkey.id', 'user.email'])
        .where('passkey.id', 'in', part)
        .execute()),
    )
  return owners
}

/** Adds many passkeys. Those that are stored already are left out. Returns how many were added. */
export async function addPasskeys(transaction: Database, passkeys: readonly Passkey[]): Promise<number> {
  let added = 0
  for (const part of statementParts(passkeys)) {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('passkey')
      .values(part.map(rowOf))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirstOrThrow()
    added += Number(numInsertedOrUpdatedRows)
  }
  return added
}
