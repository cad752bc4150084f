import type { JsonValue } from './claims.ts'

/**
 * The verified caller: a signed-in user in one session. A principal is plain data and never contains a token. So a server component may
 * pass it to a client component.
 */
export type Principal = {
  /** `sub`: the user's id. */
  userId: string
  /** `sid`: the session's id. */
  sessionId: string
  /** The user's roles, by name. */
  roles: readonly string[]
  /** The permissions of those roles, such as `invoice:read`. */
  permissions: readonly string[]
  /** `org`: the organization of the token. Missing in tokens of our auth server. */
  organizationId?: string
  /** `amr`: how the user authenticated (RFC 8176). */
  methods: readonly string[]
  /** `auth_time` in milliseconds: when the user last authenticated. */
  authenticatedAt: number
  /** `iat` in milliseconds: when this access token was issued. */
  issuedAt: number
  /** `exp` in milliseconds: when this access token expires. */
  expiresAt: number
  /** The claims that the auth server's `claims` hook has added, by name. Missing if it has added none. */
  claims?: Readonly<Record<string, JsonValue>>
}

/** The role and permission that an access check requires. If a list has several names, the caller needs only one of them. */
export type Requirement = {
  /** The required role. With a list of roles, the caller needs one of them. */
  role?: string | readonly string[]
  /** The required permission. With a list of permissions, the caller needs one of them. */
  permission?: string | readonly string[]
}

/**
 * The arguments of a guard: a requirement, or nothing. A guard without arguments accepts every signed-in user. The argument `undefined` is
 * refused, because it usually comes from a misspelt name. The type is a list, so that these two cases can be distinguished.
 */
export type AskedRequirement = [requirement?: Requirement]

/**
 * Returns whether a principal meets a requirement. If there is no requirement, or it is `{}`, the result is true.
 *
 * @throws TypeError if the requirement is undefined or has a misspelt name, or if its role or permission is empty or undefined.
 */
export function isAllowed(principal: Principal, ...asked: AskedRequirement): boolean {
  return meetsRequirement(principal, requirementOf(asked))
}

/** Does the same as {@link isAllowed}, but for a requirement that {@link requirementOf} has returned. */
export function meetsRequirement(principal: Principal, { role, permission }: Requirement): boolean {
  return meets(principal.roles, role) && meets(principal.permissions, permission)
}

/**
 * Returns the requirement from the arguments of a guard.
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
 * Refuses a requirement that has no effect. For example, a misspelt name or an undefined role would allow every user.
 *
 * @throws TypeError if the requirement has no effect. The message says what is wrong.
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
