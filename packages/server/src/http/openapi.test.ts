import { paths } from '@sallyport/protocol'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { readUserFields } from '../config/user-fields.ts'
import { fullDocument } from '../testing/promised.ts'
import { startSallyport } from '../testing/sallyport.ts'
import { endpointsOf } from './endpoints.ts'
import { routes } from './routes.ts'
import { userSchemasOf } from './user-schemas.ts'

test('every address that answers is described, and none that does not', () => {
  const answering = Object.entries(routes).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
  )
  expect(Object.keys(endpointsOf(userSchemasOf({ userFields: readUserFields() }))).sort()).toEqual(
    answering.sort(),
  )
})

test('a public validator finds it to be OpenAPI 3.1', async () => {
  const validator = new Validator()
  expect(await validator.validate(structuredClone(fullDocument))).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
})

test('each operation has a name of its own', () => {
  const names = Object.values(fullDocument.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z\d]+$/)
})

test('ASVS 6.4.2, N-05: no operation takes or gives a hint, or the answer to a question', () => {
  const fields = [...JSON.stringify(fullDocument).matchAll(/"properties":\{.*?\}\}/g)]
    .join()
    .replaceAll('token_type_hint', '')
  expect(fields).toContain('currentPassword')
  expect(fields).not.toMatch(/hint|question|answer|birth|maiden/i)
})

test('what requests are judged by is what the document says of them', () => {
  const schema = fullDocument.paths[paths.login]?.post?.requestBody?.content['application/json']?.schema
  expect(schema).toMatchObject({
    type: 'object',
    required: ['email', 'password'],
    additionalProperties: false,
    properties: { password: { type: 'string', maxLength: 1024 }, transport: { enum: ['cookie', 'bearer'] } },
  })
})

describe('where it is served', () => {
  test('with an issuer on localhost: the document, and a page that loads nothing', async () => {
    const server = await startSallyport()
    const document = (await (await server.get(paths.openApi)).json()) as typeof fullDocument
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(document.paths[paths.metrics]).toBeUndefined()
    expect(document.paths[paths.inbox]).toBeUndefined()
    const page = await server.get(paths.reference)
    const html = await page.text()
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(html).not.toMatch(/<script|<link|<img|src=|@import|url\(/)
    for (const path of Object.keys(document.paths)) expect(html).toContain(path)
  })

  test('not in production, unless it was asked for', async () => {
    const https = { issuer: 'https://auth.example.com', origins: 'https://app.example.com' }
    const closed = await startSallyport(https)
    for (const path of [paths.openApi, paths.reference]) expect((await closed.get(path)).status).toBe(404)
    const open = await startSallyport({ ...https, apiReference: true })
    expect((await open.get(paths.openApi)).status).toBe(200)
    const shut = await startSallyport({ apiReference: false })
    expect((await shut.get(paths.reference)).status).toBe(404)
  })
})
