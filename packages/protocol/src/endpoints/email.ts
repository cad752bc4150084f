import { z } from 'zod'
import { emailSchema, profileResponseSchema } from '../user.ts'
import type { Answer, Endpoint } from './endpoint.ts'
import { pendingAnswer } from './second-factor.ts'
import { newSessionMembers, passwordSchema, signInResponseSchema, typedEmailSchema } from './sign-in.ts'

/** The token in a mailed link: 256 bits in base64url. The schema checks only its length. */
export const mailedTokenSchema = z.string().min(1).max(128)

/** The body of `resendVerification` and `forgotPassword`. */
export const typedAddressSchema = z.strictObject({ email: typedEmailSchema })

/** The answer (202) of endpoints that may send a mail. It is the same for known and unknown addresses. */
export const mailAccepted = {
  description: 'The answer is the same for every address. If a mail will be sent, it is now in the queue.',
  schema: z.object({ status: z.literal('accepted') }),
} as const satisfies Answer

/** The body of `verifyAddress`. It must have the password from the sign-up, unless the caller is signed in to the account. */
export const verifyAddressRequestSchema = z.strictObject({
  token: mailedTokenSchema,
  password: passwordSchema.optional(),
  ...newSessionMembers,
})

/** The body of `changeAddress`. A user who has a password must send it. Other users must have authenticated in the last ten minutes. */
export const emailChangeRequestSchema = z.strictObject({
  newEmail: emailSchema,
  password: passwordSchema.optional(),
})

/** The body of `confirmAddress`. It must have the password of the account, unless the caller is signed in to it. */
export const emailChangeConfirmRequestSchema = z.strictObject({
  token: mailedTokenSchema,
  password: passwordSchema.optional(),
})

/** Endpoints for the email address of the account. */
export const emailEndpoints = {
  resendVerification: {
    method: 'POST',
    path: '/api/auth/email/verification',
    summary: 'Request another link that verifies an address',
    group: 'Accounts',
    access: 'anybody',
    request: typedAddressSchema,
    answers: { 202: mailAccepted },
    errors: ['too_many_requests'],
  },
  verifyAddress: {
    method: 'POST',
    path: '/api/auth/email/verify',
    summary: 'Verify an address by a mailed link',
    group: 'Accounts',
    access: 'anybody',
    request: verifyAddressRequestSchema,
    answers: {
      200: {
        description:
          'The address is verified and the caller is signed in. If the caller was already signed in to the account, that session continues, and the body has only `user`.',
        schema: z.union([signInResponseSchema, profileResponseSchema]),
      },
      202: pendingAnswer,
    },
    errors: ['link_invalid', 'credential_conflict', 'session_ended', 'too_many_requests', 'server_busy'],
    session: 'begins',
  },
  changeAddress: {
    method: 'POST',
    path: '/api/auth/email/change',
    summary: 'Request a change of the address',
    group: 'Accounts',
    access: 'user',
    request: emailChangeRequestSchema,
    answers: { 202: mailAccepted },
    errors: ['insufficient_user_authentication', 'too_many_requests', 'server_busy'],
  },
  confirmAddress: {
    method: 'POST',
    path: '/api/auth/email/change/confirm',
    summary:
      'Verify the new address by a mailed link, with the session or the password of the account that requested the change',
    group: 'Accounts',
    access: 'anybody',
    request: emailChangeConfirmRequestSchema,
    answers: { 204: { description: 'The account has the new address.' } },
    errors: ['link_invalid', 'session_ended', 'too_many_requests', 'server_busy'],
  },
} as const satisfies Record<string, Endpoint>
