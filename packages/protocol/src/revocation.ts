import { z } from 'zod'

/**
 * One entry of the revocation log: a session that has ended, a user whose older tokens are out of date,
 * or a signing key whose tokens are believed no more. After `until` no live token can match, and the entry is dropped.
 */
export const revocationSchema = z.union([
  z.object({ seq: z.number().int().positive(), sid: z.string().min(1), until: z.number().int() }),
  z.object({
    seq: z.number().int().positive(),
    sub: z.string().min(1),
    minVersion: z.number().int().nonnegative(),
    until: z.number().int(),
  }),
  z.object({ seq: z.number().int().positive(), kid: z.string().min(1), until: z.number().int() }),
])
/** One entry of the revocation log. `until` is in milliseconds since 1970, UTC. */
export type Revocation = z.infer<typeof revocationSchema>

/**
 * `GET revocations` is a Server-Sent-Events stream. It begins with every live entry, in parts: any number of events
 * `revocations`, and a `snapshot` as the last of them, which says that this was all. They add to what the verifier knew (they may
 * come from a server that lags). After that, event `revocation` carries one entry; a comment line is the heartbeat. The event id,
 * where there is one, is the `seq` to resume after.
 */
export const revocationSnapshotSchema = z.object({ revocations: z.array(revocationSchema) })

/** Seconds between two signs of life on a silent stream. */
export const heartbeatSeconds = 3

/**
 * Longest life that an access token may have, whatever the settings of the process that issued it. Verifiers refuse one that claims
 * more, unless they are told otherwise. Keys and revocations are kept for this long: today's setting says nothing about tokens that were
 * issued under another one.
 */
export const longestAccessTokenLifeSeconds = 3_600

/** `POST introspect` (RFC 7662): is this access token live right now? As JSON, or as a form, where unknown fields are ignored. */
export const introspectRequestSchema = z.strictObject({
  token: z.string().min(1),
  /** For servers that know several kinds of tokens; looked at nowhere. */
  token_type_hint: z.string().optional(),
})
/** `POST introspect` answers this (RFC 7662 section 2.2): `active: false`, or the claims of the token. */
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
    roles: z.array(z.string()).optional(),
    permissions: z.array(z.string()).optional(),
  }),
])
/** The response to introspection. `exp` and `iat` are in seconds. */
export type IntrospectResponse = z.infer<typeof introspectResponseSchema>
