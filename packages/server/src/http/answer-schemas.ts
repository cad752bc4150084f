import { z } from 'zod'

// What answers look like whose readers need nothing of ours: libraries, and people who keep a file. The others are in the protocol.

export const jwksSchema = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
      kid: z.string(),
      alg: z.literal('ES256'),
      use: z.literal('sig'),
    }),
  ),
})
export const metadataSchema = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  introspection_endpoint: z.string().optional(),
  introspection_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  response_types_supported: z.array(z.string()),
  grant_types_supported: z.array(z.string()),
  subject_types_supported: z.array(z.string()),
})
export const happeningSchema = z.object({
  at: z.number().int(),
  action: z.string(),
  result: z.string(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
})
export const ownSessionSchema = z.object({
  id: z.string(),
  createdAt: z.number().int(),
  lastUsedAt: z.number().int(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
})
