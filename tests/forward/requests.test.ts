import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { startFront } from './front.ts'
import { exchange } from './raw-exchange.ts'
import { startRecordingApi } from './recording-api.ts'

async function startBoth(options: Parameters<typeof startFront>[0] = {}) {
  const api = await startRecordingApi()
  const front = await startFront({ api: api.url, ...options })
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string[]) =>
    exchange({ method, url: front.url + path, headers: { ...front.own, ...headers }, ...(body && { body }) })
  return { api, front, ask }
}

it('removes headers that a browser may not send to the API [X04, X05]', async () => {
  const { api, front, ask } = await startBoth()
  const kept = {
    authorization: 'Bearer evil',
    connection: 'x-hop, close',
    'x-hop': '1',
    'keep-alive': 'timeout=5',
    'proxy-authorization': 'Basic x',
    te: 'trailers',
    upgrade: 'h2c',
    expect: '100-continue',
    forwarded: 'for=203.0.113.9',
    'x-real-ip': '203.0.113.9',
    'true-client-ip': '203.0.113.9',
    'cf-connecting-ip': '203.0.113.9',
    'x-forwarded-for': '203.0.113.1, 203.0.113.7',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/evil',
    'x-forwarded-port': '1',
    'x-original-url': '/internal',
    'x-rewrite-url': '/internal',
    script_name: '/things',
    path_info: '/internal',
    'remote-user': 'evil',
    x_real_ip: '203.0.113.9',
    x_forwarded_host: 'evil.example',
    'x-forwarded': 'for=203.0.113.9',
    'fly-client-ip': '203.0.113.9',
    sallyport_client_address: '203.0.113.9',
    'sallyport-frontend': 'evil',
    'sallyport-client-address': '203.0.113.9',
    'x-middleware-subrequest': 'a:a:a',
  }
  expect((await ask('GET', '/things', kept)).status).toBe(200)
  const { connection, authorization, host, ...said } = api.last().headers
  expect(authorization).toBe(`Bearer ${front.accessToken}`)
  expect(host).toBe(`127.0.0.1:${api.port}`)
  expect(connection).toBe('keep-alive')
  expect(said).toEqual({
    'accept-encoding': 'identity',
    origin: 'http://localhost:3000',
    'sec-fetch-site': 'same-origin',
    // With one trusted proxy, the address that it appended is the browser's.
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-host': 'localhost:3000',
    'x-forwarded-proto': 'http',
  })
})

it('without a trusted proxy no address is sent', async () => {
  const { api, ask } = await startBoth({ trustedProxyHops: 0 })
  await ask('GET', '/things', { 'x-forwarded-for': '203.0.113.7' })
  expect(api.last().headers['x-forwarded-for']).toBeUndefined()
})

it.each([
  '/things/',
  '/things/a%2Fb',
  '/things/https%3A%2F%2Fexample.com%2Fa',
  '/things/a|b[c]',
  '/things/a%7Cb%5Bc%5D%20%25',
  '/things/a;v=1,2/b',
  '/things/M%C3%BCller',
  "/things/(a)'!$&+=:@~*",
  '/things/...',
  '/things/.hidden',
  '/things?',
  '/things?a=b&a=c&d&e=%2F%20+&=f&&g[]=1|2',
  '/things?next=//evil.example/..%2f..',
])('%s arrives unchanged', async (path) => {
  const { api, ask } = await startBoth()
  expect((await ask('GET', path)).status).toBe(200)
  expect(api.last().line).toBe(`GET ${path === '/things?' ? '/things' : path}`)
})

it.each([
  '/things/%2e%2e/internal',
  '/things/..%2finternal',
  '/things/..%5cinternal',
  '/things/..;/internal',
  '/things/%252e%252e%252finternal',
  '/things/.%00./internal',
  '/things/%c0%ae%c0%ae/internal',
  '/things//internal',
  '/internal',
])('%s does not arrive [X15]', async (path) => {
  const { api, ask } = await startBoth()
  expect((await ask('GET', path)).status).toBe(404)
  expect(api.seen).toEqual([])
})

it.each([
  ['GET', { 'content-length': '3' }],
  ['GET', { 'transfer-encoding': 'chunked' }],
  ['HEAD', { 'content-length': '3' }],
])('refuses a %s with a body, because Next would drop the body', async (method, headers) => {
  const { api, ask } = await startBoth()
  expect((await ask(method, '/things', headers, ['abc'])).status).toBe(400)
  expect(api.seen).toEqual([])
})

it.each(['x-http-method-override', 'X_HTTP_Method_Override'])(
  'requires our Origin for a GET with the method override %s',
  async (override) => {
    const { api, front, ask } = await startBoth()
    api.answer = (_, response) => void response.writeHead(401).end()
    const headers = { [override]: 'DELETE' }
    expect((await ask('GET', '/things', { ...headers, origin: 'https://evil.example' })).status).toBe(403)
    expect((await ask('GET', '/things', headers)).status).toBe(401)
    expect(api.seen).toHaveLength(1)
    expect(front.issuer.count('POST /refresh')).toBe(0)
  },
)

it('repeats a GET after a 401 with a new token, but not a POST', async () => {
  const { api, front, ask } = await startBoth()
  api.answer = (_, response) => void response.writeHead(api.seen.length === 1 ? 401 : 200).end('done')
  expect((await ask('GET', '/things')).text).toBe('done')
  expect(api.seen).toHaveLength(2)
  expect(api.last().headers.authorization).not.toBe(`Bearer ${front.accessToken}`)
  api.seen = []
  expect((await ask('POST', '/things', {}, ['{}'])).status).toBe(401)
  expect(api.seen).toHaveLength(1)
})

it('passes a request for another authentication on, and keeps the tokens [RFC 9470 section 3]', async () => {
  const { api, front, ask } = await startBoth()
  const challenge = 'Bearer error="insufficient_user_authentication", max_age="600"'
  api.answer = (_, response) => void response.writeHead(401, { 'www-authenticate': challenge }).end()
  const answer = await ask('GET', '/things')
  expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, [challenge]])
  api.answer = (_, response) => void response.writeHead(200).end('done')
  expect((await ask('GET', '/things')).text).toBe('done')
  expect(api.seen).toHaveLength(2)
  expect(api.last().headers.authorization).toBe(`Bearer ${front.accessToken}`)
  expect(front.issuer.count('POST /refresh')).toBe(0)
})

it('a body without length and Transfer-Encoding, as over HTTP/2, gets its length', async () => {
  const { api, front } = await startBoth()
  const { status } = await front.page
    .ask('POST', '/api/things', { body: '{"a":1}' })
    .catch(() => ({ status: 0 }))
  expect(status).toBe(0)
  expect(api.last()).toMatchObject({ text: '{"a":1}' })
  expect(api.last().headers).toMatchObject({ 'content-length': '7' })
  expect(api.last().headers['transfer-encoding']).toBeUndefined()
})

it('an upload that the browser aborts arrives as aborted', async () => {
  const { api, front } = await startBoth()
  const head = (framing: string) =>
    `POST /api/things HTTP/1.1\r\nHost: a\r\n${Object.entries(front.own)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}${framing}\r\n\r\n`
  for (const [framing, part] of [
    ['content-length: 10', 'abc'],
    ['transfer-encoding: chunked', '3\r\nabc\r\n'],
  ]) {
    const begun = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<boolean>()
    api.early = (request) => {
      request.once('data', () => begun.resolve())
      request.on('error', () => {})
      request.once('close', () => closed.resolve(request.complete))
      return true
    }
    const socket = connect(front.port, '127.0.0.1', () => socket.write(head(framing ?? '') + part))
    await begun.promise
    socket.destroy()
    expect(await closed.promise, framing).toBe(false)
  }
})
