import { z } from 'zod'
import { emailSchema, nameSchema, profileResponseSchema } from '../user.ts'
import { mailedTokenSchema } from './email.ts'
import type { Endpoint } from './endpoint.ts'
import { passkeyCreationOptionsSchema, passkeyNameSchema, passkeyRegistrationSchema } from './passkeys.ts'
import { pendingAnswer } from './second-factor.ts'
import { newSessionMembers, signInResponseSchema, signUpMailedSchema } from './sign-in.ts'

/** The body of `requestPasskeySignUp`. If your app has added user fields, the server adds `fields` to this schema. */
export const passkeySignUpMailRequestSchema = z.strictObject({ email: emailSchema, name: nameSchema })

/** The body of `startPasskeySignUp`. */
export const passkeySignUpStartSchema = z.strictObject({ token: mailedTokenSchema })

/** The answer of `startPasskeySignUp`. */
export const passkeySignUpOptionsSchema = passkeyCreationOptionsSchema.extend({
  /** The address to which the link was mailed. The account will have it. */
  email: z.string(),
  /** The name that was entered with the address. */
  name: z.string(),
})

/** The body of `signUpWithPasskey`. Without `name`, the passkey is named after its authenticator. */
export const passkeySignUpRequestSchema = z.strictObject({
  token: mailedTokenSchema,
  credential: passkeyRegistrationSchema,
  name: passkeyNameSchema.optional(),
  ...newSessionMembers,
})

/** Endpoints of the sign-up with a passkey. */
export const passkeySignUpEndpoints = {
  requestPasskeySignUp: {
    method: 'POST',
    path: '/api/auth/register/passkey/mail',
    summary: 'Request a mail with a link to sign up with a passkey',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'passkeys',
    request: passkeySignUpMailRequestSchema,
    answers: {
      202: {
        description:
          'A mail is now in the queue. If the address already has an account, the answer is the same, and the mail has no link to sign up.',
        schema: signUpMailedSchema,
      },
    },
    errors: ['not_found', 'sign_up_refused', 'too_many_requests'],
  },
  startPasskeySignUp: {
    method: 'POST',
    path: '/api/auth/register/passkey/options',
    summary: 'Begin to create the passkey of a new account, without using the mailed link up',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'passkeys',
    request: passkeySignUpStartSchema,
    answers: {
      200: {
        description: 'The options for the browser. Their challenge can be answered once.',
        schema: passkeySignUpOptionsSchema,
      },
    },
    errors: ['link_invalid', 'too_many_requests'],
  },
  signUpWithPasskey: {
    method: 'POST',
    path: '/api/auth/register/passkey',
    summary: 'Create an account with a passkey, by a mailed link',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'passkeys',
    request: passkeySignUpRequestSchema,
    answers: {
      200: {
        description:
          'The account was created and the user is signed in. If no session could be opened now, the body has only `user`, and the user can sign in with the passkey.',
        schema: z.union([signInResponseSchema, profileResponseSchema]),
      },
      202: pendingAnswer,
    },
    errors: ['link_invalid', 'passkey_refused', 'credential_conflict', 'too_many_requests'],
    session: 'begins',
  },
} as const satisfies Record<string, Endpoint>
