import { z } from 'zod'
import { emailSchema, nameSchema, type UserFieldValue, userSchema } from '../user.ts'
import type { Endpoint } from './endpoint.ts'

/** How the tokens are sent: in cookies (the default), or in the body (`bearer`). */
export const transportSchema = z.enum(['cookie', 'bearer'])
/** `cookie` or `bearer`. */
export type Transport = z.infer<typeof transportSchema>

/**
 * A password as typed at sign-in. Only its length is checked, because hashing a very long password would be a denial of service.
 * 1,024 UTF-16 units are enough for 256 code points of any script.
 */
export const passwordSchema = z
  .string()
  .min(1, 'Enter your password.')
  .max(1024, 'A password has at most 1,024 characters.')

/** The default minimum length of a new password, in code points. The server has a setting for it. */
export const minimumPasswordLength = 12

/** An email address that may be malformed: a malformed address gets the same answer as an unknown one. */
export const typedEmailSchema = z
  .string()
  .min(1, 'Enter your email address.')
  .max(254, 'An email address has at most 254 characters.')

/** A refresh token, of which only the length is checked. */
export const refreshTokenSchema = z.string().min(1).max(512)

/** Fields that all endpoints which begin a session accept. */
export const newSessionMembers = {
  transport: transportSchema.optional(),
  /** The refresh token of the session that this one replaces. That session is ended. Only for `bearer`: otherwise the token is in a cookie. */
  replaces: refreshTokenSchema.optional(),
}

/** The body of `signUp`. A product's own `fields` are added to it; other members are refused. */
export const signUpRequestSchema = z.strictObject({
  email: emailSchema,
  password: passwordSchema,
  name: nameSchema,
  ...newSessionMembers,
})
/** The body of a sign-up, with a product's own fields, which the server validates. */
export type SignUpRequest = z.input<typeof signUpRequestSchema> & {
  /** Values of the product’s own fields, by name. */
  fields?: Readonly<Record<string, UserFieldValue>>
}

/** The body of `signIn`. Other members are refused. */
export const signInRequestSchema = z.strictObject({
  email: typedEmailSchema,
  password: passwordSchema,
  ...newSessionMembers,
})
/** The body of a sign-in. */
export type SignInRequest = z.input<typeof signInRequestSchema>

/** The answer to sign-up and sign-in; the tokens are in it only for `transport: "bearer"`. */
export const signInResponseSchema = z.object({
  user: userSchema,
  /** Seconds until the access token expires. */
  expiresIn: z.number().int().positive(),
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
})
/** The response to sign-up and sign-in. `expiresIn` is in seconds. */
export type SignInResponse = z.infer<typeof signInResponseSchema>

/** The tokens as a bearer client receives them. */
export const bearerTokensSchema = z.object({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  expiresIn: z.number().int().positive(),
})
/** Both tokens, for a client without cookies. `expiresIn` is in seconds. */
export type BearerTokens = z.infer<typeof bearerTokensSchema>

/** The answer to a sign-up (202) if the address must be verified before the user is signed in. Known addresses get the same answer. */
export const signUpMailedSchema = z.object({ status: z.literal('mailed') })

const signedIn = {
  description: 'Signed in. The tokens are in the body only for `transport: "bearer"`; otherwise in cookies.',
  schema: signInResponseSchema,
}

/** Endpoints that begin a session with a password. */
export const signInEndpoints = {
  signUp: {
    method: 'POST',
    path: '/api/auth/register',
    summary: 'Sign up',
    group: 'Signing in',
    access: 'anybody',
    request: signUpRequestSchema,
    answers: {
      200: signedIn,
      202: {
        description:
          'A mail was sent. The user is not signed in until its link is used. Known addresses get the same answer.',
        schema: signUpMailedSchema,
      },
    },
    errors: [
      'email_unavailable',
      'sign_up_refused',
      'invalid_credentials',
      'credential_conflict',
      'too_many_requests',
      'server_busy',
    ],
    session: 'begins',
  },
  signIn: {
    method: 'POST',
    path: '/api/auth/login',
    summary: 'Sign in',
    group: 'Signing in',
    access: 'anybody',
    request: signInRequestSchema,
    answers: { 200: signedIn },
    errors: ['invalid_credentials', 'credential_conflict', 'too_many_requests', 'server_busy'],
    session: 'begins',
  },
} as const satisfies Record<string, Endpoint>
