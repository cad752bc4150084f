import { headers as headerNames, problemSchema } from '@sallyport/protocol'
import { type Endpoint, endpoints, paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import {
  bearer,
  frontendSecret,
  password,
  startSallyport,
  type TestServer,
  verifierSecret,
  withOrganizations,
} from '../testing/sallyport.ts'

/** The settings that enable every endpoint with a body. */
const settings = {
  developmentInbox: true,
  mailedSignIn: 'on',
  ...withOrganizations,
} as const
const credentials = `"email":"bad@example.com","password":"${password}","name":"Bad Input"`
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const text = (value: string | Uint8Array<ArrayBuffer>) =>
  typeof value === 'string' ? new TextEncoder().encode(value) : value

/** Bodies that no endpoint accepts, with the status of each. */
const bodies: [name: string, body: string | Uint8Array<ArrayBuffer>, status: number][] = [
  ['half a JSON', '{"email":', 400],
  ['a form', 'email=a%40example.com&password=b', 400],
  ['a comment', `{/* */${credentials}}`, 400],
  ['a comma too many', `{${credentials},}`, 400],
  ['two objects', `{${credentials}}{}`, 400],
  ['a number', '42', 400],
  ['null', 'null', 400],
  ['a string', '"x"', 400],
  ['an array', `[{${credentials}}]`, 400],
  ['whitespace', ' \n', 400],
  ['a role', `{${credentials},"role":"owner","roles":["owner"],"isAdmin":true}`, 400],
  ['a dotted role', `{${credentials},"user.role":"owner","user[role]":"owner"}`, 400],
  ['another user', `{${credentials},"id":"1","sub":"1","userId":"1"}`, 400],
  ['__proto__', `{${credentials},"__proto__":{"roles":["owner"]}}`, 400],
  ['__proto__ alone', '{"__proto__":{"name":"Eve","roles":["owner"]}}', 400],
  ['constructor', `{${credentials},"constructor":{"prototype":{"roles":["owner"]}}}`, 400],
  ['duplicate members', `{${credentials},"email":"second@example.com","name":"x"}`, 400],
  ['an escaped duplicate', `{${credentials},"\\u0065mail":"second@example.com","n\\u0061me":"x"}`, 400],
  [
    'wrong types',
    '{"email":["a@example.com"],"password":{"$gt":""},"name":7,"token":1,"refreshToken":1}',
    400,
  ],
  ['booleans', '{"email":true,"password":true,"name":true,"token":true,"refreshToken":true}', 400],
  ['operators', '{"email":{"$gt":""},"password":{"$regex":".*"},"name":{"$ne":1},"token":{"$ne":""}}', 400],
  ['NUL', '{"email":"a\\u0000@example.com","password":"a\\u0000 password of length","name":"a\\u0000"}', 400],
  [
    'an unpaired surrogate',
    '{"email":"a@example.com","password":"a password \\ud800","name":"\\ud800"}',
    400,
  ],
  ['an empty token', '{"refreshToken":"","token":"","name":""}', 400],
  ['deep nesting', nested(2_000), 400],
  ['some nesting', `{${credentials},"x":${nested(12)}}`, 400],
  ['a thousand members', `{${Array.from({ length: 1000 }, (_, index) => `"k${index}":1`).join()}}`, 400],
  ['huge numbers', `{"email":1e400,"password":-1e400,"name":${'9'.repeat(400)}}`, 400],
  ['a byte order mark', `\uFEFF{${credentials}}`, 400],
  ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400],
  ['overlong UTF-8', new Uint8Array([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]), 400],
  ['UTF-16', new Uint8Array(Buffer.from(`{${credentials}}`, 'utf16le')), 400],
  ['one byte over the limit', `{"name":"${'x'.repeat(16_384 - 10)}"}`, 413],
  ['ten megabytes', `{"name":"${'x'.repeat(10 * 1024 * 1024)}"}`, 413],
]

const otherTypes = [
  'text/plain',
  'text/plain; application/json',
  'application/json, text/plain',
  'application/jsonp',
  'application/json5',
  'application/problem+json',
  'application/json; charset=utf-16',
  'application/json; charset=utf-8; x=y',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  '',
]

type Row = Endpoint & { request: NonNullable<Endpoint['request']> }
const rows = Object.values<Endpoint>(endpoints).filter((row): row is Row => row.request !== undefined)

async function authorized(server: TestServer, { access }: Row): Promise<Record<string, string>> {
  if (access === 'anybody') return {}
  if (access === 'verifier') return bearer(verifierSecret)
  const user = bearer((await server.signIn()).accessToken)
  return access === 'frontend' ? { ...user, [headerNames.frontendCredential]: frontendSecret } : user
}

const tables = [
  'user',
  'credential',
  'session',
  'signing_key',
  'revocation',
  'one_time_token',
  'mailed_sign_in',
  'mail',
]
const everything = (server: TestServer) => tables.map((table) => server.rows(table))

async function expectProblem(answer: Response, status: number, what: string): Promise<void> {
  expect(answer.status, what).toBe(status)
  expect(answer.headers.get('content-type'), what).toBe('application/problem+json')
  const problem = await answer.json()
  expect(problemSchema.parse(problem), what).toMatchObject({ status, requestId: expect.any(String) })
  expect(JSON.stringify(problem), what).not.toMatch(
    /node_modules|SQLITE|Zod|\.ts:|bad@example|second@example/,
  )
}

describe.each(rows)('$method $path', (endpoint) => {
  const { path, method, asForm } = endpoint

  test('refuses every bad body as problem+json, in bounded time, and stores nothing [A08, A12, A13, D01, D02, D03, J16]', async () => {
    const server = await startSallyport(settings)
    await server.addUser()
    const headers = { 'content-type': 'application/json', ...(await authorized(server, endpoint)) }
    const before = everything(server)
    for (const [name, body, status] of bodies) {
      const started = performance.now()
      await expectProblem(await server.fetch(path, { method, headers, body: text(body) }), status, name)
      expect(performance.now() - started, name).toBeLessThan(2_000)
    }
    expect(everything(server)).toEqual(before)
    expect(Object.keys(Object.prototype)).toEqual([])
    expect((await server.get(paths.health)).status).toBe(200)
  })

  test('stops reading a body without a length at the limit [D03]', async () => {
    const server = await startSallyport(settings)
    await server.addUser()
    const headers = { 'content-type': 'application/json', ...(await authorized(server, endpoint)) }
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1_024
        controller.enqueue(new Uint8Array(1_024).fill(0x20))
      },
    })
    const answer = await server.fetch(path, { method, headers, body: endless, duplex: 'half' } as RequestInit)
    await expectProblem(answer, 413, 'endless')
    expect(sent).toBeLessThan(32_768)
  })

  test('a truncated body is a bad request, and no fault of the server [D08]', async () => {
    const server = await startSallyport(settings)
    await server.addUser()
    const headers = { 'content-type': 'application/json', ...(await authorized(server, endpoint)) }
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('connection lost')),
    })
    const answer = await server.fetch(path, { method, headers, body: broken, duplex: 'half' } as RequestInit)
    await expectProblem(answer, 400, 'broken')
    expect(server.logLines.filter((line) => line.includes('fault'))).toEqual([])
  })

  test('refuses every other media type [C02]', async () => {
    const server = await startSallyport(settings)
    await server.addUser()
    const credential = await authorized(server, endpoint)
    for (const type of otherTypes) {
      // An endpoint that accepts forms finds none of its fields in this one.
      const isFormTaken = asForm === true && type === 'application/x-www-form-urlencoded'
      await expectProblem(
        await server.fetch(path, {
          method,
          headers: { 'content-type': type, ...credential },
          body: text(`{${credentials}}`),
        }),
        isFormTaken ? 400 : 415,
        type,
      )
    }
    expect(server.rows('user')).toHaveLength(1)
  })

  test('refuses a compressed body without reading it [D03]', async () => {
    const server = await startSallyport(settings)
    await server.addUser()
    const headers = {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      ...(await authorized(server, endpoint)),
    }
    await expectProblem(await server.fetch(path, { method, headers, body: text('{}') }), 415, 'gzip')
  })
})

test.each(['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"'])(
  'accepts the media type %j',
  async (type) => {
    const server = await startSallyport(settings)
    await server.addUser()
    const answer = await server.fetch(paths.signIn, {
      method: 'POST',
      headers: { 'content-type': type },
      body: JSON.stringify({ email: 'ada@example.com', password, transport: 'bearer' }),
    })
    expect(answer.status).toBe(200)
  },
)

test.each([paths.signUp, paths.signIn, paths.introspect])('%s: an empty body is refused', async (path) => {
  const server = await startSallyport(settings)
  const headers = { 'content-type': 'application/json', ...bearer(verifierSecret) }
  await expectProblem(await server.fetch(path, { method: 'POST', headers }), 400, path)
})

test('refresh and sign-out accept an empty body with cookies, but still check the media type [C03]', async () => {
  const server = await startSallyport(settings)
  await server.addUser()
  const browser = server.browser()
  await browser.signIn()
  const plain = await browser.send('POST', paths.refresh, undefined, { 'content-type': 'text/plain' })
  expect(plain.status).toBe(415)
  expect((await browser.send('POST', paths.refresh)).status).toBe(200)
  expect((await browser.send('POST', paths.signOut)).status).toBe(204)
})

test('an invalid form names its fields, and repeats none of their values', async () => {
  const server = await startSallyport(settings)
  const answer = await server.post(paths.signUp, {
    email: 'not-an-address',
    password: 'canary-7f3a',
    name: '',
  })
  const body = await answer.text()
  expect(JSON.parse(body)).toMatchObject({
    code: 'invalid_request',
    errors: [{ field: 'email' }, { field: 'name' }],
  })
  expect(body).not.toMatch(/not-an-address|canary/)
})
