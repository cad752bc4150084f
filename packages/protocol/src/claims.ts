import { z } from 'zod'

/** The `typ` header of an access token (RFC 9068 section 2.1). */
export const accessTokenType = 'at+jwt'

const seconds = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const identifier = z.string().min(1).max(255)

/** The claims of an access token (RFC 9068). The token may be stored in a cookie, so it contains no name and no address. */
export const accessTokenClaimsSchema = z.object({
  iss: z.string().min(1),
  aud: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /**
   * The id of the client (RFC 8693 section 4.3). All tokens of an installation have the same id. Older versions issued tokens without it.
   */
  client_id: identifier.optional(),
  /** The user's id. */
  sub: identifier,
  /** The session's id. */
  sid: identifier,
  /**
   * The user's token version. It increases when the user's roles change, and when all sessions, or all other sessions, of the user are
   * ended. Tokens with a lower version are then refused.
   */
  ver: z.number().int().nonnegative(),
  jti: identifier,
  iat: seconds,
  exp: seconds,
  /** When the user last authenticated, in seconds. A refresh does not change it. */
  auth_time: seconds,
  /** How the user authenticated: `pwd` for a password (RFC 8176). */
  amr: z.array(z.string()),
  /** The level of the authentication: `aal1` or `aal2` (RFC 9470 section 6.2). Older versions issued tokens without it. */
  acr: identifier.optional(),
  roles: z.array(z.string()),
  /** The permissions of the roles. Missing if there are none, or if they do not fit into a token. */
  permissions: z.array(z.string()).optional(),
  /**
   * `roles` if the token has no permissions only because they do not fit, so that a verifier with the definition of the roles takes them from
   * there. A verifier without the definition gives the user none.
   */
  permissions_of: z.literal('roles').optional(),
  org: identifier.optional(),
  /** The version of the organization (`org`). Both are missing in the token of a session. It increases when the organization is deleted or demands more. Tokens with a lower version are then refused. */
  org_ver: z.number().int().nonnegative().optional(),
})
/** The claims of an access token. Times are in seconds since 1970, UTC. */
export type AccessTokenClaims = z.infer<typeof accessTokenClaimsSchema>

/** Any value that JSON can represent. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue }

/**
 * The names of claims that the `claims` hook cannot add. Sallyport uses some of them. Standards define others: RFC 7519 section 4.1, RFC
 * 9068 section 2.2, RFC 7662 section 2.2 (introspection), RFC 8693, RFC 9449, and OpenID Connect Core section 2. Names such as `role` have
 * a special meaning in other libraries.
 */
export const reservedClaims: ReadonlySet<string> = new Set([
  ...Object.keys(accessTokenClaimsSchema.shape),
  ...'nbf azp nonce at_hash c_hash s_hash cnf scope scp act may_act groups entitlements'.split(' '),
  ...'authorization_details active username token_type events role permission'.split(' '),
])
