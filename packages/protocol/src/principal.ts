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
  /** `org`: the id of the organization of the token. The roles and permissions are those in it. Missing in the token of a session. */
  organizationId?: string
  /** `amr`: how the user authenticated (RFC 8176). */
  methods: readonly string[]
  /**
   * `acr`: the level at which the user authenticated (RFC 9470): `aal1` for one factor, `aal2` for two (NIST SP 800-63B). Missing in tokens
   * of older versions, which count as `aal1`.
   */
  acr?: string
  /** `auth_time` in milliseconds: when the user last authenticated. */
  authenticatedAt: number
  /** `iat` in milliseconds: when this access token was issued. */
  issuedAt: number
  /** `exp` in milliseconds: when this access token expires. */
  expiresAt: number
  /** The claims that the auth server's `claims` hook has added, by name. Missing if the hook has added none. */
  claims?: Readonly<Record<string, JsonValue>>
}
