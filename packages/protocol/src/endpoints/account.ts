import { z } from 'zod'
import { profileResponseSchema, profileUpdateSchema, userSchema } from '../user.ts'
import type { Endpoint } from './endpoint.ts'
import { accountDeletionRequestSchema } from './password.ts'
import { factorSchema } from './second-factor.ts'

/**
 * The answer to `deleteAccount`. `deleteAt` is the time when the account will be deleted, in milliseconds since 1970, UTC. If the user
 * signs in before this time, the account is not deleted.
 */
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
/**
 * One event of the user’s own audit log. `at` is in milliseconds since 1970, UTC. `address` and `userAgent` come from the client, which can
 * forge them.
 */
export type Activity = z.infer<typeof activitySchema>

/** The answer to `listActivity`. The newest event is the first. */
export const activityResponseSchema = z.object({ activity: z.array(activitySchema) })

/** The user in the download of their own data. It includes user fields of your app that are hidden elsewhere. */
export const ownUserSchema = z.object(userSchema.shape)

const ownSessionSchema = z.object({
  id: z.string(),
  createdAt: z.number().int(),
  lastUsedAt: z.number().int(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
})

const ownIdentitySchema = z.object({
  issuer: z.string(),
  subject: z.string(),
  email: z.string().nullable(),
  createdAt: z.number().int(),
  lastUsedAt: z.number().int(),
})

/** The answer to `downloadData`. */
export const ownDataSchema = z.object({
  user: ownUserSchema,
  sessions: z.array(ownSessionSchema),
  /** Second factors, without their secrets. Missing in the data of earlier servers. */
  secondFactors: z.array(factorSchema.omit({ id: true })).optional(),
  recoveryCodesLeft: z.number().int().nonnegative().optional(),
  /** Accounts at outside providers. Missing in the data of earlier servers. */
  identities: z.array(ownIdentitySchema).optional(),
  /** The organizations of which the user is a member, at most 1,000. Missing in the data of earlier servers. */
  organizations: z
    .array(z.object({ id: z.string(), name: z.string(), slug: z.string(), roles: z.array(z.string()) }))
    .optional(),
  passkeys: z.array(
    z.object({ name: z.string(), createdAt: z.number().int(), lastUsedAt: z.number().int().nullable() }),
  ),
  activity: z.array(activitySchema.omit({ id: true }).extend({ result: z.string() })),
})

/** Endpoints of the user's profile and account. */
export const accountEndpoints = {
  readProfile: {
    method: 'GET',
    path: '/api/user/profile',
    summary: 'Read the caller’s profile',
    group: 'Accounts',
    access: 'user',
    answers: { 200: { description: 'The profile.', schema: profileResponseSchema } },
  },
  updateProfile: {
    method: 'PATCH',
    path: '/api/user/profile',
    summary: 'Change the profile',
    group: 'Accounts',
    access: 'user',
    request: profileUpdateSchema,
    answers: { 200: { description: 'The profile after the change.', schema: profileResponseSchema } },
    errors: ['too_many_requests'],
  },
  deleteAccount: {
    method: 'DELETE',
    path: '/api/user/profile',
    summary: 'Delete the account',
    group: 'Accounts',
    access: 'user',
    request: accountDeletionRequestSchema,
    answers: {
      202: {
        description:
          'All sessions have ended. `deleteAt` is the time at which the account will be deleted. If the user signs in before that time, it is not deleted.',
        schema: accountDeletionResponseSchema,
      },
    },
    errors: ['insufficient_user_authentication', 'last_owner', 'too_many_requests', 'server_busy'],
    session: 'ends',
  },
  listActivity: {
    method: 'GET',
    path: '/api/user/activity',
    summary: 'List the caller’s recent activity',
    group: 'Accounts',
    access: 'user',
    answers: { 200: { description: 'The events, the newest first.', schema: activityResponseSchema } },
    errors: ['too_many_requests'],
  },
  downloadData: {
    method: 'GET',
    path: '/api/user/data',
    summary: 'Download everything that is stored about the caller',
    group: 'Accounts',
    access: 'user',
    answers: {
      200: { description: 'A JSON file.', schema: ownDataSchema, fileName: 'my-data.json' },
    },
    isLarge: true,
    errors: ['insufficient_user_authentication', 'too_many_requests'],
  },
} as const satisfies Record<string, Endpoint>
