import type { JsonValue } from './claims.ts'

/** The verified caller. Plain data that a server component may pass to a client component. It never contains a token. */
export type Principal = {
  /** `sub`: the user's id. */
  userId: string
  /** `sid`: the session's id. */
  sessionId: string
  /** The user's roles, by name. */
  roles: readonly string[]
  /** The permissions of those roles, such as `invoice:read`. */
  permissions: readonly string[]
  /** `org`: the organization that the token is for; missing in tokens of our auth server. */
  organizationId?: string
  /** `amr`: how the user authenticated (RFC 8176). */
  methods: readonly string[]
  /** `auth_time` in milliseconds: when the user last authenticated. */
  authenticatedAt: number
  /** `iat` in milliseconds: when this access token was issued. */
  issuedAt: number
  /** `exp` in milliseconds: when this access token expires. */
  expiresAt: number
  /** Claims that the auth server's `claims` hook added, by name; missing if it added none. */
  claims?: Readonly<Record<string, JsonValue>>
}

/** The role and permission that a guard requires. Of several names in a list, one is enough. */
export type Requirement = {
  /** A role, or several of which one is enough. */
  role?: string | readonly string[]
  /** A permission, or several of which one is enough. */
  permission?: string | readonly string[]
}

/**
 * The arguments of a guard: a requirement, or nothing. It is a list to distinguish a guard without arguments, which admits every
 * signed-in user, from `undefined`, which is usually a misspelt name and is refused.
 */
export type AskedRequirement = [requirement?: Requirement]

/**
 * Returns whether a principal meets a requirement. Every principal meets an absent requirement and `{}`.
 *
 * @throws TypeError if the requirement is undefined or misspelt, or its role or permission is empty or undefined.
 */
export function isAllowed(principal: Principal, ...asked: AskedRequirement): boolean {
  return meetsRequirement(principal, requirementOf(asked))
}

/** Like {@link isAllowed}, for a requirement that {@link requirementOf} has returned. */
export function meetsRequirement(principal: Principal, { role, permission }: Requirement): boolean {
  return meets(principal.roles, role) && meets(principal.permissions, permission)
}

/**
 * Returns the requirement in a guard's arguments.
 *
 * @throws TypeError as {@link isAllowed}.
 */
export function requirementOf(asked: AskedRequirement): Requirement {
  const requirement: unknown = asked.length === 0 ? {} : asked[0]
  if (typeof requirement !== 'object' || requirement === null || Array.isArray(requirement))
    throw new TypeError(
      'The requirement is not an object. Pass { role } or { permission }, or nothing to admit every signed-in user.',
    )
  checkRequirement(requirement)
  return requirement
}

function meets(held: readonly string[], asked: string | readonly string[] | undefined): boolean {
  if (asked === undefined) return true
  return typeof asked === 'string' ? held.includes(asked) : asked.some((name) => held.includes(name))
}

/**
 * Refuses an ineffective requirement: a misspelt name or an undefined role would admit everybody.
 *
 * @throws TypeError saying what is wrong with it.
 */
function checkRequirement(requirement: Requirement): void {
  for (const [name, asked] of Object.entries(requirement)) {
    if (name !== 'role' && name !== 'permission') {
      throw new TypeError(`A requirement has no "${name}". Pass { role } or { permission }.`)
    }
    const list: unknown = typeof asked === 'string' ? [asked] : asked
    const isMeant =
      Array.isArray(list) &&
      list.length > 0 &&
      list.every((entry) => typeof entry === 'string' && entry !== '')
    if (!isMeant)
      throw new TypeError(`The required ${name} is empty or undefined. Pass a name or a list of names.`)
  }
}
