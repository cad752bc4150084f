import { didYouMean } from './did-you-mean.ts'

/**
 * Which permissions and roles a product has. Made by {@link defineAccess}. It is plain, frozen data that `JSON.stringify` can write, so
 * pages, APIs, the auth server and the browser can import the same definition.
 */
export type Access<Permission extends string = string, Role extends string = string> = {
  /** All permissions. */
  readonly permissions: readonly Permission[]
  /** The permissions of each role. */
  readonly roles: Readonly<Record<Role, readonly Permission[]>>
}

/** The names of the permissions of a definition. */
export type PermissionOf<Defined extends Access> = Defined['permissions'][number]

/** The names of the roles of a definition. */
export type RoleOf<Defined extends Access> = Extract<keyof Defined['roles'], string>

/** What {@link defineAccess} takes. */
export type AccessDefinition<Permission extends string = string, Role extends string = string> = {
  /**
   * All permissions, such as `invoice:read`. A name has 1 to 64 characters: letters, digits and `: . _ - /`. It begins with a letter or a
   * digit.
   */
  permissions: readonly Permission[]
  /**
   * The permissions of each role. `'*'` means all of them. The name of a role has 1 to 64 characters, and no commas or control characters.
   */
  roles: Readonly<Record<Role, '*' | readonly NoInfer<Permission>[]>>
}

/**
 * Defines the permissions and roles of a product, in one place. Write it into a file of its own, and import that file wherever a role or
 * permission is named (docs/permissions.md). If you pass the result as `access` to `createAuth`, `authProxy` or `createVerifier`, a name
 * that is not defined does not compile. In JavaScript, it stops the start.
 *
 * @throws TypeError if the definition has an unknown member, an invalid or repeated name, or a role with a permission that is not defined.
 *
 * @example
 * // access.ts
 * export const access = defineAccess({
 *   permissions: ['invoice:read', 'invoice:write', 'report:read'],
 *   roles: { owner: '*', finance: ['invoice:read', 'report:read'], member: ['invoice:read'] },
 * })
 */
export function defineAccess<const Permission extends string, const Role extends string>(
  definition: AccessDefinition<Permission, Role>,
): Access<Permission, Role> {
  const { permissions, roles } = readMembers(definition)
  const names = readPermissions(permissions) as readonly Permission[]
  const held = Object.entries(roles).map(
    ([role, given]) => [readRole(role), readHeld(role, given, names)] as const,
  )
  // `fromEntries` also makes an own member of the name `__proto__`.
  return Object.freeze({
    permissions: names,
    roles: Object.freeze(Object.fromEntries(held)) as Access<Permission, Role>['roles'],
  })
}

/** Returns whether a text can be the name of a role. */
export function isRoleName(name: string): boolean {
  return /^[^\p{Cc}\p{Zl}\p{Zp},]{1,64}$/u.test(name)
}

/**
 * Returns the permissions of these roles, each of them once. A role that is not defined has none. So the name of a member that every object
 * inherits, such as `constructor`, has none either.
 */
export function permissionsOfRoles({ roles }: Access, held: readonly string[]): string[] {
  return [...new Set(held.flatMap((role) => (Object.hasOwn(roles, role) ? (roles[role] ?? []) : [])))]
}

/**
 * Returns a sentence if a definition does not have a role or permission: `There is no permission "report:raed". Did you mean report:read?`
 * Returns null if the definition has it.
 */
export function faultOfName(kind: 'role' | 'permission', name: string, access: Access): string | null {
  const defined = kind === 'role' ? Object.keys(access.roles) : access.permissions
  return defined.includes(name)
    ? null
    : `There is no ${kind} ${JSON.stringify(name)}.${didYouMean(name, defined)}`
}

/**
 * Reads a value of the option `access`: a result of `defineAccess`, or what it takes, for example from JSON.
 *
 * @throws TypeError as {@link defineAccess}. The message begins with the option.
 */
export function readAccess<Defined extends Access>(access: Defined): Defined {
  try {
    return defineAccess(access) as Access as Defined
  } catch (error) {
    throw new TypeError(`\`access\`: ${error instanceof Error ? error.message : error}`)
  }
}

function readMembers(definition: unknown): AccessDefinition {
  if (!isObject(definition))
    throw new TypeError('defineAccess takes an object: defineAccess({ permissions, roles }).')
  const unknown = Object.keys(definition).find((name) => name !== 'permissions' && name !== 'roles')
  if (unknown !== undefined)
    throw new TypeError(`A definition has no member "${unknown}". It has \`permissions\` and \`roles\`.`)
  const { permissions, roles } = definition as AccessDefinition
  if (!Array.isArray(permissions)) throw new TypeError('`permissions` must be a list of names.')
  if (!isObject(roles))
    throw new TypeError(
      "`roles` must give each role its permissions: { owner: '*', member: ['invoice:read'] }.",
    )
  return { permissions, roles }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readPermissions(permissions: readonly unknown[]): readonly string[] {
  for (const name of permissions)
    if (typeof name !== 'string' || !/^[A-Za-z\d][\w:./-]{0,63}$/.test(name))
      throw new TypeError(
        `${JSON.stringify(name)} cannot be a permission. A permission has 1 to 64 characters: letters, digits and : . _ - /, first a letter or a digit.`,
      )
  requireOnce(permissions as string[], '`permissions`')
  return Object.freeze([...(permissions as string[])])
}

function readRole(role: string): string {
  if (!isRoleName(role))
    throw new TypeError(
      `${JSON.stringify(role)} cannot be a role. A role has 1 to 64 characters, and no commas or control characters.`,
    )
  return role
}

function readHeld<Permission extends string>(
  role: string,
  given: unknown,
  all: readonly Permission[],
): readonly Permission[] {
  if (given === '*') return all
  if (!Array.isArray(given))
    throw new TypeError(`The role ${role} must have a list of permissions, or '*' for all of them.`)
  for (const name of given) {
    if (all.includes(name)) continue
    const similar = typeof name === 'string' ? didYouMean(name, all) : ''
    const hint = name === '*' ? " For all of them, write '*' without the list." : similar
    throw new TypeError(
      `The role ${role} has ${JSON.stringify(name)}, which \`permissions\` does not list.${hint}`,
    )
  }
  requireOnce(given, `The role ${role}`)
  return Object.freeze([...given])
}

function requireOnce(names: readonly string[], where: string): void {
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  if (repeated !== undefined) throw new TypeError(`${where} has ${JSON.stringify(repeated)} twice.`)
}
