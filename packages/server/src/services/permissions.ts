import type { StoredUser } from '../store/user.ts'
import type { Context } from './context.ts'

/** Returns the permissions of a user's roles, without those that need a verified address if it is not verified. */
export function permissionsOf(
  { config }: Pick<Context, 'config'>,
  { roles, emailVerifiedAt }: Pick<StoredUser, 'roles' | 'emailVerifiedAt'>,
): string[] {
  const { rolePermissions, emailVerification, verifiedPermissions } = config
  // A role that the settings do not define has no permissions, also one named like a member of Object.prototype.
  const granted = roles.flatMap((role) =>
    Object.hasOwn(rolePermissions, role) ? (rolePermissions[role] ?? []) : [],
  )
  const mustProve = emailVerification === 'permissions' && emailVerifiedAt === null
  const all = [...new Set(granted)]
  return mustProve ? all.filter((permission) => !verifiedPermissions.includes(permission)) : all
}
