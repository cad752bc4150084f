import type { UserFieldValue } from '@sallyport/protocol'
import type { Database } from './database.ts'
import { findUserById, lockUser, rowOf, type StoredUser } from './user.ts'

/**
 * Changes the name and some of the fields; null clears a field. Runs in a transaction, in which a second writer waits for the first, so that
 * concurrent changes of different fields are both kept. Returns null if there is no such user.
 */
export async function changeProfile(
  transaction: Database,
  id: string,
  {
    name,
    fields = {},
  }: { name?: string | undefined; fields?: Readonly<Record<string, UserFieldValue | null>> | undefined },
  now: number,
): Promise<StoredUser | null> {
  if (!(await lockUser(transaction, id, { updatedAt: now }))) return null
  const user = await findUserById(transaction, id)
  if (user === null) return null
  const merged = Object.entries({ ...user.fields, ...fields }).filter(([, value]) => value !== null)
  const changed = {
    ...user,
    name: name ?? user.name,
    fields: Object.fromEntries(merged) as StoredUser['fields'],
  }
  const row = rowOf(changed)
  await transaction
    .updateTable('user')
    .set({ name: row.name, fields: row.fields })
    .where('id', '=', id)
    .execute()
  return changed
}
