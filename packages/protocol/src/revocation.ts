import { z } from 'zod'

/**
 * One entry of the revocation log. It is for an ended session, for a user or an organization whose older tokens are stale, or for a signing
 * key whose tokens are refused. After `until`, all tokens that match the entry have expired, and the entry is deleted.
 */
export const revocationSchema = z.union([
  z.object({ seq: z.number().int().positive(), sid: z.string().min(1), until: z.number().int() }),
  z.object({
    seq: z.number().int().positive(),
    sub: z.string().min(1),
    minVersion: z.number().int().nonnegative(),
    until: z.number().int(),
  }),
  z.object({
    seq: z.number().int().positive(),
    org: z.string().min(1),
    minVersion: z.number().int().nonnegative(),
    until: z.number().int(),
  }),
  z.object({ seq: z.number().int().positive(), kid: z.string().min(1), until: z.number().int() }),
])
/** One entry of the revocation log. `until` is in milliseconds since 1970, UTC. */
export type Revocation = z.infer<typeof revocationSchema>

/**
 * `GET revocations` is a stream of Server-Sent Events. The stream begins with all current entries of the log: any number of `revocations`
 * events, and then one `snapshot` event with the last entries. A verifier adds these entries to those that it has. It removes none, because
 * the instance of the auth server that sends the stream may not have all entries yet. After the snapshot, each `revocation` event has one
 * entry. The heartbeat is a comment line. The id of an event is a `seq`. If the verifier sends this id as `Last-Event-ID`, the server sends
 * the entries with a higher `seq`.
 */
export const revocationSnapshotSchema = z.object({ revocations: z.array(revocationSchema) })

/** The time between two heartbeats, in seconds. */
export const heartbeatSeconds = 3

/**
 * The longest lifetime of an access token in seconds. No setting allows more. Verifiers refuse tokens with a longer lifetime, unless an
 * option allows it. Keys and revocations are stored for this long. The current lifetime setting cannot be used for this, because tokens may
 * have been issued with an earlier setting.
 */
export const longestAccessTokenLifeSeconds = 3_600

/** The body of `POST introspect` (RFC 7662), as JSON or as a form. Unknown fields of a form are ignored. */
export const introspectRequestSchema = z.strictObject({
  token: z.string().min(1),
  /** The kind of the token. Sallyport has only one kind and ignores this value. */
  token_type_hint: z.string().optional(),
})
/** The answer to `POST introspect` (RFC 7662 section 2.2): `active: false`, or the claims of the token. */
export const introspectResponseSchema = z.union([
  z.object({ active: z.literal(false) }),
  z.looseObject({
    active: z.literal(true),
    token_type: z.literal('Bearer').optional(),
    sub: z.string(),
    sid: z.string(),
    exp: z.number(),
    iss: z.string().optional(),
    aud: z.union([z.string(), z.array(z.string())]).optional(),
    client_id: z.string().optional(),
    jti: z.string().optional(),
    iat: z.number().optional(),
    auth_time: z.number().optional(),
    amr: z.array(z.string()).optional(),
    ver: z.number().optional(),
    org: z.string().optional(),
    org_ver: z.number().optional(),
    roles: z.array(z.string()).optional(),
    permissions: z.array(z.string()).optional(),
  }),
])
/** The response to introspection. `exp`, `iat` and `auth_time` are in seconds. */
export type IntrospectResponse = z.infer<typeof introspectResponseSchema>
