import { type ErrorCode, errorTable, organizationPermissions, problemMediaType } from '@sallyport/protocol'
import { type Endpoint, endpoints } from '@sallyport/protocol/endpoints'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { type Config, readConfig } from '../config/config.ts'
import { readUserFields } from '../config/user-fields.ts'
import { errorsOf, type OpenApi, openApi } from '../http/openapi.ts'

/** Returns the OpenAPI document with every optional endpoint. */
const fullDocumentWith = (userFields: Config['userFields']): OpenApi =>
  openApi(
    readConfig(
      {
        secret: 'document-Kd82mVx0QpLz61TnRwBy47HsEj',
        issuer: 'http://localhost:4000',
        audience: 'billing-api',
        origins: 'http://localhost:3000',
        metricsSecret: 'monitor-Wq73bNc5YtHr90ZsJuGe18LkPo',
        developmentInbox: true,
        mailedSignIn: 'on',
        organizations: 'on',
        rolePermissions: { owner: [...organizationPermissions], member: [] },
      },
      { userFields },
    ),
  )

const noFields = readUserFields()
export const fullDocument: OpenApi = fullDocumentWith(noFields)
const documents = new WeakMap<Config['userFields'], OpenApi>([[noFields, fullDocument]])

/** Returns the document of a server that has these user fields. */
function documentOf(userFields: Config['userFields']): OpenApi {
  const found =
    documents.get(userFields) ?? (userFields.isEmpty ? fullDocument : fullDocumentWith(userFields))
  documents.set(userFields, found)
  return found
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
const validators = new Map<object, ValidateFunction>()
const patterns = Object.keys(fullDocument.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replace(/\./g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
}))

/**
 * Compares a response with the OpenAPI document: status, media type, body and error code. Then returns the response. So every test of the
 * server also tests the document.
 *
 * @throws Error when the response is not in the document. The message says what is not documented.
 */
export async function asPromised(
  request: Request,
  response: Response,
  userFields: Config['userFields'] = noFields,
): Promise<Response> {
  const complaint = await complaintAbout(request, response, documentOf(userFields))
  if (complaint === null) return response
  const { pathname } = new URL(request.url)
  throw new Error(`${request.method} ${pathname} answered ${response.status}, and ${complaint}`)
}

async function complaintAbout(
  request: Request,
  response: Response,
  document: OpenApi,
): Promise<string | null> {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (method === 'OPTIONS') return null
  const { pathname } = new URL(request.url)
  const path = patterns.find(({ pattern }) => pattern.test(pathname))?.path
  const operation = path === undefined ? undefined : document.paths[path]?.[method.toLowerCase()]
  const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? ''
  if (response.status >= 400) {
    if (type !== problemMediaType) return `is no problem but ${type}`
    if (request.method === 'HEAD') return null
    const body: unknown = await response.clone().json()
    const row = Object.values<Endpoint>(endpoints).find((one) => one.method === method && one.path === path)
    const known = row ? errorsOf(row) : []
    return complaintOfProblem(body, response.status, known)
  }
  const promised = operation?.responses[String(response.status)]
  if (!promised) return 'no such answer is promised'
  const [mediaType, content] = Object.entries(promised.content ?? {})[0] ?? ['', undefined]
  if (type !== mediaType) return `it is ${type} instead of ${mediaType}`
  if (mediaType !== 'application/json' || request.method === 'HEAD') return null
  return complaintOf(content?.schema ?? {}, await response.clone().json())
}

function complaintOfProblem(body: unknown, status: number, known: readonly ErrorCode[]): string | null {
  const wrong = complaintOf(fullDocument.components.schemas.Problem ?? {}, body)
  if (wrong !== null) return wrong
  const { code } = body as { code: ErrorCode }
  if (errorTable[code].status !== status) return `its code ${code} is one of ${errorTable[code].status}`
  const isElsewhere = known.length === 0 || code === 'method_not_allowed' || code === 'not_found'
  return isElsewhere || known.includes(code) ? null : `${code} is not promised`
}

function complaintOf(schema: object, body: unknown): string | null {
  const validate = validators.get(schema) ?? ajv.compile(schema)
  validators.set(schema, validate)
  return validate(body) ? null : ajv.errorsText(validate.errors)
}
