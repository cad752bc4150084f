import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'
import { pendingAnswer } from './second-factor.ts'
import { newSessionMembers, signInResponseSchema, transportSchema } from './sign-in.ts'

/** Binary data as base64url, of at most so many characters. */
const binary = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[\w-]+$/, 'This is not base64url.')

/** The id of a passkey. Web Authentication allows 1,023 bytes. */
export const passkeyIdSchema = binary(1_364)

/** The members that every answer of an authenticator has. Browsers add more, which are ignored. */
const credentialMembers = {
  id: passkeyIdSchema,
  rawId: passkeyIdSchema,
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(64).nullish(),
  clientExtensionResults: z.looseObject({}).optional(),
}

/** A new passkey, as `PublicKeyCredential.toJSON()` describes it after `navigator.credentials.create()`. */
export const passkeyRegistrationSchema = z.object({
  ...credentialMembers,
  response: z.object({
    clientDataJSON: binary(4_096),
    attestationObject: binary(8_192),
    transports: z.array(z.string().max(32)).max(16).nullish(),
  }),
})
/** A new passkey, as the browser describes it. */
export type PasskeyRegistration = z.infer<typeof passkeyRegistrationSchema>

/** The answer of a passkey to a challenge, as `PublicKeyCredential.toJSON()` describes it after `navigator.credentials.get()`. */
export const passkeyAssertionSchema = z.object({
  ...credentialMembers,
  response: z.object({
    clientDataJSON: binary(4_096),
    authenticatorData: binary(4_096),
    signature: binary(8_192),
    userHandle: binary(128).nullish(),
  }),
})
/** The answer of a passkey to a challenge, as the browser describes it. */
export type PasskeyAssertion = z.infer<typeof passkeyAssertionSchema>

/** The name that a user gives to a passkey. */
export const passkeyNameSchema = z
  .string()
  .trim()
  .min(1, 'Enter a name.')
  .max(60, 'A name has at most 60 characters.')

const expiresIn = z.number().int().positive()

/** The answer of the endpoints that begin a sign-in or a confirmation with a passkey. */
export const passkeyRequestOptionsSchema = z.object({
  /** The options of `navigator.credentials.get()`, as JSON (`PublicKeyCredential.parseRequestOptionsFromJSON()`). */
  options: z.looseObject({ challenge: z.string(), rpId: z.string().optional() }),
  /** Seconds for which the challenge is valid. */
  expiresIn,
})
/** The options with which a browser asks for a passkey. */
export type PasskeyRequestOptions = z.infer<typeof passkeyRequestOptionsSchema>

/** The answer of `startPasskeySignIn`. */
export const passkeySignInOptionsSchema = passkeyRequestOptionsSchema.extend({
  /** The secret by which the caller answers the challenge. It is in the body only for `transport: "bearer"`, otherwise in a cookie. */
  handle: z.string().optional(),
})

/** The answer of `startPasskey`. */
export const passkeyCreationOptionsSchema = z.object({
  /** The options of `navigator.credentials.create()`, as JSON (`PublicKeyCredential.parseCreationOptionsFromJSON()`). */
  options: z.looseObject({ challenge: z.string() }),
  /** Seconds for which the challenge is valid. */
  expiresIn,
})
/** The options with which a browser creates a passkey. */
export type PasskeyCreationOptions = z.infer<typeof passkeyCreationOptionsSchema>

/** One passkey of the caller. Times are in milliseconds since 1970, UTC. */
export const passkeySchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number().int(),
  /** When the passkey was last used, or null. */
  lastUsedAt: z.number().int().nullable(),
  /** Whether a password manager has a copy of the passkey, so that other devices of the user have it too. */
  synced: z.boolean(),
})
/** One passkey of the caller. Times are in milliseconds since 1970, UTC. */
export type Passkey = z.infer<typeof passkeySchema>

/** The answer to `listPasskeys`. The oldest passkey is the first. */
export const passkeysResponseSchema = z.object({
  passkeys: z.array(passkeySchema),
  /** The domain to which the passkeys belong. With it and `userHandle`, a page tells the browser which passkeys are still valid. */
  rpId: z.string(),
  /** The id under which authenticators store the user, base64url. */
  userHandle: z.string(),
})
/** The passkeys of the caller. The oldest one is the first. */
export type PasskeysResponse = z.infer<typeof passkeysResponseSchema>

const handle = z.string().min(1).max(128)
const pendingSignIn = handle

/** The body of `startPasskeySignIn`. */
export const passkeySignInStartSchema = z.strictObject({
  transport: transportSchema.optional(),
  /** The handle of an earlier answer, so that several challenges have the same handle. Send it only with `bearer`. */
  handle: handle.optional(),
})

/** The body of `signInWithPasskey`. */
export const passkeySignInRequestSchema = z.strictObject({
  credential: passkeyAssertionSchema,
  /** The handle of `startPasskeySignIn`. Send it only with `bearer`. Otherwise the server reads it from the cookie. */
  handle: handle.optional(),
  ...newSessionMembers,
})

/** The body of `startPasskeySecondFactor` and `startPasskeySetup`. */
export const passkeySecondFactorStartSchema = z.strictObject({
  /** The secret of the pending sign-in. Send it only with `bearer`. Otherwise the server reads it from the cookie. */
  pendingSignIn: pendingSignIn.optional(),
})

/** The body of `proveSecondFactorWithPasskey`. */
export const passkeySecondFactorRequestSchema = z.strictObject({
  credential: passkeyAssertionSchema,
  /** Whether the user is not asked for the second factor in this browser for some time. */
  trustBrowser: z.boolean().optional(),
  /** The secret of the pending sign-in. Send it only with `bearer`. Otherwise the server reads it from the cookie. */
  pendingSignIn: pendingSignIn.optional(),
  ...newSessionMembers,
})

/** The body of `finishPasskeySetup`. Without `name`, the passkey is named after its authenticator. */
export const passkeySetupRequestSchema = z.strictObject({
  credential: passkeyRegistrationSchema,
  name: passkeyNameSchema.optional(),
  /** The secret of the pending sign-in. Send it only with `bearer`. Otherwise the server reads it from the cookie. */
  pendingSignIn: pendingSignIn.optional(),
  ...newSessionMembers,
})

/** The body of `confirmWithPasskey`. */
export const passkeyConfirmationRequestSchema = z.strictObject({ credential: passkeyAssertionSchema })

/** The body of `addPasskey`. Without `name`, the passkey is named after its authenticator. */
export const newPasskeyRequestSchema = z.strictObject({
  credential: passkeyRegistrationSchema,
  name: passkeyNameSchema.optional(),
})

/** The body of `renamePasskey`. */
export const passkeyRenameSchema = z.strictObject({ name: passkeyNameSchema })

const signedIn = {
  description:
    'The user is signed in. With `transport: "bearer"` the tokens are in the body, otherwise in cookies.',
  schema: signInResponseSchema,
}
const challenge = {
  description: 'The options for the browser. Their challenge can be answered once.',
  schema: passkeyRequestOptionsSchema,
}

const creation = {
  description: 'The options for the browser. Their challenge can be answered once.',
  schema: passkeyCreationOptionsSchema,
}

/** Endpoints of passkeys (Web Authentication). */
export const passkeyEndpoints = {
  startPasskeySignIn: {
    method: 'POST',
    path: '/api/auth/login/passkey/options',
    summary: 'Begin a sign-in with a passkey',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'passkeys',
    request: passkeySignInStartSchema,
    mayBeEmpty: true,
    answers: { 200: { ...challenge, schema: passkeySignInOptionsSchema } },
    errors: ['credential_conflict', 'too_many_requests'],
  },
  signInWithPasskey: {
    method: 'POST',
    path: '/api/auth/login/passkey',
    summary: 'Sign in with a passkey',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'passkeys',
    request: passkeySignInRequestSchema,
    answers: { 200: signedIn, 202: pendingAnswer },
    errors: ['passkey_refused', 'address_unverified', 'credential_conflict', 'too_many_requests'],
    session: 'begins',
  },
  startPasskeySecondFactor: {
    method: 'POST',
    path: '/api/auth/login/second-factor/passkey/options',
    summary: 'Begin to prove a second factor with a passkey',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'passkeys',
    request: passkeySecondFactorStartSchema,
    mayBeEmpty: true,
    answers: { 200: challenge },
    errors: ['passkey_refused', 'sign_in_expired', 'too_many_requests'],
  },
  proveSecondFactorWithPasskey: {
    method: 'POST',
    path: '/api/auth/login/second-factor/passkey',
    summary: 'Finish a sign-in with a passkey as the second factor',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'passkeys',
    request: passkeySecondFactorRequestSchema,
    answers: { 200: signedIn },
    errors: [
      'passkey_refused',
      'sign_in_expired',
      'address_unverified',
      'credential_conflict',
      'too_many_requests',
    ],
    session: 'begins',
  },
  startPasskeySetup: {
    method: 'POST',
    path: '/api/auth/login/second-factor/setup/passkey/options',
    summary: 'Begin to set up a passkey as the second factor that a sign-in requires',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'passkeys',
    request: passkeySecondFactorStartSchema,
    mayBeEmpty: true,
    answers: { 200: creation },
    errors: ['sign_in_expired', 'too_many_requests'],
  },
  finishPasskeySetup: {
    method: 'POST',
    path: '/api/auth/login/second-factor/setup/passkey',
    summary: 'Set up a passkey as the second factor, and finish the sign-in',
    group: 'Signing in',
    access: 'anybody',
    onlyWith: 'passkeys',
    request: passkeySetupRequestSchema,
    answers: { 200: signedIn },
    errors: [
      'passkey_refused',
      'sign_in_expired',
      'address_unverified',
      'credential_conflict',
      'too_many_requests',
    ],
    session: 'begins',
  },
  startPasskeyConfirmation: {
    method: 'POST',
    path: '/api/auth/reauthenticate/passkey/options',
    summary: 'Begin to confirm with a passkey that it is the user',
    group: 'Accounts',
    access: 'user',
    onlyWith: 'passkeys',
    answers: { 200: challenge },
    errors: ['passkey_refused', 'too_many_requests'],
  },
  confirmWithPasskey: {
    method: 'POST',
    path: '/api/auth/reauthenticate/passkey',
    summary: 'Confirm with a passkey that it is the user',
    group: 'Accounts',
    access: 'user',
    onlyWith: 'passkeys',
    request: passkeyConfirmationRequestSchema,
    answers: {
      204: { description: 'The session counts as freshly authenticated, with two factors (`aal2`).' },
    },
    errors: ['passkey_refused', 'too_many_requests'],
    session: 'renews',
  },
  listPasskeys: {
    method: 'GET',
    path: '/api/user/passkeys',
    summary: 'List the passkeys of the caller',
    group: 'Accounts',
    access: 'user',
    onlyWith: 'passkeys',
    answers: { 200: { description: 'The passkeys, the oldest first.', schema: passkeysResponseSchema } },
    errors: ['too_many_requests'],
  },
  startPasskey: {
    method: 'POST',
    path: '/api/user/passkey-options',
    summary: 'Begin to add a passkey',
    group: 'Accounts',
    access: 'user',
    onlyWith: 'passkeys',
    answers: { 200: creation },
    errors: ['insufficient_user_authentication', 'invalid_request', 'too_many_requests'],
  },
  addPasskey: {
    method: 'POST',
    path: '/api/user/passkeys',
    summary: 'Add a passkey',
    group: 'Accounts',
    access: 'user',
    onlyWith: 'passkeys',
    request: newPasskeyRequestSchema,
    answers: { 200: { description: 'The new passkey.', schema: passkeySchema } },
    errors: ['passkey_refused', 'insufficient_user_authentication', 'too_many_requests'],
  },
  renamePasskey: {
    method: 'PATCH',
    path: '/api/user/passkeys/{id}',
    summary: 'Rename a passkey',
    group: 'Accounts',
    access: 'user',
    onlyWith: 'passkeys',
    request: passkeyRenameSchema,
    answers: { 204: { description: 'The passkey has the new name.' } },
    errors: ['not_found', 'too_many_requests'],
  },
  removePasskey: {
    method: 'DELETE',
    path: '/api/user/passkeys/{id}',
    summary: 'Remove a passkey',
    group: 'Accounts',
    access: 'user',
    onlyWith: 'passkeys',
    answers: { 204: { description: 'The passkey was removed.' } },
    errors: ['not_found', 'last_way_in', 'insufficient_user_authentication', 'too_many_requests'],
  },
} as const satisfies Record<string, Endpoint>
