import { z } from 'zod'
import { emailSchema, nameSchema, type UserFieldValue, userSchema } from '../user.ts'

/** How the tokens travel: by cookie (the default), or in the body when asked for explicitly. */
export const transportSchema = z.enum(['cookie', 'bearer'])
/** `cookie` or `bearer`. */
export type Transport = z.infer<typeof transportSchema>

/**
 * A password as typed at sign-in. Not judged here, only bounded: an endless password is a denial of service.
 * 1,024 UTF-16 units leave room for 256 code points of any script.
 */
export const passwordSchema = z
  .string()
  .min(1, 'Enter your password.')
  .max(1024, 'A password has at most 1,024 characters.')

/** The shortest new password, in code points (settable on the server). */
export const minimumPasswordLength = 12

/** `POST /api/auth/register` takes this, and a product’s own `fields` beside it. Other fields are refused. */
export const registerRequestSchema = z.strictObject({
  email: emailSchema,
  password: passwordSchema,
  name: nameSchema,
  transport: transportSchema.optional(),
})
/** The same with a product's own fields, which the server judges. */
export type RegisterRequest = z.input<typeof registerRequestSchema> & {
  /** Values of the product’s own fields, by name. */
  fields?: Readonly<Record<string, UserFieldValue>>
}

/** `POST /api/auth/login` takes this. Other fields are refused. */
export const loginRequestSchema = z.strictObject({
  /** Not judged beyond its length, so that a malformed and an unknown address get one and the same answer. */
  email: z
    .string()
    .min(1, 'Enter your email address.')
    .max(254, 'An email address has at most 254 characters.'),
  password: passwordSchema,
  transport: transportSchema.optional(),
})
/** The body of a sign-in. */
export type LoginRequest = z.input<typeof loginRequestSchema>

/** What sign-up and sign-in answer; the tokens stand here only for `transport: "bearer"`. */
export const signInResponseSchema = z.object({
  user: userSchema,
  /** Seconds until the access token ends. */
  expiresIn: z.number().int().positive(),
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
})
/** The response to sign-up and sign-in. `expiresIn` is in seconds. */
export type SignInResponse = z.infer<typeof signInResponseSchema>

/** The same with tokens, as a bearer client receives it. */
export const bearerTokensSchema = z.object({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  expiresIn: z.number().int().positive(),
})
/** Both tokens, for a client without cookies. `expiresIn` is in seconds. */
export type BearerTokens = z.infer<typeof bearerTokensSchema>

/** `POST refresh` and `POST logout`: the token stands in the body for a bearer client, else in the cookie. */
export const refreshRequestSchema = z.strictObject({ refreshToken: z.string().min(1).max(512).optional() })
/** The body of a refresh or sign-out: empty where the token is in the cookie. */
export type RefreshRequest = z.infer<typeof refreshRequestSchema>

/** What `POST refresh` answers; with tokens only if the refresh token came in the body. */
export const refreshResponseSchema = z.object({
  expiresIn: z.number().int().positive(),
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
})
/** The response to a refresh. `expiresIn` is in seconds. */
export type RefreshResponse = z.infer<typeof refreshResponseSchema>

/** `GET session`: who is signed in, as the server's own store knows it now. */
export const sessionResponseSchema = z.object({
  user: userSchema,
  session: z.object({
    id: z.string(),
    createdAt: z.number().int(),
    /** When they last proved who they are; sensitive actions want that within ten minutes. Milliseconds. */
    authenticatedAt: z.number().int(),
    /** The absolute end, which no refresh moves; milliseconds. */
    expiresAt: z.number().int(),
  }),
})
/** The signed-in user and their session. Times are milliseconds since 1970, UTC. */
export type SessionResponse = z.infer<typeof sessionResponseSchema>

/** One live session of the caller: a device that is signed in. Times in milliseconds. */
export const sessionDescriptionSchema = z.object({
  id: z.string(),
  /** Whether it is the one that asks. */
  current: z.boolean(),
  createdAt: z.number().int(),
  /** When it was last refreshed: as exact as the life of an access token, ten minutes. */
  lastUsedAt: z.number().int(),
  expiresAt: z.number().int(),
  /** From where, and with what, it was last refreshed; null where that is not known. Anybody can write what they like there. */
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
})
/** One live session. Times are milliseconds since 1970, UTC; `address` and `userAgent` come from the client and can be forged. */
export type SessionDescription = z.infer<typeof sessionDescriptionSchema>

/** `GET sessions` answers this, the caller's own session first. */
export const sessionsResponseSchema = z.object({ sessions: z.array(sessionDescriptionSchema) })
/** The live sessions of the caller, their own first. */
export type SessionsResponse = z.infer<typeof sessionsResponseSchema>

/** `DELETE sessions` (all) and `DELETE sessions?except=current` (all others) answer how many were ended. */
export const sessionsEndedResponseSchema = z.object({ ended: z.number().int().nonnegative() })
/** How many sessions were ended. */
export type SessionsEndedResponse = z.infer<typeof sessionsEndedResponseSchema>

/** `POST password/change` takes this and answers 204; every other session of the caller has ended then. */
export const passwordChangeRequestSchema = z.strictObject({
  currentPassword: passwordSchema,
  newPassword: passwordSchema,
})
/** The body of a change of password. */
export type PasswordChangeRequest = z.infer<typeof passwordChangeRequestSchema>

/** The secret of a mailed link: 256 bits, base64url. Not judged beyond its length. */
export const oneTimeTokenSchema = z.string().min(1).max(128)

/** `POST register` answers this with 202 where an address must be confirmed before anybody is signed in, known or not. */
export const registrationMailedSchema = z.object({ status: z.literal('mailed') })

/** `POST email/verification` and `POST password/forgot` take this, and answer 202 whatever the address. */
export const addressRequestSchema = z.strictObject({
  email: z
    .string()
    .min(1, 'Enter your email address.')
    .max(254, 'An email address has at most 254 characters.'),
})

/** `POST email/verify`: the password that was chosen, or none where the caller is signed in to the account. */
export const verifyAddressRequestSchema = z.strictObject({
  token: oneTimeTokenSchema,
  password: passwordSchema.optional(),
  transport: transportSchema.optional(),
})

/** `POST password/reset` takes this and answers 204; every session has ended then. */
export const passwordResetRequestSchema = z.strictObject({
  token: oneTimeTokenSchema,
  newPassword: passwordSchema,
})

/** `POST email/change` takes this and answers 202. */
export const emailChangeRequestSchema = z.strictObject({ newEmail: emailSchema, password: passwordSchema })
/** `POST email/change/confirm` (204): the password of the account that asked, or none where the caller is signed in to it. */
export const emailChangeConfirmRequestSchema = z.strictObject({
  token: oneTimeTokenSchema,
  password: passwordSchema.optional(),
})

/** Milliseconds that a proof of identity counts for sensitive actions. */
export const freshProofMs = 10 * 60_000

/** `POST reauthenticate` (204) and `DELETE /api/user/profile` (202) take this. */
export const reauthenticationRequestSchema = z.strictObject({ password: passwordSchema })

/** `DELETE /api/user/profile` answers when the account will be gone; signing in before then keeps it. */
export const accountDeletionResponseSchema = z.object({ deleteAt: z.number().int() })

/** One event of the caller's own audit log. */
export const activitySchema = z.object({
  id: z.string(),
  at: z.number().int(),
  action: z.string(),
  result: z.enum(['success', 'refused']),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
})
/** `GET /api/user/activity` answers this, the newest first. */
export const activityResponseSchema = z.object({ activity: z.array(activitySchema) })
/** One event of the user’s own audit log. `at` is in milliseconds since 1970, UTC; `address` and `userAgent` come from the client and can be forged. */
export type Activity = z.infer<typeof activitySchema>

/** A mail that would have gone out, as a developer may read it. Times in milliseconds. */
export const inboxMailSchema = z.object({
  id: z.string(),
  to: z.string(),
  at: z.number().int(),
  subject: z.string(),
  html: z.string(),
  text: z.string(),
})
/** A mail of the development inbox. `at` is in milliseconds since 1970, UTC. */
export type InboxMail = z.infer<typeof inboxMailSchema>

/** `GET /api/development/inbox` answers this, the newest first; the address is there only where a developer has asked for it. */
export const inboxResponseSchema = z.object({ mails: z.array(inboxMailSchema) })
