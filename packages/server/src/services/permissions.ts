import type { StoredUser } from '../store/user.ts'
import type { Context } from './context.ts'

/**
 * Returns the permissions of a user's roles. If the address is not verified, the permissions that require a verified address are left out.
 */
export function permissionsOf(
  { config }: Pick<Context, 'config'>,
  { roles, emailVerifiedAt }: Pick<StoredUser, 'roles' | 'emailVerifiedAt'>,
): string[] {
  const { rolePermissions, emailVerification, verifiedPermissions } = config
  // A role that the settings do not define has no permissions. This includes a role with a name such as `constructor`, which every object
  // inherits.
  const granted = roles.flatMap((role) =>
    Object.hasOwn(rolePermissions, role) ? (rolePermissions[role] ?? []) : [],
  )
  const mustProve = emailVerification === 'permissions' && emailVerifiedAt === null
  const all = [...new Set(granted)]
  return mustProve ? all.filter((permission) => !verifiedPermissions.includes(permission)) : all
}
