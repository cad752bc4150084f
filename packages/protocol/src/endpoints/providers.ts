import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'
import { pendingSignInSchema } from './second-factor.ts'
import { newSessionMembers, signInResponseSchema } from './sign-in.ts'

/** The name of a provider: the key under which the server's settings define it. */
export const providerNameSchema = z.string().regex(/^[a-z][a-z\d-]{0,31}$/, 'This is not a provider name.')

/** The answer to `listProviders`. `label` is the text for the button. */
export const providersResponseSchema = z.object({
  providers: z.array(z.object({ name: z.string(), label: z.string() })),
  /** Whether users can sign in with passkeys. */
  passkeys: z.boolean(),
  /** Whether users can sign in with a mailed code or link. */
  mailedSignIn: z.boolean(),
})
/** The ways to sign in that the server offers beside the password. They are the same for every user. */
export type ProvidersResponse = z.infer<typeof providersResponseSchema>

/** A path of the app that opens after the sign-in. The Next SDK checks it again before it redirects. */
const returnToSchema = z
  .string()
  .max(2048, 'A path has at most 2,048 characters.')
  .regex(/^\/(?![/\\])[^\\\p{Cc}]*$/u, 'This must be a path of the app, such as /dashboard.')

/** The secret by which the browser that began a sign-in at a provider is recognized. The schema checks only its length. */
const providerStateSchema = z.string().min(1).max(128)

/**
 * The body of `startProvider`. With `purpose: "link"`, the provider is linked to the account of the caller, who must be signed in and
 * freshly authenticated. With `purpose: "confirm"`, the caller, who must be signed in, confirms at a linked provider who they are.
 */
export const startProviderRequestSchema = z.strictObject({
  provider: providerNameSchema,
  purpose: z.enum(['sign_in', 'link', 'confirm']).optional(),
  returnTo: returnToSchema.optional(),
  transport: newSessionMembers.transport,
})
/** The body of `startProvider`. */
export type StartProviderRequest = z.input<typeof startProviderRequestSchema>

/** The answer to `startProvider`. The browser must open `url`, which is an address of the provider. */
export const providerStartedSchema = z.object({
  url: z.string(),
  /** Seconds for which the user can come back from the provider. */
  expiresIn: z.number().int().positive(),
  /** The secret that finishes this sign-in. It is in the body only for `transport: "bearer"`, otherwise in a cookie. */
  providerState: z.string().optional(),
})

/** All values with which the provider has sent the browser back, from the query or from the form. */
const callbackSchema = z
  .record(z.string().min(1).max(64), z.string().max(8192))
  .refine((values) => Object.keys(values).length <= 32, 'This has too many values.')

/** The body of `holdProviderCallback`. */
export const heldCallbackRequestSchema = z.strictObject({
  provider: providerNameSchema,
  callback: callbackSchema,
})

/** The body of `finishProvider`. Without `providerState`, the cookie is read. */
export const finishProviderRequestSchema = z.strictObject({
  provider: providerNameSchema,
  callback: callbackSchema,
  providerState: providerStateSchema.optional(),
  ...newSessionMembers,
})

/** One account at a provider with which the user can sign in. Times are in milliseconds since 1970, UTC. */
export const identitySchema = z.object({
  id: z.string(),
  provider: z.string(),
  /** The text for this provider. It is the name of the provider if the settings no longer define it. */
  label: z.string(),
  /** The address at the provider. It is only shown, and never decides who the user is. Null if the provider sent none. */
  email: z.string().nullable(),
  createdAt: z.number().int(),
  lastUsedAt: z.number().int(),
  /** Whether the user can confirm at this provider who they are, before a sensitive action. */
  canConfirm: z.boolean(),
})
/** One account at a provider with which the user can sign in. Times are in milliseconds since 1970, UTC. */
export type Identity = z.infer<typeof identitySchema>

/** The answer to `listIdentities`. */
export const identitiesResponseSchema = z.object({ identities: z.array(identitySchema) })

/** The answer to `finishProvider` if the provider was linked to the account of the caller. */
export const identityLinkedSchema = z.object({
  status: z.literal('linked'),
  identity: identitySchema,
  returnTo: z.string().optional(),
})

/** The body of `readProviderToken`. */
export const providerTokenRequestSchema = z.strictObject({ provider: providerNameSchema })

/** The answer to `readProviderToken`. */
export const providerTokenSchema = z.object({
  /** The access token for the API of the provider. It must not reach the browser. */
  accessToken: z.string(),
  /** When the token expires, in milliseconds since 1970, UTC. Null if the provider does not say this. */
  expiresAt: z.number().int().nullable(),
  /** The scopes that the user has allowed. */
  scopes: z.array(z.string()),
})
/** The access token of a user at an outside provider. */
export type ProviderToken = z.infer<typeof providerTokenSchema>

/** The answer to `finishProvider` if the caller has confirmed who they are. The next refresh returns a token with the new `auth_time`. */
export const providerConfirmedSchema = z.object({
  status: z.literal('confirmed'),
  returnTo: z.string().optional(),
})

const returning = { returnTo: z.string().optional() }

/** The errors of a request of a signed-in user, if the request needs a session only for some values. */
const ownSession = [
  'token_missing',
  'token_invalid',
  'token_expired',
  'token_stale',
  'session_ended',
] as const

/**
 * Endpoints that sign in with a provider such as Google. The Next SDK calls them from the server, and has its own routes for the browser
 * (docs/providers.md).
 */
export const providerEndpoints = {
  startProvider: {
    method: 'POST',
    path: '/api/auth/providers/start',
    summary:
      'Begin a sign-in at a provider, link a provider to the account, or confirm at a provider who the user is',
    group: 'Signing in',
    access: 'anybody',
    request: startProviderRequestSchema,
    answers: {
      200: {
        description:
          'The address of the provider, which the browser must open. With `transport: "bearer"` the body has `providerState`, otherwise a cookie has it.',
        schema: providerStartedSchema,
      },
    },
    errors: [
      'not_found',
      ...ownSession,
      'insufficient_user_authentication',
      'identity_mismatch',
      'provider_unconfirmed',
      'credential_conflict',
      'too_many_requests',
      'provider_failed',
    ],
  },
  holdProviderCallback: {
    method: 'POST',
    path: '/api/auth/providers/hold',
    summary: 'Store what a provider has sent in a cross-site form, until the browser comes back by GET',
    group: 'Signing in',
    access: 'anybody',
    request: heldCallbackRequestSchema,
    answers: {
      204: {
        description:
          'The values are stored. Redirect the browser with 303 to the same path with the query `state`. Browsers send the cookie of the sign-in only there.',
      },
    },
    errors: ['sign_in_expired', 'too_many_requests'],
  },
  finishProvider: {
    method: 'POST',
    path: '/api/auth/providers/finish',
    summary:
      'Finish a sign-in at a provider, or what a signed-in user has begun there. The latter needs the same session',
    group: 'Signing in',
    access: 'anybody',
    request: finishProviderRequestSchema,
    answers: {
      200: {
        description:
          'The user is signed in. With status `linked`, the provider is linked to the account. With status `confirmed`, the user has confirmed who they are. `returnTo` is the path that was given at the start.',
        schema: z.union([
          signInResponseSchema.extend(returning),
          identityLinkedSchema,
          providerConfirmedSchema,
        ]),
      },
      202: {
        description:
          'The provider has confirmed who the user is, and the user must now prove or set up a second factor. Nobody is signed in yet.',
        schema: pendingSignInSchema.extend(returning),
      },
    },
    errors: [
      'not_found',
      ...ownSession,
      'insufficient_user_authentication',
      'sign_in_expired',
      'provider_refused',
      'provider_failed',
      'identity_unverified',
      'identity_unlinked',
      'identity_taken',
      'identity_mismatch',
      'provider_unconfirmed',
      'sign_up_refused',
      'address_unverified',
      'credential_conflict',
      'too_many_requests',
    ],
    session: 'begins',
  },
  readProviderToken: {
    method: 'POST',
    path: '/api/auth/providers/token',
    summary: 'Get the access token of the user at a provider',
    group: 'Accounts',
    access: 'frontend',
    request: providerTokenRequestSchema,
    answers: {
      200: {
        description: 'The access token. If the stored one had expired, it was refreshed at the provider.',
        schema: providerTokenSchema,
      },
    },
    errors: ['not_found', 'provider_token_unavailable', 'provider_failed', 'too_many_requests'],
  },
} as const satisfies Record<string, Endpoint>

/** Endpoints that list the providers, and those that are linked to the account of the caller. */
export const identityEndpoints = {
  listProviders: {
    method: 'GET',
    path: '/api/auth/providers',
    summary: 'List the providers with which users can sign in, and the other ways that the server offers',
    group: 'Signing in',
    access: 'anybody',
    answers: {
      200: {
        description: 'The providers, in the order of the settings.',
        schema: providersResponseSchema,
      },
    },
  },
  listIdentities: {
    method: 'GET',
    path: '/api/user/identities',
    summary: 'List the providers that are linked to the account',
    group: 'Accounts',
    access: 'user',
    answers: { 200: { description: 'The oldest link first.', schema: identitiesResponseSchema } },
    errors: ['too_many_requests'],
  },
  unlinkIdentity: {
    method: 'DELETE',
    path: '/api/user/identities/{id}',
    summary: 'Remove the link to a provider',
    group: 'Accounts',
    access: 'user',
    answers: { 204: { description: 'The provider no longer signs in to this account.' } },
    errors: ['not_found', 'insufficient_user_authentication', 'last_way_in', 'too_many_requests'],
  },
} as const satisfies Record<string, Endpoint>
