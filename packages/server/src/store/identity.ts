import type { Database } from './database.ts'
import type { IdentityRow } from './row-types.ts'
import { statementParts } from './statement-parts.ts'
import { type StoredUser, userOf } from './user.ts'

export type { IdentityRow } from './row-types.ts'

/** What identifies an account at a provider (OpenID Connect Core section 5.7). An address never does. */
export type IdentityKey = Pick<IdentityRow, 'issuer' | 'subject'>

/** Returns the user to whom an account at a provider is linked. */
export async function findUserByIdentity(
  database: Database,
  { issuer, subject }: IdentityKey,
): Promise<{ user: StoredUser; identityId: string } | null> {
  const row = await database
    .selectFrom('identity')
    .innerJoin('user', 'user.id', 'identity.userId')
    .selectAll('user')
    .select('identity.id as identityId')
    .where('identity.issuer', '=', issuer)
    .where('identity.subject', '=', subject)
    .executeTakeFirst()
  if (row === undefined) return null
  const { identityId, ...user } = row
  return { user: userOf(user), identityId }
}

/** Adds an identity. If it is linked already, also by a concurrent request, returns false and changes nothing. */
export async function addIdentity(transaction: Database, identity: IdentityRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('identity')
    .values(identity)
    .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing())
    .executeTakeFirst()
  return Boolean(numInsertedOrUpdatedRows)
}

/** Records a sign-in with an identity. Returns false if the link was removed in the meantime. */
export async function touchIdentity(
  transaction: Database,
  id: string,
  { userId, ...seen }: { userId: string; email: string | null; provider: string; lastUsedAt: number },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('identity')
    .set(seen)
    .where('id', '=', id)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Returns the identities of a user, the oldest first. */
export async function listIdentities(database: Database, userId: string): Promise<IdentityRow[]> {
  return database.selectFrom('identity').selectAll().where('userId', '=', userId).orderBy('id').execute()
}

/** Deletes one identity of a user and returns it. */
export async function takeIdentity(
  transaction: Database,
  userId: string,
  id: string,
): Promise<IdentityRow | null> {
  const row = await transaction
    .deleteFrom('identity')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Returns which of these identities are stored, with the addresses of their users. */
export async function findIdentityOwners(
  database: Database,
  keys: readonly IdentityKey[],
): Promise<(IdentityKey & { email: string })[]> {
  const owners: (IdentityKey & { email: string })[] = []
  for (const issuer of new Set(keys.map((key) => key.issuer)))
    for (const part of statementParts(keys.filter((key) => key.issuer === issuer)))
      owners.push(
        ...(await database
          .selectFrom('identity')
          .innerJoin('user', 'user.id', 'identity.userId')
          .select(['identity.issuer', 'identity.subject', 'user.email'])
          .where('identity.issuer', '=', issuer)
          .where(
            'identity.subject',
            'in',
            part.map(({ subject }) => subject),
          )
          .execute()),
      )
  return owners
}

/** Adds many identities. Those that are linked already are left out. Returns how many were added. */
export async function addIdentities(
  transaction: Database,
  identities: readonly IdentityRow[],
): Promise<number> {
  let added = 0
  for (const part of statementParts(identities)) {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('identity')
      .values(part)
      .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing())
      .executeTakeFirstOrThrow()
    added += Number(numInsertedOrUpdatedRows)
  }
  return added
}

/** Returns the identities of several users, the oldest first. */
export async function listIdentitiesOf(
  database: Database,
  userIds: readonly string[],
): Promise<IdentityRow[]> {
  if (userIds.length === 0) return []
  return database.selectFrom('identity').selectAll().where('userId', 'in', userIds).orderBy('id').execute()
}
