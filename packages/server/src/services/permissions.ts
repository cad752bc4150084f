import type { StoredUser } from '../store/user.ts'
import type { Context } from './context.ts'

/** What somebody may do: all that their roles may, but for what waits for the proof of their address. */
export function permissionsOf(
  { config }: Pick<Context, 'config'>,
  { roles, emailVerifiedAt }: Pick<StoredUser, 'roles' | 'emailVerifiedAt'>,
): string[] {
  const { rolePermissions, emailVerification, verifiedPermissions } = config
  // A role that the settings do not name may do nothing, whatever it is called.
  const granted = roles.flatMap((role) =>
    Object.hasOwn(rolePermissions, role) ? (rolePermissions[role] ?? []) : [],
  )
  const mustProve = emailVerification === 'permissions' && emailVerifiedAt === null
  const all = [...new Set(granted)]
  return mustProve ? all.filter((permission) => !verifiedPermissions.includes(permission)) : all
}
