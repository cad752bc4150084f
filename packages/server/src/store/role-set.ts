import { sql } from 'kysely'
import type { Database } from './database.ts'

const maxSets = 1_000

/**
 * Returns the different lists of roles that users have, each with the number of its users. Returns only lists whose stored text has more
 * than `longerThan` characters, longest first.
 */
export async function listRoleSets(
  database: Database,
  longerThan: number,
): Promise<{ roles: string[]; users: number }[]> {
  const length = sql<number>`length(roles)`
  const rows = await database
    .selectFrom('user')
    .select(['roles', ({ fn }) => fn.countAll<number | string>().as('users')])
    .where(length, '>', longerThan)
    .groupBy('roles')
    .orderBy(length, 'desc')
    .limit(maxSets)
    .execute()
  return rows.map(({ roles, users }) => ({ roles: JSON.parse(roles) as string[], users: Number(users) }))
}

/** Returns the roles that users have, each with the number of its users, in the order of their names. Reads all users. */
export async function countRoles(database: Database): Promise<{ role: string; users: number }[]> {
  const rows = await database
    .selectFrom('user')
    .select(['roles', ({ fn }) => fn.countAll<number | string>().as('users')])
    .groupBy('roles')
    .execute()
  const counts = new Map<string, number>()
  for (const { roles, users } of rows)
    for (const role of new Set(JSON.parse(roles) as string[]))
      counts.set(role, (counts.get(role) ?? 0) + Number(users))
  return [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([role, users]) => ({ role, users }))
}
