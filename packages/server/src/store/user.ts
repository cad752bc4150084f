import type { Database } from './database.ts'
import type { UserRow } from './schema.ts'

export type StoredUser = Omit<UserRow, 'roles'> & { roles: string[] }

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
  return row ? { ...row, roles: JSON.parse(row.roles) as string[] } : null
}

/** Adds a user with a password in one transaction; false if the address is taken, also by somebody in this very moment. */
export async function addUser(database: Database, user: StoredUser, passwordHash: string): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('user')
      .values({ ...user, roles: JSON.stringify(user.roles) })
      .onConflict((conflict) => conflict.column('email').doNothing())
      .executeTakeFirst()
    if (!numInsertedOrUpdatedRows) return false
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
  })
}

export async function renameUser(database: Database, id: string, name: string, now: number): Promise<void> {
  await database.updateTable('user').set({ name, updatedAt: now }).where('id', '=', id).execute()
}

/** Replaces a password's hash by a better one of the same password; only if it is still the one that was checked. */
export async function upgradePasswordHash(
  database: Database,
  userId: string,
  from: string,
  to: string,
): Promise<void> {
  await database
    .updateTable('credential')
    .set({ secret: to })
    .where('userId', '=', userId)
    .where('kind', '=', 'password')
    .where('secret', '=', from)
    .execute()
}
