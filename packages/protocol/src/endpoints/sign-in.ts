import { z } from 'zod'
import { emailSchema, nameSchema, type UserFieldValue, userSchema } from '../user.ts'
import type { Endpoint } from './endpoint.ts'
import { pendingAnswer, pendingSignInSchema } from './second-factor.ts'

/** How tokens are sent: in cookies (`cookie`, the default), or in the body (`bearer`). */
export const transportSchema = z.enum(['cookie', 'bearer'])
/** How tokens are sent: in cookies or in the body. */
export type Transport = z.infer<typeof transportSchema>

/**
 * A password as the user typed it at sign-in. Only its length is checked, because an attacker could overload the server with very long
 * passwords, which are slow to hash. 1,024 UTF-16 units are enough for 256 code points of any script.
 */
export const passwordSchema = z
  .string()
  .min(1, 'Enter your password.')
  .max(1024, 'A password has at most 1,024 characters.')

/** The default minimum length of a new password, in code points. A setting of the server can change it. */
export const minimumPasswordLength = 12

/** An email address that may be malformed. The server gives the same answer for a malformed address and for an unknown one. */
export const typedEmailSchema = z
  .string()
  .min(1, 'Enter your email address.')
  .max(254, 'An email address has at most 254 characters.')

/** A refresh token. The schema checks only its length. */
export const refreshTokenSchema = z.string().min(1).max(512)

/** The fields that are accepted by every endpoint that begins a session. */
export const newSessionMembers = {
  transport: transportSchema.optional(),
  /**
   * The refresh token of the old session, if the new session replaces one. The server ends the old session. Send it only with `bearer`.
   * Otherwise the server reads it from the cookie.
   */
  replaces: refreshTokenSchema.optional(),
}

/** The body of `signUp`. If your app has added user fields, the server adds `fields` to this schema. Other members are refused. */
export const signUpRequestSchema = z.strictObject({
  email: emailSchema,
  password: passwordSchema,
  name: nameSchema,
  ...newSessionMembers,
})
/** The body of a sign-up. It may contain user fields that your app has added. The server validates their values. */
export type SignUpRequest = z.input<typeof signUpRequestSchema> & {
  /** The values of the user fields that your app has added, by name. */
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

/** The answer to sign-up and sign-in. It contains the tokens only for `transport: "bearer"`. */
export const signInResponseSchema = z.object({
  user: userSchema,
  /** Seconds until the access token expires. */
  expiresIn: z.number().int().positive(),
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
})
/** The response to sign-up and sign-in. `expiresIn` is in seconds. */
export type SignInResponse = z.infer<typeof signInResponseSchema>

/** Both tokens, in the form that a bearer client receives. */
export const bearerTokensSchema = z.object({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  expiresIn: z.number().int().positive(),
})
/** Both tokens, for a client without cookies. `expiresIn` is in seconds. */
export type BearerTokens = z.infer<typeof bearerTokensSchema>

/**
 * The answer to a sign-up (202) if the user must verify the address before the sign-in. The answer is the same if an account with this
 * address exists.
 */
export const signUpMailedSchema = z.object({ status: z.literal('mailed') })

/** The answer (200) of the endpoints that begin a session. */
export const signedInAnswer = {
  description:
    'The user is signed in. With `transport: "bearer"` the tokens are in the body, otherwise in cookies.',
  schema: signInResponseSchema,
} as const

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
      200: signedInAnswer,
      202: {
        description:
          'With status `mailed`, a mail was sent: the user is not signed in until the link in the mail is used, and if the address already has an account, the answer is the same. With another status, the account was created, and the user must now set up a second factor.',
        schema: z.union([signUpMailedSchema, pendingSignInSchema]),
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
    answers: { 200: signedInAnswer, 202: pendingAnswer },
    errors: [
      'address_unverified',
      'invalid_credentials',
      'credential_conflict',
      'too_many_requests',
      'server_busy',
    ],
    session: 'begins',
  },
} as const satisfies Record<string, Endpoint>
