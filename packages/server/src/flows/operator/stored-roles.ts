import type { Context } from '../../services/context.ts'
import { charactersToLookAt, tooLarge } from '../../services/token-size.ts'
import { listRoleSets } from '../../store/role-set.ts'

/** A combination of roles that some users have. An access token with these roles does not fit into a cookie. */
export type LargeRoleSet = { roles: string[]; users: number; why: string }

/**
 * Returns the stored combinations of roles that are too large for a token. Such combinations exist if settings have changed, or if an older
 * version or another program stored them.
 */
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
