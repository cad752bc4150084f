import { z } from 'zod'
import { nameSchema } from '../user.ts'
import type { Endpoint } from './endpoint.ts'
import {
  pendingSignInSchema,
  recoveryCodeSchema,
  recoveryCodesResponseSchema,
  totpCodeSchema,
  totpStartedSchema,
} from './second-factor.ts'
import { newSessionMembers, signInResponseSchema } from './sign-in.ts'

const pendingMembers = {
  /**
   * The secret of the pending sign-in, from the answer to the first factor. Send it only with `bearer`. Otherwise the server reads it from
   * the cookie.
   */
  pendingSignIn: z.string().min(1).max(128).optional(),
}

/** The body of `describePendingSignIn` and `startSecondFactor`. */
export const pendingSignInRequestSchema = z.strictObject(pendingMembers)

/** The body of `proveSecondFactor`. It must have exactly one of `code` and `recoveryCode`. */
export const secondFactorRequestSchema = z
  .strictObject({
    code: totpCodeSchema.optional(),
    recoveryCode: recoveryCodeSchema.optional(),
    /** Whether the user is not asked for the second factor in this browser for some time. */
    trustBrowser: z.boolean().optional(),
    ...pendingMembers,
    ...newSessionMembers,
  })
  .refine(({ code, recoveryCode }) => (code === undefined) !== (recoveryCode === undefined), {
    path: ['code'],
    message: 'Enter the code of your authenticator app or a recovery code.',
  })

/** The body of `finishSecondFactor`. `id` is from the answer of `startSecondFactor`. */
export const secondFactorSetupRequestSchema = z.strictObject({
  id: z.string().min(1).max(64),
  code: totpCodeSchema,
  name: nameSchema.optional(),
  ...pendingMembers,
  ...newSessionMembers,
})

const errors = ['sign_in_expired', 'address_unverified', 'credential_conflict', 'too_many_requests'] as const

/** Endpoints that continue a sign-in that needs a second factor. */
export const pendingSignInEndpoints = {
  describePendingSignIn: {
    method: 'POST',
    path: '/api/auth/login/pending',
    summary: 'Read what a sign-in still needs',
    group: 'Signing in',
    access: 'anybody',
    request: pendingSignInRequestSchema,
    mayBeEmpty: true,
    answers: { 200: { description: 'What is missing.', schema: pendingSignInSchema } },
    errors: ['sign_in_expired', 'too_many_requests'],
  },
  proveSecondFactor: {
    method: 'POST',
    path: '/api/auth/login/second-factor',
    summary: 'Finish a sign-in with a second factor',
    group: 'Signing in',
    access: 'anybody',
    request: secondFactorRequestSchema,
    answers: {
      200: {
        description:
          'The user is signed in. With `transport: "bearer"` the tokens are in the body, otherwise in cookies.',
        schema: signInResponseSchema,
      },
    },
    errors,
    session: 'begins',
  },
  startSecondFactor: {
    method: 'POST',
    path: '/api/auth/login/second-factor/setup',
    summary: 'Set up the second factor that a sign-in requires',
    group: 'Signing in',
    access: 'anybody',
    request: pendingSignInRequestSchema,
    mayBeEmpty: true,
    answers: {
      200: {
        description: 'The new authenticator. It must be confirmed by a code.',
        schema: totpStartedSchema,
      },
    },
    errors: ['sign_in_expired', 'too_many_requests'],
  },
  finishSecondFactor: {
    method: 'POST',
    path: '/api/auth/login/second-factor/setup/confirm',
    summary: 'Confirm the second factor that was set up, and finish the sign-in',
    group: 'Signing in',
    access: 'anybody',
    request: secondFactorSetupRequestSchema,
    answers: {
      200: {
        description: 'The user is signed in. The recovery codes are shown only once.',
        schema: signInResponseSchema.extend(recoveryCodesResponseSchema.shape),
      },
    },
    errors,
    session: 'begins',
  },
} as const satisfies Record<string, Endpoint>
