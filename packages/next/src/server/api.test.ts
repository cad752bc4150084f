import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { problem } from '@sallyport/protocol'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { readConfig } from '../config/config.ts'
import { createAuth } from '../server.ts'
import { startAuthServer } from '../testing/auth-server.ts'
import { startCustom } from '../testing/custom-pages.ts'
import { openPage } from '../testing/open-page.ts'
import { createApi, createApis } from './api.ts'
import { userCaller } from './caller.ts'
import type { CurrentSession } from './current-session.ts'
import { ApiError } from './session-error.ts'

/** The API as an action of somebody who is signed in calls it. */
async function signedInApi(changes: Parameters<typeof startCustom>[0] = {}, apiUrl?: string) {
  const started = await startCustom(changes, apiUrl)
  const { page, runtime } = started
  await page.signIn()
  const { accessToken = '' } = page.jar()
  const principal = await runtime.verifier.verify(accessToken)
  const request: CurrentSession['request'] = {
    headers: new Headers({ origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }),
    cookieHeader: Object.entries(page.jar())
      .map((pair) => pair.join('='))
      .join('; '),
    isWritable: () => true,
    setCookies: () => {},
  }
  const session = { kind: 'signedIn' as const, principal, accessToken, changes: [] }
  const api = createApi(
    () => runtime,
    userCaller(
      () => runtime,
      async () => ({ request, session, isForeign: false }),
    ),
  )
  return { ...started, api, accessToken }
}

describe('a 401 of an API without Sallyport’s codes', () => {
  it('to a POST: the call is not repeated, and the next request renews', async () => {
    const { backend, api, page } = await signedInApi()
    backend.answers['POST /things'] = { status: 401 }
    await expect(api.post('/things', { amount: 7 })).rejects.toThrow(ApiError)
    expect(backend.count('POST /things')).toBe(1)
    expect(backend.count('POST /refresh')).toBe(0)
    expect(await page.principal()).toMatchObject({ userId: '7' })
    expect(backend.count('POST /refresh')).toBe(1)
  })

  it('to a GET: the call is repeated with a new token', async () => {
    const { backend, api } = await signedInApi()
    let asked = 0
    Object.defineProperty(backend.answers, 'GET /things', {
      get: () => (asked++ === 0 ? { status: 401 } : undefined),
    })
    expect(await api.get('/things')).toMatchObject({ id: 7 })
    expect(backend.count('POST /refresh')).toBe(1)
  })

  it('with our code: a POST is repeated', async () => {
    const { backend, api } = await signedInApi()
    let asked = 0
    Object.defineProperty(backend.answers, 'POST /things', {
      get: () =>
        asked++ === 0 ? { status: 401, body: problem('token_stale') } : { status: 200, body: { paid: true } },
    })
    expect(await api.post('/things', { amount: 7 })).toEqual({ paid: true })
    expect(backend.count('POST /things')).toBe(2)
  })

  it('for a session that cannot be renewed: the user stays signed in', async () => {
    const { backend, api, page } = await signedInApi({ refresh: undefined })
    backend.answers['GET /things'] = { status: 401 }
    await expect(api.get('/things')).rejects.toThrow(ApiError)
    expect(await page.principal()).toMatchObject({ userId: '7' })
  })
})

it('a 401 that asks for another authentication renews nothing, now and later [RFC 9470 section 3]', async () => {
  const { backend, api, page } = await signedInApi()
  const challenge = 'Bearer error="insufficient_user_authentication", max_age="600"'
  backend.answers['GET /things'] = { status: 401, headers: { 'www-authenticate': challenge } }
  await expect(api.get('/things')).rejects.toMatchObject({ status: 401 })
  expect(backend.count('GET /things')).toBe(1)
  expect(await page.principal()).toMatchObject({ userId: '7' })
  expect(backend.count('POST /refresh')).toBe(0)
})

it('after a 401, the next request gets a new token without rotation, too', async () => {
  const { backend, page } = await startCustom({
    refresh: (_, send) => send('POST', '/login', { password: 'right' }),
    tokens: ({ body }) => ({ accessToken: body.accessToken, refreshToken: 'always-the-same' }),
  })
  await page.signIn()
  backend.answers['POST /things'] = { status: 401 }
  const before = page.jar().accessToken
  expect((await page.ask('POST', '/api/things', { body: '{}' })).status).toBe(401)
  expect(await page.principal()).toMatchObject({ userId: '7' })
  expect(page.jar().accessToken).not.toBe(before)
  expect(backend.count('POST /things')).toBe(1)
})

type Arrived = { method: string; path: string; headers: IncomingMessage['headers']; body: Buffer }

/** An API that writes down what arrives, and answers as it is told. */
async function startApi(answer: (arrived: Arrived, response: ServerResponse) => void) {
  const arrived: Arrived[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url: path = '', headers } = request
    const call = { method, path, headers, body: Buffer.concat(chunks) }
    arrived.push(call)
    answer(call, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { arrived, url }
}

/** The same, called for somebody who is signed in. */
async function callApi(
  answer: (arrived: Arrived, response: ServerResponse) => void = (_, response) => response.end(),
) {
  const started = await startApi(answer)
  const signedIn = await signedInApi({}, `${started.url}/v1`)
  return { ...signedIn, ...started }
}

describe('the response to a successful call', () => {
  const answers = [
    ['200 with an empty body', 200, {}, '', null],
    ['201 with an empty body', 201, { 'content-type': 'application/json' }, '', null],
    ['202 with text', 202, { 'content-type': 'text/plain' }, 'queued', 'queued'],
    ['200 with text and no type', 200, {}, 'OK', 'OK'],
    ['204', 204, {}, '', null],
    ['JSON', 200, { 'content-type': 'application/json; charset=utf-8' }, '{"a":1}', { a: 1 }],
    ['JSON of a vendor', 200, { 'content-type': 'application/vnd.api+json' }, '{"a":1}', { a: 1 }],
    ['JSON that is called HTML', 200, { 'content-type': 'text/html' }, '[{"a":1}]', [{ a: 1 }]],
    ['text that is no JSON', 200, { 'content-type': 'text/plain' }, '[draft] saved', '[draft] saved'],
    ['text of digits', 200, { 'content-type': 'text/plain' }, '007', '007'],
    ['XML', 200, { 'content-type': 'application/xml' }, '<a/>', '<a/>'],
  ] as const

  it.each(answers)('accepts %s, and sends it once', async (_, status, headers, body, expected) => {
    const { api, arrived } = await callApi((_call, response) => response.writeHead(status, headers).end(body))
    expect(await api.post('/things', { a: 1 })).toEqual(expected)
    expect(arrived).toHaveLength(1)
  })

  it('returns bytes as a Blob with their type', async () => {
    const { api } = await callApi((_, response) =>
      response.writeHead(200, { 'content-type': 'application/pdf' }).end(Buffer.from([0, 255, 128])),
    )
    const blob = await api.get<Blob>('/things')
    expect([blob.type, [...new Uint8Array(await blob.arrayBuffer())]]).toEqual([
      'application/pdf',
      [0, 255, 128],
    ])
  })

  it('returns status and headers on request', async () => {
    const { api } = await callApi((_, response) =>
      response.writeHead(201, { location: '/v1/things/7' }).end(),
    )
    const { status, headers, data } = await api.request('POST', '/things', { body: { a: 1 } })
    expect([status, headers.get('location'), data]).toEqual([201, '/v1/things/7', null])
  })

  it('says that the call was carried out if the response is invalid JSON', async () => {
    const { api } = await callApi((_, response) =>
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"half":'),
    )
    await expect(api.post('/things')).rejects.toMatchObject({
      name: 'ApiError',
      message: expect.stringContaining('was carried out'),
    })
  })

  it('keeps the API’s text of an error that is not problem+json', async () => {
    const { api } = await callApi((_, response) =>
      response.writeHead(422, { 'content-type': 'application/json' }).end('{"email":["taken"]}'),
    )
    await expect(api.post('/things')).rejects.toMatchObject({
      status: 422,
      problem: null,
      body: { email: ['taken'] },
    })
  })
})

describe('the API gets exactly what was sent', () => {
  const bytes = new Uint8Array([0, 1, 254, 255])
  const stream = () => new Blob([bytes]).stream()
  const rows = [
    ['an object', () => ({ a: 1 }), 'application/json', '{"a":1}'],
    ['nothing', () => undefined, 'application/json', '{}'],
    ['null', () => null, 'application/json', 'null'],
    ['text', () => 'größer', 'text/plain;charset=UTF-8', 'größer'],
    ['an empty text', () => '', 'text/plain;charset=UTF-8', ''],
    [
      'a form',
      () => new URLSearchParams({ a: '1', b: 'ü' }),
      'application/x-www-form-urlencoded;charset=UTF-8',
      'a=1&b=%C3%BC',
    ],
    ['a Blob with a type', () => new Blob(['a,b'], { type: 'text/csv' }), 'text/csv', 'a,b'],
    ['a Blob without one', () => new Blob([bytes]), 'application/octet-stream', bytes],
    ['an ArrayBuffer', () => bytes.slice().buffer, 'application/octet-stream', bytes],
    ['a typed array', () => bytes, 'application/octet-stream', bytes],
    [
      'a part of a buffer',
      () => Buffer.from([9, ...bytes, 9]).subarray(1, 5),
      'application/octet-stream',
      bytes,
    ],
    ['a stream', stream, 'application/octet-stream', bytes],
    ['a stream of Node', () => Readable.from([Buffer.from(bytes)]), 'application/octet-stream', bytes],
  ] as const

  it.each(rows)('%s', async (_, body, type, expected) => {
    const { api, arrived } = await callApi()
    expect(await api.put('/things', body())).toBe(null)
    expect(arrived[0]?.headers['content-type']).toBe(type)
    expect(arrived[0]?.body).toEqual(Buffer.from(expected))
  })

  it('FormData, with a file', async () => {
    const { api, arrived } = await callApi()
    const form = new FormData()
    form.set('title', 'größer')
    form.set('file', new File([bytes], 'a.bin', { type: 'image/png' }))
    await api.post('/things', form)
    const received = await new Response(new Uint8Array(arrived[0]?.body ?? []), {
      headers: { 'content-type': arrived[0]?.headers['content-type'] ?? '' },
    }).formData()
    const file = received.get('file') as File
    expect(received.get('title')).toBe('größer')
    expect([file.name, file.type, new Uint8Array(await file.arrayBuffer())]).toEqual([
      'a.bin',
      'image/png',
      bytes,
    ])
  })

  it('refuses data that JSON would lose, and bodies of methods without one', async () => {
    const { api, arrived } = await callApi()
    await expect(api.post('/things', { rows: new Map() })).rejects.toThrow(TypeError)
    await expect(api.request('GET', '/things', { body: {} })).rejects.toThrow(TypeError)
    await expect(api.request('TRACE', '/things')).rejects.toThrow(TypeError)
    const headers = { 'content-type': 'multipart/form-data' }
    await expect(api.post('/things', new FormData(), { headers })).rejects.toThrow(/boundary/)
    await expect(api.get('/things', { timeoutSeconds: 0 })).rejects.toThrow(TypeError)
    expect(arrived).toEqual([])
  })

  it('headers of the call, except Authorization', async () => {
    const { api, arrived, accessToken } = await callApi()
    const headers = {
      accept: 'text/csv',
      'content-type': 'text/csv',
      'x-mine': '1',
      authorization: 'Basic eA==',
    }
    await api.post('/things', 'a,b', { headers })
    expect(arrived[0]?.headers).toMatchObject({
      accept: 'text/csv',
      'content-type': 'text/csv',
      'x-mine': '1',
    })
    expect(arrived[0]?.headers.authorization).toBe(`Bearer ${accessToken}`)
    await api.get('/things')
    expect(arrived[1]?.headers.accept).toBe('application/json')
  })
})

describe('a stream, if the token is renewed during the call', () => {
  it('is not repeated, the error says so, and the next call succeeds', async () => {
    let calls = 0
    const { api, arrived, backend } = await callApi((_, response) => {
      const isFirst = calls++ === 0
      response.writeHead(isFirst ? 401 : 200, { 'content-type': 'application/json' })
      response.end(isFirst ? JSON.stringify(problem('token_stale')) : '{}')
    })
    await expect(api.post('/things', new Blob(['a']).stream())).rejects.toMatchObject({
      status: 401,
      message: expect.stringContaining('cannot be sent a second time'),
    })
    expect(backend.count('POST /refresh')).toBe(1)
    expect(arrived).toHaveLength(1)
    expect(await api.post('/things', new Blob(['a']).stream())).toEqual({})
  })

  it('a Blob is repeated with the new token', async () => {
    let calls = 0
    const { api, arrived } = await callApi((_, response) => {
      const isFirst = calls++ === 0
      response.writeHead(isFirst ? 401 : 200, { 'content-type': 'application/json' })
      response.end(isFirst ? JSON.stringify(problem('token_stale')) : '{}')
    })
    expect(await api.post('/things', new Blob(['a']))).toEqual({})
    expect(arrived.map(({ body }) => String(body))).toEqual(['a', 'a'])
    expect(arrived[0]?.headers.authorization).not.toBe(arrived[1]?.headers.authorization)
  })
})

describe('time-outs and signals of a call', () => {
  it('end a call that takes longer, even within a body', async () => {
    for (const answer of [
      () => {},
      (_: Arrived, response: ServerResponse) => void response.write('{"half":'),
    ]) {
      const { api } = await callApi(answer)
      await expect(api.post('/things', {}, { timeoutSeconds: 0.2 })).rejects.toMatchObject({
        status: 504,
        message: expect.stringMatching(/0\.2 seconds.*unknown/),
      })
    }
  })

  it('end a call with the reason of the signal', async () => {
    const abort = new AbortController()
    const { api } = await callApi(() => abort.abort(new Error('left the page')))
    await expect(api.get('/things', { signal: abort.signal })).rejects.toThrow('left the page')
  })

  it('report an unknown outcome if the API disconnects', async () => {
    const { api } = await callApi((_, response) => response.destroy())
    await expect(api.post('/things')).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining('It is unknown whether'),
    })
  })
})

describe('redirects of an API', () => {
  const redirecting = (status: number, location: string) =>
    callApi((call, response) => {
      if (call.path === '/v1/things') response.writeHead(status, { location }).end()
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"found":true}')
    })

  it.each([301, 302, 303, 307, 308])('follows %i to a GET within the API, with the token', async (status) => {
    const { api, arrived, accessToken } = await redirecting(status, '/v1/things/')
    expect(await api.get('/things')).toEqual({ found: true })
    expect(arrived[1]).toMatchObject({ method: 'GET', path: '/v1/things/' })
    expect(arrived[1]?.headers.authorization).toBe(`Bearer ${accessToken}`)
  })

  it.each([307, 308])('repeats the POST after %i', async (status) => {
    const { api, arrived } = await redirecting(status, '/v1/things/')
    expect(await api.post('/things', { a: 1 })).toEqual({ found: true })
    expect(arrived.map(({ method, body }) => `${method} ${body}`)).toEqual(['POST {"a":1}', 'POST {"a":1}'])
  })

  it.each([301, 302, 303])('does not follow %i to a POST, and reports an error', async (status) => {
    const { api, arrived } = await redirecting(status, '/v1/login/')
    await expect(api.post('/things')).rejects.toMatchObject({
      status,
      message: expect.stringContaining('It is unknown whether'),
    })
    expect(arrived).toHaveLength(1)
  })

  it('does not repeat a stream', async () => {
    const { api, arrived } = await redirecting(307, '/v1/things/')
    await expect(api.post('/things', new Blob(['a']).stream())).rejects.toMatchObject({ status: 307 })
    expect(arrived).toHaveLength(1)
  })

  it.each(['/elsewhere', '//evil.test/v1/', 'http://evil.test/', '/v1/../admin', '/v10/things'])(
    'sends no token to %s, outside of the API',
    async (location) => {
      const { api, arrived } = await redirecting(302, location)
      await expect(api.get('/things')).rejects.toMatchObject({ status: 302, name: 'ApiError' })
      expect(arrived).toHaveLength(1)
    },
  )

  it('stops a redirect loop', async () => {
    const { api, arrived } = await redirecting(302, '/v1/things')
    await expect(api.get('/things')).rejects.toMatchObject({ status: 302 })
    expect(arrived).toHaveLength(6)
  })
})

describe('several APIs', () => {
  async function severalApis(audience: string[]) {
    const orders = await startApi((_, response) => response.end('orders'))
    const billing = await startApi((_, response) => response.end('billing'))
    const { server, runtime } = startAuthServer({
      apis: {
        orders: { url: `${orders.url}/v1`, paths: ['/orders', '/carts'], audience: 'orders-api' },
        billing: { url: billing.url, paths: ['/invoices'] },
      },
    })
    server.audience = audience
    const accessToken = server.accessToken()
    const page = openPage(runtime, { accessToken, refreshToken: 'refresh-0' })
    const principal = await runtime.verifier.verify(accessToken)
    const session = { kind: 'signedIn' as const, principal, accessToken, changes: [] }
    const request = {
      headers: new Headers({ origin: 'http://localhost:3000' }),
      cookieHeader: null,
      isWritable: () => true,
      setCookies: () => {},
    }
    const api = createApis(
      () => runtime,
      async () => ({ request, session, isForeign: false }),
      async () => ({ request, kind: 'outside' }),
      ['orders', 'billing'],
    )
    return { api, page, orders: orders.arrived, billing: billing.arrived }
  }

  it('are called by name, each at its URL', async () => {
    const { api, orders, billing } = await severalApis(['billing-web', 'orders-api'])
    expect(await api.orders.get('/orders/7')).toBe('orders')
    expect(await api.billing.post('/invoices')).toBe('billing')
    expect([orders[0]?.path, billing[0]?.path]).toEqual(['/v1/orders/7', '/invoices'])
    await expect(api.get('/orders')).rejects.toThrow(/no API to call/)
    await expect(api.orders.get('/../admin')).rejects.toThrow(TypeError)
  })

  it('/api forwards each path to its API, and no other path', async () => {
    const { page, orders, billing } = await severalApis(['billing-web', 'orders-api'])
    const statusOf = async (path: string) => (await page.request('GET', path)).status
    expect(await statusOf('/api/orders/7?a=1')).toBe(200)
    expect(await statusOf('/api/carts')).toBe(200)
    expect(await statusOf('/api/invoices')).toBe(200)
    for (const path of ['/api/ordersx', '/api/billing', '/api/orders/../invoices/%2e%2e/admin', '/api/'])
      expect(await statusOf(path)).toBe(404)
    expect(orders.map(({ path }) => path)).toEqual(['/v1/orders/7?a=1', '/v1/carts'])
    expect(billing.map(({ path }) => path)).toEqual(['/invoices'])
  })

  it('sends no token to an API whose audience it lacks, and explains the error', async () => {
    const complaints = vi.spyOn(console, 'error').mockReturnValue()
    const { api, page, orders, billing } = await severalApis(['billing-web'])
    await expect(api.orders.get('/orders')).rejects.toThrow(/orders-api.*SALLYPORT_AUDIENCE/)
    await expect(api.orders.get('/orders')).rejects.toThrow(TypeError)
    expect((await page.request('GET', '/api/orders')).status).toBe(500)
    expect(complaints.mock.calls.flat().join()).toMatch(/orders-api.*SALLYPORT_AUDIENCE/)
    complaints.mockRestore()
    expect(orders).toEqual([])
    // One without an audience takes any.
    expect(await api.billing.get('/invoices')).toBe('billing')
    expect(billing).toHaveLength(1)
  })

  it.each<[string, Parameters<typeof createAuth>[0], RegExp]>([
    ['the same path', { apis: { a: { paths: ['/x'] }, b: { paths: ['/x'] } } }, /overlap/],
    [
      'one path below the other',
      { apis: { a: { paths: ['/x/y'] }, b: { paths: ['/x'] } } },
      /\/x\/y of `apis\.a` and \/x of `apis\.b`/,
    ],
    ['a final slash', { apis: { a: { paths: ['/x/'] }, b: { paths: ['/x'] } } }, /overlap/],
    ['a path of the one API', { apiPaths: ['/x'], apis: { a: { paths: ['/x'] } } }, /`apiPaths`/],
    ['a name that is a call', { apis: { get: {} } }, /name "get"/],
    ['a name of every object', { apis: { constructor: {} } }, /name "constructor"/],
    ['a name that would make a promise of it', { apis: JSON.parse('{"then":{}}') }, /name "then"/],
    ['a name that cannot be written', { apis: { 'my-api': {} } }, /name "my-api"/],
    ['a misspelt option', { apis: { a: { path: ['/x'] } as object } }, /no option `path`/],
    ['an empty audience', { apis: { a: { audience: '' } } }, /apis\.a\.audience/],
  ])('%s is a TypeError at start', (_, options, message) => {
    expect(() => createAuth(options)).toThrow(TypeError)
    expect(() => createAuth(options)).toThrow(message)
  })

  it('accepts paths that only have a common prefix', () => {
    expect(() =>
      createAuth({ apis: { a: { paths: ['/order'] }, b: { paths: ['/orders', '/orders/new'] } } }),
    ).not.toThrow()
  })

  it('takes a missing URL from the environment, or names the variable in the error', () => {
    const env = {
      APP_URL: 'http://localhost:3000',
      SALLYPORT_URL: 'http://localhost:4000',
      SALLYPORT_AUDIENCE: 'web',
    }
    const options = { apis: { orderItems: { paths: ['/items'] } } }
    expect(() => readConfig(options, env)).toThrow(/API_URL_ORDER_ITEMS/)
    const { apis } = readConfig(options, { ...env, API_URL_ORDER_ITEMS: 'http://localhost:4200' })
    expect(apis).toMatchObject([
      { name: 'orderItems', url: new URL('http://localhost:4200'), audience: null },
    ])
  })

  it('has types with the names of the APIs', () => {
    const { api } = createAuth({ apis: { orders: {}, billing: {} } })
    expect([typeof api.orders.get, typeof api.billing.request, typeof api.get]).toEqual(
      Array(3).fill('function'),
    )
    // @ts-expect-error: there is no such API.
    expect(api.nothing).toBeUndefined()
    // @ts-expect-error: nor any without `apis`.
    expect(createAuth().api.orders).toBeUndefined()
  })
})
