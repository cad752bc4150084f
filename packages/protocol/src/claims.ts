import { z } from 'zod'

/** The `typ` header of an access token (RFC 9068 section 2.1). */
export const accessTokenType = 'at+jwt'

const seconds = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const identifier = z.string().min(1).max(255)

/** The claims of an access token (RFC 9068), and no more: it may sit in a cookie, so it names no one. */
export const accessTokenClaimsSchema = z.object({
  iss: z.string().min(1),
  aud: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /** The user's id. */
  sub: identifier,
  /** The session's id. */
  sid: identifier,
  /** A counter of the user's: raised when roles change, so that older tokens are refused. */
  ver: z.number().int().nonnegative(),
  jti: identifier,
  iat: seconds,
  exp: seconds,
  /** When the person last proved who they are, in seconds; a refresh does not move it. */
  auth_time: seconds,
  /** How: `pwd` for a password (RFC 8176). */
  amr: z.array(z.string()),
  roles: z.array(z.string()),
  permissions: z.array(z.string()).optional(),
  org: identifier.optional(),
})
export type AccessTokenClaims = z.infer<typeof accessTokenClaimsSchema>
