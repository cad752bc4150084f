import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'

/** A mail in the development inbox. It is stored there instead of being sent. Times are in milliseconds since 1970, UTC. */
export const inboxMailSchema = z.object({
  id: z.string(),
  to: z.string(),
  at: z.number().int(),
  subject: z.string(),
  html: z.string(),
  text: z.string(),
})
/** A mail of the development inbox. `at` is in milliseconds since 1970, UTC. */
export type InboxMail = z.infer<typeof inboxMailSchema>

/** The answer to `inbox`. The newest mail is the first. */
export const inboxResponseSchema = z.object({ mails: z.array(inboxMailSchema) })

const status = (value: string) => z.object({ status: z.literal(value) })

/** Endpoints for operators and developers. */
export const operationEndpoints = {
  openApi: {
    method: 'GET',
    path: '/api/auth/openapi.json',
    summary: 'Read the OpenAPI 3.1 document of this API',
    group: 'Operating',
    access: 'anybody',
    onlyWith: 'apiReference',
    answers: { 200: { description: 'The document.', schema: z.looseObject({ openapi: z.string() }) } },
  },
  reference: {
    method: 'GET',
    path: '/api/auth/reference',
    summary: 'Read this API reference as a page',
    group: 'Operating',
    access: 'anybody',
    onlyWith: 'apiReference',
    answers: { 200: { description: 'A page.', mediaType: 'text/html' } },
  },
  health: {
    method: 'GET',
    path: '/healthz',
    summary: 'Check whether the process is up',
    group: 'Operating',
    access: 'anybody',
    answers: { 200: { description: 'The process is up.', schema: status('ok') } },
  },
  ready: {
    method: 'GET',
    path: '/readyz',
    summary: 'Check whether the server can issue tokens',
    group: 'Operating',
    access: 'anybody',
    answers: { 200: { description: 'The server can issue tokens.', schema: status('ready') } },
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    summary: 'Read the metrics for Prometheus',
    group: 'Operating',
    access: 'monitor',
    onlyWith: 'metricsSecret',
    answers: { 200: { description: 'The Prometheus text format.', mediaType: 'text/plain' } },
  },
  inbox: {
    method: 'GET',
    path: '/api/development/inbox',
    summary: 'Read the mails that were not sent',
    group: 'Operating',
    access: 'anybody',
    onlyWith: 'developmentInbox',
    answers: {
      200: {
        description: 'The mails, the newest first. Only a server with a development inbox has this endpoint.',
        schema: inboxResponseSchema,
      },
    },
    isLarge: true,
  },
} as const satisfies Record<string, Endpoint>
