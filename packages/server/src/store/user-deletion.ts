import type { Database } from './database.ts'
import type { StoredUser } from './user.ts'

/** Sets when an account will be deleted. With null, the account is not deleted. */
export async function setDeletion(transaction: Database, id: string, deleteAt: number | null): Promise<void> {
  await transaction.updateTable('user').set({ deleteAt }).where('id', '=', id).execute()
}

/** Returns the ids of some users who are due for deletion. */
export async function findDueUsers(database: Database, now: number): Promise<string[]> {
  const rows = await database.selectFrom('user').select('id').where('deleteAt', '<=', now).limit(20).execute()
  return rows.map(({ id }) => id)
}

/** Deletes those of these users who are due for deletion, with all their data. Returns the deleted users. */
export async function deleteDueUsers(
  transaction: Database,
  ids: readonly string[],
  now: number,
): Promise<Pick<StoredUser, 'id' | 'email'>[]> {
  return (
    transaction
      .deleteFrom('user')
      .where('id', 'in', ids)
      // A user may have signed in since, also while this statement waited for the row. In this case the account must not be deleted.
      .where('deleteAt', '<=', now)
      .returning(['id', 'email'])
      .execute()
  )
}
