import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import type { ApiTarget } from '../config/api-target.ts'
import { forwardRequest } from './forward-request.ts'

const browser = { address: null, userAgent: null, requestId: null, device: null }

type Seen = { headers: IncomingMessage['headers']; body: string; method: string | undefined }

/** An API that answers as told, and what reaches it of a request. */
async function startApi(answer: RequestListener = (_, response) => response.end('ok')) {
  const seen: Seen[] = []
  const server = createServer(async (request, response: ServerResponse) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    seen.push({ headers: request.headers, body: Buffer.concat(parts).toString(), method: request.method })
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { seen, port, ask: (init: RequestInit = {}, timeouts = {}) => askAt(port, init, timeouts) }
}

function askAt(port: number, init: RequestInit, timeouts: object = {}): Promise<Response> {
  const url = new URL(`http://127.0.0.1:${port}`)
  const api: ApiTarget = {
    url,
    paths: ['/things'],
    timeouts: { connectMs: 5000, answerMs: 5000, silenceMs: 5000, ...timeouts },
    trustsDocuments: false,
  }
  return forwardRequest(
    new Request('http://localhost:3000/api/things', { duplex: 'half', ...init } as RequestInit),
    {
      api,
      target: new URL('/things', url),
      accessToken: 'token',
      browser,
      config: { appUrl: new URL('https://app.example.com') },
    },
  )
}

/** An API that answers with these bytes, whatever they are. */
async function startRaw(bytes: string | null) {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => (bytes === null ? socket.destroy() : socket.end(bytes, 'latin1')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

it('forwards a request with its body, its length and our token', async () => {
  const { seen, ask } = await startApi()
  await ask({ method: 'POST', body: 'seven', headers: { 'content-length': '5' } })
  await ask({ method: 'POST', body: 'chunks', headers: { 'transfer-encoding': 'chunked' } })
  await ask({ method: 'DELETE', body: 'chunks', headers: { 'transfer-encoding': 'chunked' } })
  await ask({ method: 'POST', body: 'unknown' })
  await ask({ method: 'POST', headers: { 'content-length': '0' } })
  await ask({ method: 'DELETE' })
  await ask({ headers: { 'content-length': '0' } })
  expect(
    seen.map(({ method, body, headers }) => [
      method,
      body,
      headers['content-length'],
      headers['transfer-encoding'],
    ]),
  ).toEqual([
    ['POST', 'seven', '5', undefined],
    ['POST', 'chunks', undefined, 'chunked'],
    ['DELETE', 'chunks', undefined, 'chunked'],
    ['POST', 'unknown', '7', undefined],
    ['POST', '', '0', undefined],
    ['DELETE', '', undefined, undefined],
    ['GET', '', '0', undefined],
  ])
  for (const { headers } of seen) expect(headers.authorization).toBe('Bearer token')
})

it.each([
  ['GET', { 'content-length': '1' }],
  ['HEAD', { 'content-length': '1' }],
  ['GET', { 'transfer-encoding': 'chunked' }],
  ['HEAD', { 'transfer-encoding': 'chunked' }],
])('refuses a %s with a body (%j), which would be lost', async (method, headers) => {
  const { seen, ask } = await startApi()
  const answer = await ask({ method, headers })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({
    code: 'invalid_request',
    detail: expect.stringContaining(method),
  })
  expect(seen).toEqual([])
})

it('refuses a body that differs from its length or cannot be read', async () => {
  const { ask } = await startApi()
  for (const length of ['4', '6']) {
    const answer = await ask({ method: 'POST', body: 'seven', headers: { 'content-length': length } })
    expect(await answer.json()).toMatchObject({
      status: 400,
      detail: 'The body is shorter than its Content-Length.',
    })
  }
  const answer = await ask({ method: 'POST', headers: { 'content-length': '5' } })
  expect(await answer.json()).toMatchObject({
    status: 400,
    detail: 'The body is shorter than its Content-Length.',
  })
})

it.each([200, 201, 299, 404, 599])('returns a response with status %i completely', async (status) => {
  const { ask } = await startApi((_, response) =>
    response.writeHead(status, 'Some Words', { 'content-length': 2, 'content-type': 'text/plain' }).end('ok'),
  )
  const answer = await ask()
  expect([answer.status, answer.statusText, await answer.text()]).toEqual([status, 'Some Words', 'ok'])
  // Spelt as Next does not leave it out.
  const names: string[] = []
  answer.headers.forEach((_, name) => void names.push(name))
  expect(names).toContain('Content-Length')
  expect(names).toContain('content-type')
})

it.each([
  ['204', { 'content-length': '5' }, null],
  ['205', { 'content-length': '5' }, '0'],
  ['205', {}, null],
  ['304', { 'content-length': '5', etag: '"a"' }, '5'],
])('returns %s without a body, and the length %j as %j', async (status, headers, length) => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const port = await startRaw(`HTTP/1.1 ${status} x\r\n${lines.join('')}connection: close\r\n\r\n`)
  const answer = await askAt(port, {})
  expect([answer.status, answer.body, answer.headers.get('content-length')]).toEqual([
    Number(status),
    null,
    length,
  ])
})

it('returns a response to HEAD with the length and without a body', async () => {
  const { ask } = await startApi((_, response) => response.writeHead(200, { 'content-length': 7 }).end())
  const answer = await ask({ method: 'HEAD' })
  expect([answer.status, answer.body, answer.headers.get('content-length')]).toEqual([200, null, '7'])
})

it('reuses the connection after a response without a body', async () => {
  const ports = new Set<number | undefined>()
  const { ask } = await startApi((request, response) => {
    ports.add(request.socket.remotePort)
    response.writeHead(200, { 'content-length': 7 }).end()
  })
  for (const method of ['HEAD', 'HEAD', 'HEAD']) {
    await ask({ method })
    // The end of an answer without a body is told in the next turn.
    await new Promise(setImmediate)
  }
  expect(ports.size).toBe(1)
})

it('closes the connection if the response is not forwarded', async () => {
  const closed = Promise.withResolvers<void>()
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('close', () => closed.resolve())
    socket.once('data', () => socket.write('HTTP/1.1 999 x\r\ncontent-length: 9\r\n\r\nbody'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  expect((await askAt((server.address() as AddressInfo).port, {})).status).toBe(502)
  await closed.promise
})

it.each([
  ['HTTP/1.1 099 x\r\n\r\nbody', 502, 'The API answered with an invalid HTTP status.'],
  ['HTTP/1.1 600 x\r\n\r\nbody', 502, 'The API answered with an invalid HTTP status.'],
  ['HTTP/1.1 999 x\r\n\r\nbody', 502, 'The API answered with an invalid HTTP status.'],
  [
    'HTTP/1.1 206 x\r\ncontent-encoding: gzip\r\n\r\nbody',
    502,
    'The API answered with a part of a compressed body, which cannot be forwarded.',
  ],
  ['no HTTP at all', 502, expect.stringContaining('may have carried out the request')],
  [null, 502, expect.stringContaining('closed the connection without an answer')],
])('does not forward the response %j', async (bytes, status, detail) => {
  const answer = await askAt(await startRaw(bytes), { method: 'POST' })
  expect(await answer.json()).toMatchObject({ status, code: 'upstream_failed', detail })
})

it('says that nothing was sent if nothing listens', async () => {
  const port = await startRaw('')
  const socket = connect(port, '127.0.0.1')
  const own = await new Promise<number>((resolve) =>
    socket.once('connect', () => resolve(socket.localPort ?? 0)),
  )
  socket.destroy()
  const answer = await askAt(own, {})
  expect(answer.headers.get('retry-after')).toBe('2')
  expect(await answer.json()).toMatchObject({
    code: 'upstream_failed',
    detail: expect.stringContaining('Nothing was sent'),
  })
})

it('answers 504 for a silent API, and does not repeat the request', async () => {
  const { seen, ask } = await startApi(() => {})
  const answer = await ask({}, { answerMs: 50 })
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([504, null])
  expect(seen).toHaveLength(1)
})

it('omits a status text that HTTP does not allow', async () => {
  for (const [words, seen] of [
    ['Alles gut', 'Alles gut'],
    ['', ''],
    ['\u00fcber', ''],
    ['gut \u00fc', ''],
  ] as const) {
    const answer = await askAt(await startRaw(`HTTP/1.1 200 ${words}\r\ncontent-length: 0\r\n\r\n`), {})
    expect(answer.statusText).toBe(seen)
  }
})

it.each([
  ['text/event-stream', true],
  ['Text/Event-Stream; charset=utf-8', true],
  ['x-text/event-stream', false],
  ['text/event-streams', false],
  ['text/plain', false],
])('allows a body of %s to pause for longer: %j', async (type, isPatient) => {
  let finish = () => {}
  const { ask } = await startApi((_, response) => {
    response.writeHead(200, { 'content-type': type })
    response.write('a')
    finish = () => response.end('b')
  })
  const answer = await ask({}, { silenceMs: 40 })
  const text = answer.text().catch(() => 'cut')
  // Longer than the API may be silent; any other type waits for ever.
  if (isPatient) setTimeout(() => finish(), 150)
  expect(await text).toBe(isPatient ? 'ab' : 'cut')
})

it('decodes a compressed body and removes the headers about its bytes', async () => {
  const { ask } = await startApi((_, response) =>
    response
      .writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' })
      .end(gzipSync('plain')),
  )
  const answer = await ask()
  expect([await answer.text(), answer.headers.has('content-encoding')]).toEqual(['plain', false])
})
