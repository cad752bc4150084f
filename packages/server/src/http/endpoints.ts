import {
  accountDeletionResponseSchema,
  activityResponseSchema,
  addressRequestSchema,
  emailChangeConfirmRequestSchema,
  emailChangeRequestSchema,
  inboxResponseSchema,
  introspectRequestSchema,
  introspectResponseSchema,
  loginRequestSchema,
  passwordChangeRequestSchema,
  passwordResetRequestSchema,
  paths,
  profileResponseSchema,
  reauthenticationRequestSchema,
  refreshRequestSchema,
  refreshResponseSchema,
  registrationMailedSchema,
  sessionResponseSchema,
  sessionsEndedResponseSchema,
  sessionsResponseSchema,
  signInResponseSchema,
  verifyAddressRequestSchema,
} from '@sallyport/protocol'
import { z } from 'zod'
import type { Answer, Endpoint } from '../../../protocol/src/endpoints/endpoint.ts'
import { happeningSchema, jwksSchema, metadataSchema, ownSessionSchema } from './answer-schemas.ts'
import type { UserSchemas } from './user-schemas.ts'

const status = (value: string) => z.object({ status: z.literal(value) })
const accepted: Record<number, Answer> = {
  202: {
    description: 'Whatever the address: if a mail is due, it is on its way.',
    schema: status('accepted'),
  },
}
const nothing = (description: string): Record<number, Answer> => ({ 204: { description } })

/**
 * Every address by method, in the order in which somebody reads about them. `{…}` is a part of the path. What a user looks like, and
 * what may be sent of one, depends on the fields that a product has declared.
 */
export function endpointsOf({
  user,
  ownUser,
  register,
  profileUpdate,
}: UserSchemas): Record<string, Endpoint> {
  const signedIn: Answer = {
    description:
      'Signed in. The tokens stand here only for `transport: "bearer"`; otherwise they come as cookies.',
    schema: signInResponseSchema.extend({ user }),
  }
  const profile = profileResponseSchema.extend({ user })
  return {
    [`POST ${paths.register}`]: {
      summary: 'Sign up',
      group: 'Signing in',
      caller: 'anybody',
      request: register,
      answers: {
        200: signedIn,
        202: {
          description:
            'A mail is on its way; nobody is signed in before its link was used. Known addresses get the same answer.',
          schema: registrationMailedSchema,
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
    },
    [`POST ${paths.login}`]: {
      summary: 'Sign in',
      group: 'Signing in',
      caller: 'anybody',
      request: loginRequestSchema,
      answers: { 200: signedIn },
      errors: ['invalid_credentials', 'credential_conflict', 'too_many_requests', 'server_busy'],
    },
    [`POST ${paths.refresh}`]: {
      summary: 'Renew the tokens',
      group: 'Signing in',
      caller: 'anybody',
      request: refreshRequestSchema,
      mayBeEmpty: true,
      answers: {
        200: { description: 'New tokens, by the way the refresh token came.', schema: refreshResponseSchema },
      },
      errors: ['token_missing', 'session_ended', 'credential_conflict', 'too_many_requests'],
    },
    [`POST ${paths.logout}`]: {
      summary: 'Sign out',
      group: 'Signing in',
      caller: 'anybody',
      request: refreshRequestSchema,
      mayBeEmpty: true,
      answers: nothing('Whatever came along is dead, everywhere and at once.'),
    },
    [`GET ${paths.session}`]: {
      summary: 'Who is signed in',
      group: 'Sessions',
      caller: 'person',
      answers: {
        200: { description: 'As the store knows it now.', schema: sessionResponseSchema.extend({ user }) },
      },
    },
    [`GET ${paths.sessions}`]: {
      summary: 'Where the caller is signed in',
      group: 'Sessions',
      caller: 'person',
      answers: { 200: { description: 'The caller’s own session first.', schema: sessionsResponseSchema } },
      errors: ['too_many_requests'],
    },
    [`DELETE ${paths.sessions}`]: {
      summary: 'Sign out everywhere, or everywhere else',
      group: 'Sessions',
      caller: 'person',
      query: {
        except: {
          description: '`current` keeps the session that asks.',
          schema: z.literal('current').optional(),
        },
      },
      answers: { 200: { description: 'How many have ended.', schema: sessionsEndedResponseSchema } },
      errors: ['invalid_request', 'too_many_requests'],
    },
    [`DELETE ${paths.sessions}/{id}`]: {
      summary: 'End one session',
      group: 'Sessions',
      caller: 'person',
      answers: nothing('It has ended.'),
      errors: ['not_found', 'too_many_requests'],
    },
    [`POST ${paths.passwordChange}`]: {
      summary: 'Change the password',
      group: 'Accounts',
      caller: 'person',
      request: passwordChangeRequestSchema,
      answers: nothing('Changed; every other session has ended.'),
      errors: ['too_many_requests', 'server_busy'],
    },
    [`POST ${paths.passwordForgot}`]: {
      summary: 'Ask for a link for a new password',
      group: 'Accounts',
      caller: 'anybody',
      request: addressRequestSchema,
      answers: accepted,
      errors: ['too_many_requests'],
    },
    [`POST ${paths.passwordReset}`]: {
      summary: 'Set a new password by a mailed link',
      group: 'Accounts',
      caller: 'anybody',
      request: passwordResetRequestSchema,
      answers: nothing('Set; every session has ended, and nobody is signed in.'),
      errors: ['link_invalid', 'too_many_requests', 'server_busy'],
    },
    [`POST ${paths.emailVerification}`]: {
      summary: 'Ask for the link that proves an address again',
      group: 'Accounts',
      caller: 'anybody',
      request: addressRequestSchema,
      answers: accepted,
      errors: ['too_many_requests'],
    },
    [`POST ${paths.emailVerify}`]: {
      summary: 'Prove an address by a mailed link',
      group: 'Accounts',
      caller: 'anybody',
      request: verifyAddressRequestSchema,
      answers: {
        200: {
          description:
            'Proven, and signed in; whoever is signed in to the account already goes on, and gets `user` alone.',
          schema: z.union([signInResponseSchema.extend({ user }), z.object({ user })]),
        },
      },
      errors: ['link_invalid', 'credential_conflict', 'session_ended', 'too_many_requests', 'server_busy'],
    },
    [`POST ${paths.emailChange}`]: {
      summary: 'Ask for another address',
      group: 'Accounts',
      caller: 'person',
      request: emailChangeRequestSchema,
      answers: accepted,
      errors: ['too_many_requests', 'server_busy'],
    },
    [`POST ${paths.emailChangeConfirm}`]: {
      summary:
        'Prove the new address by a mailed link, with the session or the password of the account that asked',
      group: 'Accounts',
      caller: 'anybody',
      request: emailChangeConfirmRequestSchema,
      answers: nothing('The new address is in place.'),
      errors: ['link_invalid', 'session_ended', 'too_many_requests', 'server_busy'],
    },
    [`POST ${paths.reauthenticate}`]: {
      summary: 'Confirm the password',
      group: 'Accounts',
      caller: 'person',
      request: reauthenticationRequestSchema,
      answers: nothing('Fresh for ten minutes.'),
      errors: ['too_many_requests', 'server_busy'],
    },
    [`GET ${paths.profile}`]: {
      summary: 'The caller’s profile',
      group: 'Accounts',
      caller: 'person',
      answers: { 200: { description: 'The profile.', schema: profile } },
    },
    [`PATCH ${paths.profile}`]: {
      summary: 'Change the profile',
      group: 'Accounts',
      caller: 'person',
      request: profileUpdate,
      answers: { 200: { description: 'The profile as it is now.', schema: profile } },
      errors: ['too_many_requests'],
    },
    [`DELETE ${paths.profile}`]: {
      summary: 'Leave',
      group: 'Accounts',
      caller: 'person',
      request: reauthenticationRequestSchema,
      answers: {
        202: {
          description:
            'Signed out everywhere; when the account will be gone. Signing in before then keeps it.',
          schema: accountDeletionResponseSchema,
        },
      },
      errors: ['too_many_requests', 'server_busy'],
    },
    [`GET ${paths.activity}`]: {
      summary: 'The caller’s recent activity',
      group: 'Accounts',
      caller: 'person',
      answers: { 200: { description: 'The newest lines first.', schema: activityResponseSchema } },
      errors: ['too_many_requests'],
    },
    [`GET ${paths.data}`]: {
      summary: 'Everything that is stored about the caller',
      group: 'Accounts',
      caller: 'person',
      answers: {
        200: {
          description: 'To be kept as a file.',
          schema: z.object({
            user: ownUser,
            sessions: z.array(ownSessionSchema),
            activity: z.array(happeningSchema),
          }),
        },
      },
      errors: ['reauthentication_required', 'too_many_requests'],
    },
    [`GET ${paths.revocations}`]: {
      summary: 'Follow what is revoked',
      group: 'Verifying',
      caller: 'verifier',
      answers: {
        200: {
          description:
            'Server-Sent Events: `revocations`, `snapshot`, then `revocation` for each as it happens.',
          mediaType: 'text/event-stream',
        },
      },
    },
    [`POST ${paths.introspect}`]: {
      summary: 'Whether a token is live right now',
      group: 'Verifying',
      caller: 'verifier',
      request: introspectRequestSchema,
      asForm: true,
      answers: {
        200: { description: 'Its claims, or that it is not (RFC 7662).', schema: introspectResponseSchema },
      },
    },
    [`GET ${paths.jwks}`]: {
      summary: 'The public keys',
      group: 'Verifying',
      caller: 'anybody',
      answers: { 200: { description: 'A key set (RFC 7517 section 5).', schema: jwksSchema } },
    },
    [`GET ${paths.metadata}`]: {
      summary: 'Where keys and introspection are',
      group: 'Verifying',
      caller: 'anybody',
      answers: { 200: { description: 'Metadata (RFC 8414).', schema: metadataSchema } },
    },
    [`GET ${paths.discovery}`]: {
      summary: 'The same, where OpenID Connect libraries look for it',
      group: 'Verifying',
      caller: 'anybody',
      answers: { 200: { description: 'Metadata (RFC 8414 section 5).', schema: metadataSchema } },
    },
    [`GET ${paths.openApi}`]: {
      summary: 'This interface as OpenAPI 3.1',
      group: 'Operating',
      caller: 'anybody',
      answers: { 200: { description: 'The document.', schema: z.looseObject({ openapi: z.string() }) } },
    },
    [`GET ${paths.reference}`]: {
      summary: 'The same for people',
      group: 'Operating',
      caller: 'anybody',
      answers: { 200: { description: 'A page.', mediaType: 'text/html' } },
    },
    [`GET ${paths.health}`]: {
      summary: 'Whether the process answers',
      group: 'Operating',
      caller: 'anybody',
      answers: { 200: { description: 'It does.', schema: status('ok') } },
    },
    [`GET ${paths.ready}`]: {
      summary: 'Whether it can issue tokens',
      group: 'Operating',
      caller: 'anybody',
      answers: { 200: { description: 'It can.', schema: status('ready') } },
    },
    [`GET ${paths.metrics}`]: {
      summary: 'Figures for Prometheus',
      group: 'Operating',
      caller: 'monitor',
      answers: { 200: { description: 'Its text format.', mediaType: 'text/plain' } },
    },
    [`GET ${paths.inbox}`]: {
      summary: 'Mails that would have gone out',
      group: 'Operating',
      caller: 'anybody',
      answers: {
        200: { description: 'The newest first; only with a development inbox.', schema: inboxResponseSchema },
      },
    },
  }
}
