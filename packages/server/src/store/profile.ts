import type { UserFieldValue } from '@sallyport/protocol'
import type { Database } from './database.ts'
import { findUserById, lockUser, rowOf, type StoredUser } from './user.ts'

/**
 * Changes the name and some of the fields of a user. A field whose value is null is cleared. Runs in a transaction, and a second writer
 * waits for the first. So if two requests change different fields at the same time, both changes are kept. Returns null if there is no such
 * user.
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
