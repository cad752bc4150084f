import type { JsonValue } from './claims.ts'

/** The verified caller. Plain data: it may cross from a server component to a client component. Never holds a token. */
export type Principal = {
  /** `sub`: the user's id. */
  userId: string
  /** `sid`: the session's id. */
  sessionId: string
  /** The user's roles, by name. */
  roles: readonly string[]
  /** What those roles permit, such as `invoice:read`. */
  permissions: readonly string[]
  /** `org`: the organization that the token is for; missing in tokens of our auth server. */
  organizationId?: string
  /** `amr`: how the person proved who they are (RFC 8176). */
  methods: readonly string[]
  /** `auth_time` in milliseconds: when the person last proved who they are. */
  authenticatedAt: number
  /** `iat` in milliseconds: when this access token was made. */
  issuedAt: number
  /** `exp` in milliseconds: when this access token ends. */
  expiresAt: number
  /** Claims that the auth server's `claims` hook has added, by name; missing where it has added none. */
  claims?: Readonly<Record<string, JsonValue>>
}

/** What a guard asks of a principal. Several names in one list mean "any of these". */
export type Requirement = {
  /** A role, or several of which one is enough. */
  role?: string | readonly string[]
  /** A permission, or several of which one is enough. */
  permission?: string | readonly string[]
}

/**
 * What a guard is given: a requirement, or nothing. A list, because a requirement that is undefined is a misspelt name, and not the wish
 * to let in whoever is signed in.
 */
export type AskedRequirement = [requirement?: Requirement]

/**
 * Whether a principal meets a requirement. An empty requirement asks only for somebody signed in.
 *
 * @throws TypeError for a requirement that is undefined, empty or misspelt.
 */
export function isAllowed(principal: Principal, ...asked: AskedRequirement): boolean {
  return meetsRequirement(principal, requirementOf(asked))
}

/** {@link isAllowed} for a requirement that has been checked by {@link requirementOf}. */
export function meetsRequirement(principal: Principal, { role, permission }: Requirement): boolean {
  return meets(principal.roles, role) && meets(principal.permissions, permission)
}

/**
 * The requirement that was asked for.
 *
 * @throws TypeError if it would not guard what it seems to.
 */
export function requirementOf(asked: AskedRequirement): Requirement {
  const requirement: unknown = asked.length === 0 ? {} : asked[0]
  if (typeof requirement !== 'object' || requirement === null || Array.isArray(requirement))
    throw new TypeError(
      'The requirement is no object. Ask for { role } or { permission }, or leave it out for whoever is signed in.',
    )
  checkRequirement(requirement)
  return requirement
}

function meets(held: readonly string[], asked: string | readonly string[] | undefined): boolean {
  if (asked === undefined) return true
  return typeof asked === 'string' ? held.includes(asked) : asked.some((name) => held.includes(name))
}

/**
 * Refuses a requirement that would not guard what it seems to: a misspelt name or an undefined role would let everybody in.
 *
 * @throws TypeError saying what is wrong with it.
 */
function checkRequirement(requirement: Requirement): void {
  for (const [name, asked] of Object.entries(requirement)) {
    if (name !== 'role' && name !== 'permission') {
      throw new TypeError(`A requirement has no "${name}". Ask for { role } or { permission }.`)
    }
    const list: unknown = typeof asked === 'string' ? [asked] : asked
    const isMeant =
      Array.isArray(list) &&
      list.length > 0 &&
      list.every((entry) => typeof entry === 'string' && entry !== '')
    if (!isMeant)
      throw new TypeError(`The required ${name} must be a name or a list of names; it is empty or undefined.`)
  }
}
