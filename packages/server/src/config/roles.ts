import { isRoleName } from '@sallyport/protocol'
import { didYouMean } from '@sallyport/protocol/did-you-mean'

type Roles = { rolePermissions: Readonly<Record<string, readonly string[]>>; defaultRoles: readonly string[] }

/**
 * Returns why a user cannot have these roles. Returns null if the user can have them. If `SALLYPORT_ROLES` is not set, every valid name is
 * a role.
 */
export function faultOfRoleNames(config: Roles, roles: readonly string[]): string | null {
  if (!roles.every(isRoleName))
    return 'The name of a role must have 1 to 64 characters, and no commas or control characters.'
  const defined = Object.keys(config.rolePermissions)
  if (defined.length === 0) return null
  // The default roles count as defined, because new users get them. If SALLYPORT_DEFAULT_ROLES is set, the server has checked at its start
  // that these roles are defined.
  const known = [...new Set([...defined, ...config.defaultRoles])]
  const unknown = roles.find((role) => !known.includes(role))
  return unknown === undefined ? null : notDefined(unknown, known)
}

/** Reports wrong names in `SALLYPORT_ROLES`. If `SALLYPORT_DEFAULT_ROLES` is set, reports wrong names in it too. */
export function faultsOfRoleSettings(config: Roles, areDefaultsSet: boolean): string[] {
  const { rolePermissions, defaultRoles } = config
  const ofNames = faultOfRoleNames(config, Object.keys(rolePermissions))
  if (ofNames !== null) return [`SALLYPORT_ROLES: ${ofNames}`]
  const ofDefaults = areDefaultsSet
    ? faultOfRoleNames({ rolePermissions, defaultRoles: [] }, defaultRoles)
    : null
  return ofDefaults === null ? [] : [`SALLYPORT_DEFAULT_ROLES: ${ofDefaults}`]
}

function notDefined(role: string, known: readonly string[]): string {
  const names =
    known.length > 20 ? `${known.slice(0, 20).join(', ')} and ${known.length - 20} more` : known.join(', ')
  return `There is no role ${role}.${didYouMean(role, known)} SALLYPORT_ROLES defines ${names}. To define a role without permissions, give it an empty list.`
}
