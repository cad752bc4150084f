import type { JsonValue } from './claims.ts'

/** The verified caller. Plain data: it may cross from a server component to a client component. Never holds a token. */
export type Principal = {
  /** `sub`: the user's id. */
  userId: string
  /** `sid`: the session's id. */
  sessionId: string
  roles: readonly string[]
  permissions: readonly string[]
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
  role?: string | readonly string[]
  permission?: string | readonly string[]
}

/** Whether a principal meets a requirement. An empty requirement asks only for somebody signed in. */
export function isAllowed(principal: Principal, requirement: Requirement = {}): boolean {
  return meets(principal.roles, requirement.role) && meets(principal.permissions, requirement.permission)
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
export function requireMeaning(requirement: Requirement): void {
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
