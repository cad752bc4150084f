import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'

/** The value of `grant_type` for a token exchange (RFC 8693 section 2.1). */
export const tokenExchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange' as const
/** The type of our access tokens (RFC 8693 section 3). */
export const accessTokenUrn = 'urn:ietf:params:oauth:token-type:access_token' as const

/** The body of `tradeToken`: a token exchange (RFC 8693 section 2.1), with the organization as an extension parameter. */
export const tokenExchangeSchema = z.strictObject({
  grant_type: z.literal(tokenExchangeGrant),
  /** The access token of the session. */
  subject_token: z.string().min(1).max(10_000),
  subject_token_type: z.literal(accessTokenUrn),
  requested_token_type: z.literal(accessTokenUrn).optional(),
  /** The id or the slug of the organization. */
  organization: z.string().min(1).max(100),
})
/** The answer to `tradeToken` (RFC 8693 section 2.2). `expires_in` is in seconds. */
export const tokenExchangeResponseSchema = z.object({
  access_token: z.string(),
  issued_token_type: z.literal(accessTokenUrn),
  token_type: z.literal('Bearer'),
  expires_in: z.number().int().positive(),
  /** The organization of the token. Its `slug` differs from the one of the request if that one is a former one. */
  organization: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
})
/** The answer to `tradeToken`. `expires_in` is in seconds. */
export type TokenExchangeResponse = z.infer<typeof tokenExchangeResponseSchema>

/** The endpoint that gives a session a token for one organization. Front ends call it. A browser never gets such a token. */
export const tokenEndpoints = {
  tradeToken: {
    group: 'Organizations',
    access: 'anybody',
    onlyWith: 'organizations',
    method: 'POST',
    path: '/api/auth/token',
    summary: 'Get an access token for an organization',
    request: tokenExchangeSchema,
    asForm: true,
    answers: { 200: { description: 'The token (RFC 8693).', schema: tokenExchangeResponseSchema } },
    errors: [
      'token_invalid',
      'token_expired',
      'token_stale',
      'session_ended',
      'not_found',
      'insufficient_user_authentication',
    ],
  },
} as const satisfies Record<string, Endpoint>
