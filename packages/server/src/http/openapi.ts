import { type ErrorCode, errorTable, headers, problemMediaType, problemSchema } from '@sallyport/protocol'
import type { Access, Endpoint } from '@sallyport/protocol/endpoints'
import { z } from 'zod'
import type { Config } from '../config/config.ts'
import { cookieNamesOf } from './cookies.ts'
import { openEndpoints } from './open-endpoints.ts'
import { type WithUserFields, withUserFields } from './user-schemas.ts'

export type Json = Record<string, unknown>

/** One method of one path, in the form of the OpenAPI document. */
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

/** The errors that every request can get. */
const always: readonly ErrorCode[] = [
  'credential_conflict',
  'unavailable',
  'internal_error',
  'header_fields_too_large',
  'frontend_refused',
]
const withBody: readonly ErrorCode[] = ['invalid_request', 'unsupported_media_type', 'payload_too_large']
const ofUser: readonly ErrorCode[] = [
  'token_missing',
  'token_invalid',
  'token_expired',
  'token_stale',
  'session_ended',
  'credential_conflict',
]
const byAccess: Record<Access, readonly ErrorCode[]> = {
  anybody: [],
  user: ofUser,
  frontend: ofUser,
  verifier: ['client_unauthorized'],
  monitor: ['client_unauthorized'],
}

/** Returns the codes of all errors that an endpoint can return. */
export function errorsOf({ method, access, request, errors = [] }: Endpoint): ErrorCode[] {
  const changes: ErrorCode[] = method === 'GET' ? [] : ['origin_refused']
  return [...new Set([...errors, ...byAccess[access], ...changes, ...(request ? withBody : []), ...always])]
}

/**
 * Returns a description of the HTTP interface as OpenAPI 3.1. The description is made from the schemas that also check the requests, and it
 * contains only the endpoints that the settings enable.
 */
export function openApi(config: Config): OpenApi {
  const paths: OpenApi['paths'] = {}
  const open = openEndpoints(config)
  for (const [, row] of open)
    paths[row.path] = {
      ...paths[row.path],
      [row.method.toLowerCase()]: operation(row, withUserFields(config)),
    }
  return {
    openapi: '3.1.1',
    jsonSchemaDialect: 'https://spec.openapis.org/oas/3.1/dialect/base',
    info: {
      title: 'Sallyport',
      version: '1',
      description:
        'The auth server. Errors are `application/problem+json` (RFC 9457) with a stable `code`. Requests that change state and have cookies must have an allowed `Origin`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: config.issuer }],
    tags: [...new Set(open.map(([, { group }]) => group))].map((name) => ({ name })),
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
          description: 'SALLYPORT_VERIFIER_SECRET as the password, with any user name',
        },
        monitor: { type: 'http', scheme: 'bearer', description: 'SALLYPORT_METRICS_SECRET' },
        frontend: {
          type: 'apiKey',
          in: 'header',
          name: headers.frontendCredential,
          description: 'SALLYPORT_FRONTEND_SECRET',
        },
      },
    },
  }
}

const codes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]

function operation(endpoint: Endpoint, ofServer: WithUserFields): Operation {
  const { method, path, summary, group, access, request, mayBeEmpty, asForm, query = {} } = endpoint
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
    security: securityOf(access),
    ...(parameters.length > 0 && { parameters }),
    ...(request && {
      requestBody: {
        required: !mayBeEmpty,
        content: Object.fromEntries(
          mediaTypes.map((mediaType) => [mediaType, { schema: schemaOf(ofServer(request), 'input') }]),
        ),
      },
    }),
    responses: responsesOf(endpoint, ofServer),
  }
}

function securityOf(access: Access): Record<string, never[]>[] {
  if (access === 'anybody') return []
  if (access === 'user') return [{ bearer: [] }, { cookie: [] }]
  if (access === 'frontend') return [{ bearer: [], frontend: [] }]
  return access === 'verifier' ? [{ verifier: [] }, { verifierBasic: [] }] : [{ [access]: [] }]
}

function responsesOf(endpoint: Endpoint, ofServer: WithUserFields): Operation['responses'] {
  const responses: Operation['responses'] = {}
  for (const [status, { description, schema, mediaType = 'application/json' }] of Object.entries(
    endpoint.answers,
  )) {
    const content =
      status === '204'
        ? {}
        : {
            content: {
              [mediaType]: { schema: schema ? schemaOf(ofServer(schema), 'output') : { type: 'string' } },
            },
          }
    responses[status] = { description, ...content }
  }
  const errors = Object.groupBy(errorsOf(endpoint), (code) => errorTable[code].status)
  for (const [status, found] of Object.entries(errors)) {
    const description = (found ?? []).map((code) => `\`${code}\`: ${errorTable[code].title}`).join('\n\n')
    const schema = { $ref: '#/components/schemas/Problem' }
    responses[status] = { description, content: { [problemMediaType]: { schema } } }
  }
  return responses
}

/**
 * Converts a schema to JSON Schema. With `input`, the result describes the values before the transformations of the schema, because clients
 * send these values.
 */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  })
  return rest
}
