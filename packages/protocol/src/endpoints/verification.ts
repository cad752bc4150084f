import { z } from 'zod'
import { introspectRequestSchema, introspectResponseSchema } from '../revocation.ts'
import type { Endpoint } from './endpoint.ts'

const jwksSchema = z.object({
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

const metadataSchema = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  introspection_endpoint: z.string().optional(),
  introspection_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  response_types_supported: z.array(z.string()),
  grant_types_supported: z.array(z.string()),
  subject_types_supported: z.array(z.string()),
})

/** Endpoints that verifiers of access tokens call. */
export const verificationEndpoints = {
  revocations: {
    method: 'GET',
    path: '/api/auth/revocations',
    summary: 'Subscribe to revocations',
    group: 'Verifying',
    access: 'verifier',
    answers: {
      200: {
        description:
          'Server-Sent Events: `revocations`, `snapshot`, then `revocation` for each new revocation.',
        mediaType: 'text/event-stream',
      },
    },
  },
  introspect: {
    method: 'POST',
    path: '/api/auth/introspect',
    summary: 'Check whether a token is valid right now',
    group: 'Verifying',
    access: 'verifier',
    request: introspectRequestSchema,
    asForm: true,
    answers: {
      200: {
        description: 'The claims of the token, or `active: false` (RFC 7662).',
        schema: introspectResponseSchema,
      },
    },
  },
  jwks: {
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'Read the public keys',
    group: 'Verifying',
    access: 'anybody',
    answers: { 200: { description: 'A key set (RFC 7517 section 5).', schema: jwksSchema } },
  },
  metadata: {
    method: 'GET',
    path: '/.well-known/oauth-authorization-server',
    summary: 'Read the URLs of the key set and of introspection',
    group: 'Verifying',
    access: 'anybody',
    answers: { 200: { description: 'Metadata (RFC 8414).', schema: metadataSchema } },
  },
  discovery: {
    method: 'GET',
    path: '/.well-known/openid-configuration',
    summary: 'Read the same URLs at the address that OpenID Connect libraries use',
    group: 'Verifying',
    access: 'anybody',
    answers: { 200: { description: 'Metadata (RFC 8414 section 5).', schema: metadataSchema } },
  },
} as const satisfies Record<string, Endpoint>
