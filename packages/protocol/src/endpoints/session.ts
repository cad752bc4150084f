import { z } from 'zod'
import { userSchema } from '../user.ts'
import type { Endpoint } from './endpoint.ts'
import { refreshTokenSchema } from './sign-in.ts'

/** The body of `refresh` and `signOut`. A bearer client sends its refresh token. If the token is in the cookie, the body is empty. */
export const refreshRequestSchema = z.strictObject({ refreshToken: refreshTokenSchema.optional() })
/** The body of a refresh or sign-out. If the refresh token is in the cookie, the body is empty. */
export type RefreshRequest = z.infer<typeof refreshRequestSchema>

/** The answer to `refresh`. It contains tokens only if the request's body contained the refresh token. */
export const refreshResponseSchema = z.object({
  expiresIn: z.number().int().positive(),
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
})
/** The response to a refresh. `expiresIn` is in seconds. */
export type RefreshResponse = z.infer<typeof refreshResponseSchema>

/** The answer to `readSession`: the signed-in user and their session. The data comes from the database, not from the access token. */
export const sessionResponseSchema = z.object({
  user: userSchema,
  session: z.object({
    id: z.string(),
    createdAt: z.number().int(),
    /** When the user last authenticated, in milliseconds. Sensitive actions are allowed only within ten minutes after this time. */
    authenticatedAt: z.number().int(),
    /** When the session ends at the latest, in milliseconds. A refresh does not change this time. */
    expiresAt: z.number().int(),
  }),
})
/** The signed-in user and their session. Times are milliseconds since 1970, UTC. */
export type SessionResponse = z.infer<typeof sessionResponseSchema>

/** One active session of the caller. Each signed-in device has one. Times are in milliseconds since 1970, UTC. */
export const sessionDescriptionSchema = z.object({
  id: z.string(),
  /** Whether this request belongs to the session. */
  current: z.boolean(),
  createdAt: z.number().int(),
  /** When the session was last refreshed. Its access token may have been used later, until it expired (after ten minutes). */
  lastUsedAt: z.number().int(),
  expiresAt: z.number().int(),
  /** The IP address and user agent of the last refresh, or null if they are unknown. The client can forge both. */
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
})
/** One active session. Times are milliseconds since 1970, UTC. `address` and `userAgent` come from the client, which can forge them. */
export type SessionDescription = z.infer<typeof sessionDescriptionSchema>

/** The answer to `listSessions`. The current session is the first. */
export const sessionsResponseSchema = z.object({ sessions: z.array(sessionDescriptionSchema) })
/** The active sessions of the caller. The current session is the first. */
export type SessionsResponse = z.infer<typeof sessionsResponseSchema>

/** The answer to `endSessions`. */
export const sessionsEndedResponseSchema = z.object({ ended: z.number().int().nonnegative() })
/** How many sessions were ended. */
export type SessionsEndedResponse = z.infer<typeof sessionsEndedResponseSchema>

/** Endpoints that refresh, end and list sessions. */
export const sessionEndpoints = {
  refresh: {
    method: 'POST',
    path: '/api/auth/refresh',
    summary: 'Renew the tokens',
    group: 'Signing in',
    access: 'anybody',
    request: refreshRequestSchema,
    mayBeEmpty: true,
    answers: {
      200: {
        description: 'The new tokens are in the body if the refresh token was in the body, else in cookies.',
        schema: refreshResponseSchema,
      },
    },
    errors: ['token_missing', 'session_ended', 'credential_conflict', 'too_many_requests'],
  },
  signOut: {
    method: 'POST',
    path: '/api/auth/logout',
    summary: 'Sign out',
    group: 'Signing in',
    access: 'anybody',
    request: refreshRequestSchema,
    mayBeEmpty: true,
    answers: {
      204: { description: 'Every session whose token was sent has ended immediately on all servers.' },
    },
    session: 'ends',
  },
  readSession: {
    method: 'GET',
    path: '/api/auth/session',
    summary: 'Show who is signed in',
    group: 'Sessions',
    access: 'user',
    answers: {
      200: {
        description: 'The user and the session, as stored in the database now.',
        schema: sessionResponseSchema,
      },
    },
  },
  listSessions: {
    method: 'GET',
    path: '/api/auth/sessions',
    summary: 'List the sessions of the caller',
    group: 'Sessions',
    access: 'user',
    answers: { 200: { description: 'The sessions, the current one first.', schema: sessionsResponseSchema } },
    errors: ['too_many_requests'],
  },
  endSessions: {
    method: 'DELETE',
    path: '/api/auth/sessions',
    summary: 'Sign out everywhere, or everywhere else',
    group: 'Sessions',
    access: 'user',
    query: {
      except: {
        description: 'With `current`, the session of this request is not ended.',
        schema: z.literal('current').optional(),
      },
    },
    answers: {
      200: { description: 'The number of sessions that were ended.', schema: sessionsEndedResponseSchema },
    },
    errors: ['invalid_request', 'too_many_requests'],
    session: 'ends',
  },
  endSession: {
    method: 'DELETE',
    path: '/api/auth/sessions/{id}',
    summary: 'End one session',
    group: 'Sessions',
    access: 'user',
    answers: { 204: { description: 'The session has ended.' } },
    errors: ['not_found', 'too_many_requests'],
    session: 'ends',
  },
} as const satisfies Record<string, Endpoint>
