import { z } from 'zod'
import { mailedTokenSchema } from './email.ts'
import type { Endpoint } from './endpoint.ts'
import { pendingAnswer } from './second-factor.ts'
import { newSessionMembers, signedInAnswer, transportSchema, typedEmailSchema } from './sign-in.ts'

/** The secret by which the browser that asked for the mail is recognized. The schema checks only its length. */
const mailedSignInSchema = z.string().min(1).max(128)

/** The body of `requestSignInMail`. */
export const signInMailRequestSchema = z.strictObject({
  email: typedEmailSchema,
  transport: transportSchema.optional(),
})

/** The answer (202) of `requestSignInMail`. It is the same for known and unknown addresses. */
export const signInMailResponseSchema = z.object({
  status: z.literal('accepted'),
  /** Seconds for which the code and the link are valid. */
  expiresIn: z.number().int().positive(),
  /** The secret with which the caller sends the code. It is in the body only for `transport: "bearer"`, otherwise in a cookie. */
  mailedSignIn: z.string().optional(),
})

/** The body of `signInWithMailedCode`. Send `mailedSignIn` only with `bearer`. Otherwise the server reads it from the cookie. */
export const mailedCodeRequestSchema = z.strictObject({
  code: z.string().regex(/^\d{6}$/, 'Enter the six digits of the code.'),
  mailedSignIn: mailedSignInSchema.optional(),
  ...newSessionMembers,
})

/** The body of `describeMailedSignIn`. Without a cookie, `mailedSignIn` says which browser asks. */
export const mailedLinkRequestSchema = z.strictObject({
  token: mailedTokenSchema,
  mailedSignIn: mailedSignInSchema.optional(),
})

/** The answer to `describeMailedSignIn`. */
export const mailedSignInDescriptionSchema = z.object({
  /** The address to which the link was mailed: the account in which the user will be signed in. */
  email: z.string(),
  /** When the mail was requested, in milliseconds since 1970, UTC. */
  requestedAt: z.number().int(),
  /** The device on which the mail was requested, such as "Firefox on Windows". */
  device: z.string(),
  /** Whether the mail was requested in the browser that asks now. */
  sameBrowser: z.boolean(),
})
/** Which sign-in a mailed link confirms. `requestedAt` is in milliseconds since 1970, UTC. */
export type MailedSignIn = z.infer<typeof mailedSignInDescriptionSchema>

/** The body of `confirmMailedSignIn`. */
export const mailedLinkConfirmRequestSchema = z.strictObject({
  token: mailedTokenSchema,
  ...newSessionMembers,
})

/** Endpoints that begin a session with a mailed code or link. */
export const mailedSignInEndpoints = {
  requestSignInMail: {
    method: 'POST',
    path: '/api/auth/login/mail',
    summary: 'Request a mail with a code and a link to sign in',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'mailedSignIn',
    request: signInMailRequestSchema,
    answers: {
      202: {
        description:
          'The answer is the same for every address. If the address has an account, a mail is now in the queue. The code in the mail works only with the secret of this answer: with `transport: "bearer"` the body has it as `mailedSignIn`, otherwise a cookie has it.',
        schema: signInMailResponseSchema,
      },
    },
    errors: ['credential_conflict', 'too_many_requests'],
  },
  signInWithMailedCode: {
    method: 'POST',
    path: '/api/auth/login/mail/code',
    summary: 'Sign in with a mailed code',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'mailedSignIn',
    request: mailedCodeRequestSchema,
    answers: { 200: signedInAnswer, 202: pendingAnswer },
    errors: ['sign_in_mail_expired', 'credential_conflict', 'too_many_requests'],
    session: 'begins',
  },
  describeMailedSignIn: {
    method: 'POST',
    path: '/api/auth/login/mail/link',
    summary: 'Show which sign-in a mailed link confirms, without using the link up',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'mailedSignIn',
    request: mailedLinkRequestSchema,
    answers: {
      200: { description: 'The sign-in that the link confirms.', schema: mailedSignInDescriptionSchema },
    },
    errors: ['link_invalid', 'too_many_requests'],
  },
  confirmMailedSignIn: {
    method: 'POST',
    path: '/api/auth/login/mail/link/confirm',
    summary: 'Sign in with a mailed link',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'mailedSignIn',
    request: mailedLinkConfirmRequestSchema,
    answers: { 200: signedInAnswer, 202: pendingAnswer },
    errors: ['link_invalid', 'credential_conflict', 'too_many_requests'],
    session: 'begins',
  },
} as const satisfies Record<string, Endpoint>
