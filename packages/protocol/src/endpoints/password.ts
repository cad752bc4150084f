import { z } from 'zod'
import { mailAccepted, mailedTokenSchema, typedAddressSchema } from './email.ts'
import type { Endpoint } from './endpoint.ts'
import { recoveryCodeSchema, totpCodeSchema } from './second-factor.ts'
import { passwordSchema } from './sign-in.ts'

/** The body of `changePassword`. A user without a password sets the first one with the link of `forgotPassword`. */
export const passwordChangeRequestSchema = z.strictObject({
  currentPassword: passwordSchema,
  newPassword: passwordSchema,
})
/** The body of a password change. */
export type PasswordChangeRequest = z.infer<typeof passwordChangeRequestSchema>

/** The body of `resetPassword`. */
export const passwordResetRequestSchema = z.strictObject({
  token: mailedTokenSchema,
  newPassword: passwordSchema,
})

/** The body of `deleteAccount`. A user who has a password must send it. Other users must have authenticated in the last ten minutes. */
export const accountDeletionRequestSchema = z.strictObject({ password: passwordSchema.optional() })

/** The body of `reauthenticate`. A user who has a second factor must send `code` or `recoveryCode`. */
export const reauthenticationRequestSchema = z
  .strictObject({
    password: passwordSchema.optional(),
    code: totpCodeSchema.optional(),
    recoveryCode: recoveryCodeSchema.optional(),
  })
  .refine(({ password, code, recoveryCode }) => (password ?? code ?? recoveryCode) !== undefined, {
    path: ['password'],
    error: 'Enter your password.',
  })
  .refine(({ code, recoveryCode }) => code === undefined || recoveryCode === undefined, {
    path: ['recoveryCode'],
    error: 'Enter a code or a recovery code, not both.',
  })
/** The body of a reauthentication: the password, and the second factor if the user has one. */
export type ReauthenticationRequest = z.input<typeof reauthenticationRequestSchema>

/** The time, in milliseconds, for which sensitive actions are allowed after the user has authenticated: ten minutes. */
export const freshProofMs = 10 * 60_000

/** Endpoints for the password of the account. */
export const passwordEndpoints = {
  changePassword: {
    method: 'POST',
    path: '/api/auth/password/change',
    summary: 'Change the password',
    group: 'Accounts',
    access: 'user',
    request: passwordChangeRequestSchema,
    answers: { 204: { description: 'The password is changed. All other sessions have ended.' } },
    errors: ['insufficient_user_authentication', 'too_many_requests', 'server_busy'],
    session: 'supersedes',
  },
  forgotPassword: {
    method: 'POST',
    path: '/api/auth/password/forgot',
    summary: 'Request a link for a new password, or for the first one',
    group: 'Accounts',
    access: 'anybody',
    request: typedAddressSchema,
    answers: { 202: mailAccepted },
    errors: ['too_many_requests'],
  },
  resetPassword: {
    method: 'POST',
    path: '/api/auth/password/reset',
    summary: 'Set a new password by a mailed link',
    group: 'Accounts',
    access: 'anybody',
    request: passwordResetRequestSchema,
    answers: {
      204: { description: 'The password is set. All sessions have ended. The caller is not signed in.' },
    },
    errors: ['link_invalid', 'too_many_requests', 'server_busy'],
  },
  reauthenticate: {
    method: 'POST',
    path: '/api/auth/reauthenticate',
    summary: 'Confirm the password and the second factor',
    group: 'Accounts',
    access: 'user',
    request: reauthenticationRequestSchema,
    answers: { 204: { description: 'Sensitive actions are allowed for ten minutes.' } },
    errors: ['too_many_requests', 'server_busy'],
    session: 'renews',
  },
} as const satisfies Record<string, Endpoint>
