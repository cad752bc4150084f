import { z } from 'zod'
import { nameSchema } from '../user.ts'
import type { Endpoint } from './endpoint.ts'

/** The kinds of second factors. */
export const secondFactorSchema = z.enum(['totp', 'passkey'])
/** A kind of second factor. `totp` is an authenticator app (RFC 6238), `passkey` is a passkey (Web Authentication). */
export type SecondFactor = z.infer<typeof secondFactorSchema>

/**
 * The answer to a sign-in (202) that needs more than the first factor. `second_factor_required`: the user must prove one of the `factors`.
 * `second_factor_setup_required`: the user must set up one of the `factors`, because the server requires a second factor.
 */
export const pendingSignInSchema = z.object({
  status: z.enum(['second_factor_required', 'second_factor_setup_required']),
  factors: z.array(secondFactorSchema),
  /** Seconds for which the sign-in can be continued. */
  expiresIn: z.number().int().positive(),
  /**
   * For how many seconds the user is not asked for the second factor in this browser, if they choose this. With 0, they cannot choose it.
   * Missing in the answers of earlier servers.
   */
  trustedBrowserSeconds: z.number().int().nonnegative().optional(),
  /** The secret by which the caller continues the sign-in. It is in the body only for `transport: "bearer"`, otherwise in a cookie. */
  pendingSignIn: z.string().optional(),
})
/** A sign-in that needs more than the first factor. `expiresIn` is in seconds. */
export type PendingSignInResponse = z.infer<typeof pendingSignInSchema>

/** The answer (202) of every endpoint that begins a session, if a second factor is missing. */
export const pendingAnswer = {
  description:
    'The first factor is right, and the user must now prove or set up a second factor. Nobody is signed in yet. With `transport: "bearer"` the body has `pendingSignIn`, otherwise a cookie has it.',
  schema: pendingSignInSchema,
} as const

/** A code of an authenticator app: six digits. A space in the middle is accepted, because many apps show one. */
export const totpCodeSchema = z
  .string()
  .max(20, 'A code has six digits.')
  .regex(/^\s*\d{3}\s*\d{3}\s*$/, 'Enter the six digits that your authenticator app shows.')
  .transform((code) => code.replaceAll(/\s/g, ''))

/** A recovery code as the user typed it. Capital letters, spaces and missing dashes make no difference. */
export const recoveryCodeSchema = z
  .string()
  .min(1, 'Enter a recovery code.')
  .max(100, 'A recovery code has 24 letters and digits.')

const factorIdSchema = z.string().min(1).max(64)

/** An authenticator app of the caller. Times are in milliseconds since 1970, UTC. */
export const factorSchema = z.object({
  id: z.string(),
  kind: secondFactorSchema,
  /** The name that the user has chosen. */
  name: z.string(),
  createdAt: z.number().int(),
  /** When a code was last accepted. Null if the factor was not used since it was set up. */
  lastUsedAt: z.number().int().nullable(),
})
/** A second factor of the caller. Times are in milliseconds since 1970, UTC. */
export type Factor = z.infer<typeof factorSchema>

/**
 * A removal of second factors that an operator has planned. It is cancelled if the user proves two factors before that time. Times are in
 * milliseconds since 1970, UTC.
 */
export const plannedRemovalSchema = z.object({
  /** The id of the authenticator app or of the passkey that will be removed. Null if all of them will be removed. */
  id: z.string().nullable(),
  removeAt: z.number().int(),
})
/** A removal of second factors that an operator has planned. */
export type PlannedRemoval = z.infer<typeof plannedRemovalSchema>

/** The answer to `listFactors`. */
export const factorsResponseSchema = z.object({
  factors: z.array(factorSchema),
  recoveryCodesLeft: z.number().int().nonnegative(),
  /** Whether the user can sign in with a password. */
  hasPassword: z.boolean(),
  /** Whether the server requires a second factor of this user. If so, the last one cannot be removed. */
  isRequired: z.boolean(),
  /** The number of browsers in which the user is not asked for the second factor. */
  trustedBrowsers: z.number().int().nonnegative(),
  /** The removal that an operator has planned. Null if there is none. */
  plannedRemoval: plannedRemovalSchema.nullable(),
})
/** The second factors of the caller, and whether they have a password. */
export type FactorsResponse = z.infer<typeof factorsResponseSchema>

/** The body of `startTotp`. */
export const totpStartRequestSchema = z.strictObject({ name: nameSchema.optional() })

/** The answer to `startTotp`. It is sent only once. Show it, and do not store it. */
export const totpStartedSchema = z.object({
  id: z.string(),
  /** The secret in base32, for users who cannot scan the QR code. */
  secret: z.string(),
  /** The same as an `otpauth:` address. On a phone, a link with this address opens the authenticator app. */
  uri: z.string(),
  /** The address as a QR code: an SVG image. */
  qrCode: z.string(),
})
/** What the user needs to add the account to an authenticator app. */
export type TotpStarted = z.infer<typeof totpStartedSchema>

/** The body of `confirmTotp`. */
export const totpConfirmRequestSchema = z.strictObject({
  id: factorIdSchema,
  code: totpCodeSchema,
  name: nameSchema.optional(),
})

/** The answer to `confirmTotp`. */
export const totpConfirmedSchema = z.object({
  /** The recovery codes, if this is the first second factor of the user. They are sent only once. Otherwise null. */
  recoveryCodes: z.array(z.string()).nullable(),
})
/** The answer to the first code of an authenticator app. */
export type TotpConfirmed = z.infer<typeof totpConfirmedSchema>

/** The body of `renameFactor`. */
export const factorRenameRequestSchema = z.strictObject({ id: factorIdSchema, name: nameSchema })

/** The body of `removeFactor`. */
export const factorRemoveRequestSchema = z.strictObject({ id: factorIdSchema })

/** The body of `makeRecoveryCodes`: an empty object. */
export const noMembersSchema = z.strictObject({})

/** The answer to `makeRecoveryCodes`. */
export const recoveryCodesResponseSchema = z.object({ recoveryCodes: z.array(z.string()) })

/** Endpoints with which a signed-in user manages their second factors. All changes but the last one need a fresh proof. */
export const secondFactorEndpoints = {
  listFactors: {
    method: 'GET',
    path: '/api/user/factors',
    summary: 'List the caller’s second factors, and whether they have a password',
    group: 'Accounts',
    access: 'user',
    answers: { 200: { description: 'The second factors, the oldest first.', schema: factorsResponseSchema } },
    errors: ['too_many_requests'],
  },
  startTotp: {
    method: 'POST',
    path: '/api/user/factors/totp',
    summary: 'Begin to set up an authenticator app',
    group: 'Accounts',
    access: 'user',
    request: totpStartRequestSchema,
    answers: {
      200: {
        description:
          'The secret. The app counts as a second factor after `confirmTotp`. Another call replaces an app that is not confirmed.',
        schema: totpStartedSchema,
      },
    },
    errors: ['insufficient_user_authentication', 'second_factor_off', 'too_many_requests'],
  },
  confirmTotp: {
    method: 'POST',
    path: '/api/user/factors/totp/confirm',
    summary: 'Set up an authenticator app with its first code',
    group: 'Accounts',
    access: 'user',
    request: totpConfirmRequestSchema,
    answers: {
      200: {
        description: 'The app is a second factor now, and the session has two factors.',
        schema: totpConfirmedSchema,
      },
    },
    errors: ['insufficient_user_authentication', 'second_factor_off', 'too_many_requests'],
    session: 'renews',
  },
  renameFactor: {
    method: 'PATCH',
    path: '/api/user/factors',
    summary: 'Rename a second factor',
    group: 'Accounts',
    access: 'user',
    request: factorRenameRequestSchema,
    answers: { 204: { description: 'The factor has the new name.' } },
    errors: ['not_found', 'insufficient_user_authentication', 'too_many_requests'],
  },
  removeFactor: {
    method: 'DELETE',
    path: '/api/user/factors',
    summary: 'Remove a second factor',
    group: 'Accounts',
    access: 'user',
    request: factorRemoveRequestSchema,
    answers: {
      204: { description: 'The factor is removed. With the last one, the recovery codes are removed too.' },
    },
    errors: ['not_found', 'insufficient_user_authentication', 'last_second_factor', 'too_many_requests'],
  },
  makeRecoveryCodes: {
    method: 'POST',
    path: '/api/user/recovery-codes',
    summary: 'Make new recovery codes',
    group: 'Accounts',
    access: 'user',
    request: noMembersSchema,
    answers: {
      200: {
        description: 'The new codes. They are sent only once. The earlier codes do not work any more.',
        schema: recoveryCodesResponseSchema,
      },
    },
    errors: ['insufficient_user_authentication', 'no_second_factor', 'too_many_requests'],
  },
  forgetTrustedBrowsers: {
    method: 'DELETE',
    path: '/api/user/trusted-browsers',
    summary: 'Ask for the second factor in every browser again',
    group: 'Accounts',
    access: 'user',
    answers: { 204: { description: 'No browser is trusted any more.' } },
    errors: ['too_many_requests'],
  },
} as const satisfies Record<string, Endpoint>
