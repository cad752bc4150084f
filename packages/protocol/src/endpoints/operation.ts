import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'

/** A mail of the development inbox, which was not sent. Times in milliseconds. */
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

/** The answer to `inbox`, the newest first. */
export const inboxResponseSchema = z.object({ mails: z.array(inboxMailSchema) })

const status = (value: string) => z.object({ status: z.literal(value) })

/** What operators and developers read. */
export const operationEndpoints = {
  openApi: {
    method: 'GET',
    path: '/api/auth/openapi.json',
    summary: 'This interface as OpenAPI 3.1',
    group: 'Operating',
    access: 'anybody',
    onlyWith: 'apiReference',
    answers: { 200: { description: 'The document.', schema: z.looseObject({ openapi: z.string() }) } },
  },
  reference: {
    method: 'GET',
    path: '/api/auth/reference',
    summary: 'This interface as a page',
    group: 'Operating',
    access: 'anybody',
    onlyWith: 'apiReference',
    answers: { 200: { description: 'A page.', mediaType: 'text/html' } },
  },
  health: {
    method: 'GET',
    path: '/healthz',
    summary: 'Check whether the process answers',
    group: 'Operating',
    access: 'anybody',
    answers: { 200: { description: 'It does.', schema: status('ok') } },
  },
  ready: {
    method: 'GET',
    path: '/readyz',
    summary: 'Check whether it can issue tokens',
    group: 'Operating',
    access: 'anybody',
    answers: { 200: { description: 'It can.', schema: status('ready') } },
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics for Prometheus',
    group: 'Operating',
    access: 'monitor',
    onlyWith: 'metricsSecret',
    answers: { 200: { description: 'Its text format.', mediaType: 'text/plain' } },
  },
  inbox: {
    method: 'GET',
    path: '/api/development/inbox',
    summary: 'Read the mails that were not sent',
    group: 'Operating',
    access: 'anybody',
    onlyWith: 'developmentInbox',
    answers: {
      200: { description: 'The newest first; only with a development inbox.', schema: inboxResponseSchema },
    },
    isLarge: true,
  },
} as const satisfies Record<string, Endpoint>
