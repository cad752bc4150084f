import type { Context } from '../../services/context.ts'
import { charactersToLookAt, tooLarge } from '../../services/token-size.ts'
import { listRoleSets } from '../../store/role-set.ts'

/** A combination of roles of stored users with which an access token does not fit into a cookie. */
export type LargeRoleSet = { roles: string[]; users: number; why: string }

/** Finds combinations of roles that are too large because of changed settings, an older version or another program. */
export async function findLargeRoleSets({
  config,
  database,
}: Pick<Context, 'config' | 'database'>): Promise<LargeRoleSet[]> {
  const sets = await listRoleSets(database, charactersToLookAt(config))
  return sets.flatMap(({ roles, users }) => {
    const why = tooLarge({ config }, roles)
    return why === null ? [] : [{ roles, users, why }]
  })
}
