import { type ErrorCode, errorTable, problemMediaType, problemSchema } from '@sallyport/protocol'
import { z } from 'zod'
import type { Caller, Endpoint } from '../../../protocol/src/endpoints/endpoint.ts'
import type { Config } from '../config/config.ts'
import { cookieNamesOf } from './cookies.ts'
import { endpointsOf } from './endpoints.ts'
import { userSchemasOf } from './user-schemas.ts'

export type Json = Record<string, unknown>

/** One method of one address, as the document holds it. */
export type Operation = {
  operationId: string
  summary: string
  tags: string[]
  security: Record<string, never[]>[]
  parameters?: { name: string; in: string; description?: string; schema: Json }[]
  requestBody?: { required: boolean; content: Record<string, { schema: Json }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>
}

export type OpenApi = Json & {
  info: Json & { title: string; description: string }
  servers: { url: string }[]
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: Json & { schemas: Record<string, Json> }
}

/** Errors that every request may meet. */
const always: readonly ErrorCode[] = [
  'credential_conflict',
  'unavailable',
  'internal_error',
  'header_fields_too_large',
  'frontend_refused',
]
const withBody: readonly ErrorCode[] = ['invalid_request', 'unsupported_media_type', 'payload_too_large']
const byCaller: Record<Caller, readonly ErrorCode[]> = {
  anybody: [],
  person: [
    'token_missing',
    'token_invalid',
    'token_expired',
    'token_stale',
    'session_ended',
    'credential_conflict',
  ],
  verifier: ['client_unauthorized'],
  monitor: ['client_unauthorized'],
}

/** All codes that an endpoint may answer with. */
export function errorsOf(method: string, { caller, request, errors = [] }: Endpoint): ErrorCode[] {
  const changes: ErrorCode[] = method === 'GET' ? [] : ['origin_refused']
  return [...new Set([...errors, ...byCaller[caller], ...changes, ...(request ? withBody : []), ...always])]
}

/**
 * The HTTP interface as OpenAPI 3.1, made of the very schemas that requests are judged by. Only what these settings open is in it.
 */
export function openApi(config: Config): OpenApi {
  const paths: OpenApi['paths'] = {}
  const endpoints = endpointsOf(userSchemasOf(config))
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const [method = '', path = ''] = name.split(' ')
    if (!isOpen(endpoint, path, config)) continue
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(method, path, endpoint) }
  }
  return {
    openapi: '3.1.1',
    jsonSchemaDialect: 'https://spec.openapis.org/oas/3.1/dialect/base',
    info: {
      title: 'Sallyport',
      version: '1',
      description:
        'The auth server. Errors are `application/problem+json` (RFC 9457) with a stable `code`. Requests by cookie that change something come from an allowed `Origin`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: config.issuer }],
    tags: [...new Set(Object.values(endpoints).map(({ group }) => group))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema.extend({ code: z.enum(codes) }), 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        cookie: { type: 'apiKey', in: 'cookie', name: cookieNamesOf(config).accessToken },
        verifier: { type: 'http', scheme: 'bearer', description: 'SALLYPORT_VERIFIER_SECRET' },
        verifierBasic: {
          type: 'http',
          scheme: 'basic',
          description: 'SALLYPORT_VERIFIER_SECRET as the password; the name may be any',
        },
        monitor: { type: 'http', scheme: 'bearer', description: 'SALLYPORT_METRICS_SECRET' },
      },
    },
  }
}

const codes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]

function isOpen({ caller }: Endpoint, path: string, { metricsSecret, developmentInbox }: Config): boolean {
  if (caller === 'monitor') return metricsSecret !== undefined
  return !path.endsWith('/inbox') || developmentInbox
}

function operation(method: string, path: string, endpoint: Endpoint): Operation {
  const { summary, group, caller, request, mayBeEmpty, asForm, query = {} } = endpoint
  const mediaTypes = ['application/json', ...(asForm ? ['application/x-www-form-urlencoded'] : [])]
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...Object.entries(query).map(([name, { description, schema }]) => ({
      name,
      in: 'query',
      description,
      schema: schemaOf(schema, 'input'),
    })),
  ]
  return {
    operationId: `${method.toLowerCase()}${path
      .replace(/^\/(?:api|\.well-known)\/?/, '/')
      .replace(/[^a-z\d]+([a-z\d])/gi, (_, letter: string) => letter.toUpperCase())
      .replace(/\W/g, '')}`,
    summary,
    tags: [group],
    security: securityOf(caller),
    ...(parameters.length > 0 && { parameters }),
    ...(request && {
      requestBody: {
        required: !mayBeEmpty,
        content: Object.fromEntries(
          mediaTypes.map((mediaType) => [mediaType, { schema: schemaOf(request, 'input') }]),
        ),
      },
    }),
    responses: responsesOf(method, endpoint),
  }
}

function securityOf(caller: Caller): Record<string, never[]>[] {
  if (caller === 'anybody') return []
  if (caller === 'person') return [{ bearer: [] }, { cookie: [] }]
  return caller === 'verifier' ? [{ verifier: [] }, { verifierBasic: [] }] : [{ [caller]: [] }]
}

function responsesOf(method: string, endpoint: Endpoint): Operation['responses'] {
  const responses: Operation['responses'] = {}
  for (const [status, { description, schema, mediaType = 'application/json' }] of Object.entries(
    endpoint.answers,
  )) {
    const content =
      status === '204'
        ? {}
        : { content: { [mediaType]: { schema: schema ? schemaOf(schema, 'output') : { type: 'string' } } } }
    responses[status] = { description, ...content }
  }
  const errors = Object.groupBy(errorsOf(method, endpoint), (code) => errorTable[code].status)
  for (const [status, found] of Object.entries(errors)) {
    const description = (found ?? []).map((code) => `\`${code}\`: ${errorTable[code].title}`).join('\n\n')
    const schema = { $ref: '#/components/schemas/Problem' }
    responses[status] = { description, content: { [problemMediaType]: { schema } } }
  }
  return responses
}

/** A schema as JSON Schema; what a transformation makes of an input is not a matter of the wire. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  })
  return rest
}
