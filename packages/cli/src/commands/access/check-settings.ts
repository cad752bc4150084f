import type { Access } from '@sallyport/server'
import { readSettings } from '../read-settings.ts'
import { Refusal } from '../refusal.ts'
import type { Findings, Mistake } from './findings.ts'

type RoleSettings = {
  rolePermissions: Readonly<Record<string, readonly string[]>>
  defaultRoles: readonly string[]
  secondFactorRoles: readonly string[]
  verifiedPermissions: readonly string[]
}

/** Returns the definition in SALLYPORT_ROLES, or null if this is not set. Its permissions are those that at least one role has. */
export async function definitionOfSettings(): Promise<Access | null> {
  const { defineAccess } = await import('@sallyport/server')
  const { rolePermissions: roles = {} } = await readRoleSettings()
  if (Object.keys(roles).length === 0) return null
  try {
    return defineAccess({ permissions: [...new Set(Object.values(roles).flat())], roles })
  } catch (error) {
    if (error instanceof TypeError) throw new Refusal(`SALLYPORT_ROLES: ${error.message}`)
    throw error
  }
}

/** Compares the definition with the settings that name roles or permissions. */
export async function checkSettings(access: Access): Promise<Findings> {
  const { faultOfName } = await import('@sallyport/server')
  const { rolePermissions, defaultRoles, secondFactorRoles, verifiedPermissions } = await readRoleSettings()
  const faults = (where: string, kind: 'role' | 'permission', names: readonly string[] = []): Mistake[] =>
    names.flatMap((name) => {
      const message = faultOfName(kind, name, access)
      return message === null ? [] : [{ where, message }]
    })
  const lacksDefault = defaultRoles === undefined && faultOfName('role', 'member', access) !== null
  return {
    mistakes: [
      ...faults('SALLYPORT_DEFAULT_ROLES', 'role', defaultRoles),
      ...faults('SALLYPORT_SECOND_FACTOR_ROLES', 'role', secondFactorRoles),
      ...faults('SALLYPORT_VERIFIED_PERMISSIONS', 'permission', verifiedPermissions),
      ...differences(rolePermissions, access),
    ],
    notes: lacksDefault
      ? ['SALLYPORT_DEFAULT_ROLES is not set. So new users get the role member, which is not defined.']
      : [],
    compared: 'the settings',
  }
}

/** Reports how SALLYPORT_ROLES, if it is set, differs from the definition. The tokens would have other permissions than the definition. */
function differences(roles: RoleSettings['rolePermissions'] = {}, access: Access): Mistake[] {
  const given = Object.entries(roles)
  if (given.length === 0) return []
  const names = [...new Set([...Object.keys(access.roles), ...given.map(([role]) => role)])]
  return names.flatMap((role) => {
    const here = Object.hasOwn(roles, role) ? roles[role] : undefined
    const defined = Object.hasOwn(access.roles, role) ? access.roles[role] : undefined
    if (here !== undefined && defined !== undefined && hasSame(here, defined)) return []
    const shown = (list: readonly string[] | undefined) =>
      list === undefined ? 'not defined' : list.length === 0 ? 'no permissions' : list.join(', ')
    const message = `The role ${role} differs. Here: ${shown(here)}. In the definition: ${shown(defined)}.`
    return [{ where: 'SALLYPORT_ROLES', message }]
  })
}

function hasSame(one: readonly string[], other: readonly string[]): boolean {
  return one.every((name) => other.includes(name)) && other.every((name) => one.includes(name))
}

/**
 * Reads the settings that name roles or permissions, of the environment and the configuration file. A setting that is not set is missing.
 *
 * @throws Refusal if one of them is not valid.
 */
async function readRoleSettings(): Promise<Partial<RoleSettings>> {
  const { settings } = await import('@sallyport/server')
  const { options } = await readSettings()
  const names = ['rolePermissions', 'defaultRoles', 'secondFactorRoles', 'verifiedPermissions'] as const
  return Object.fromEntries(
    names.flatMap((name) => {
      if (options[name] === undefined) return []
      const { env, schema } = settings[name]
      const { data, error } = schema.safeParse(options[name])
      if (error) throw new Refusal(`${env} ${error.issues[0]?.message ?? 'is not valid'}.`)
      return [[name, data]]
    }),
  )
}
