import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startStrictBackend } from '../../packages/next/src/testing/strict-backend.ts'
import { startNextApp } from './next-app.ts'
import { exchange } from './raw-exchange.ts'
import { startRecordingApi } from './recording-api.ts'

const endings: (() => unknown)[] = []
let app: Awaited<ReturnType<typeof startNextApp>>
let api: Awaited<ReturnType<typeof startRecordingApi>>
let own: Record<string, string>

beforeAll(async () => {
  const later = (end: () => unknown) => void endings.unshift(end)
  const backend = await startStrictBackend(later)
  api = await startRecordingApi(later)
  app = await startNextApp({ BACKEND_URL: backend.url, API_URL: api.url })
  later(app.end)
  const signedIn = await fetch(`${app.url}/api/auth/login`, {
    method: 'POST',
    headers: { origin: app.url, 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.com', password: 'right' }),
  })
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  own = { cookie, origin: app.url, 'sec-fetch-site': 'same-origin' }
}, 600_000)
afterAll(async () => {
  for (const end of endings) await end()
})

const ask = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Iterable<string | Uint8Array>,
) =>
  exchange({ method, url: `${app.url}/api${path}`, headers: { ...own, ...headers }, ...(body && { body }) })

it('paths, queries, headers and bodies pass through Next unchanged', async () => {
  for (const path of [
    '/things/',
    '/things/a%2Fb/',
    '/things/a|b[c];v=1',
    '/things/100%25',
    '/things?a=%20+b&a&c=%2F',
    '/things?b=1&a=2&b=3&&c=a%2Bb&nxtPath=1&nextInternalLocale=2',
  ]) {
    expect((await ask('GET', path)).status).toBe(200)
    expect(api.last().line).toBe(`GET ${path}`)
  }
  const headers = {
    'content-length': '7',
    'content-encoding': 'x-own',
    'if-range': '"a"',
    range: 'bytes=1-',
    'user-agent': 'own/1',
    'x-own': 'a',
  }
  await ask('POST', '/things/', headers, ['{"a":1}'])
  expect(api.last()).toMatchObject({ line: 'POST /things/', text: '{"a":1}', headers })
  expect(api.last().rawHeaders.map((name) => name.toLowerCase())).not.toContain('transfer-encoding')
  expect(
    Object.keys(api.last().headers)
      .filter((name) => /^(?:x-(?:forwarded|middleware|invoke|next)|next-)/.test(name))
      .sort(),
  ).toEqual(['x-forwarded-host', 'x-forwarded-proto'])
  const part = Buffer.alloc(64 * 1024, 'a')
  await ask('PUT', '/things', { 'content-length': `${480 * part.length}` }, Array<Buffer>(480).fill(part))
  expect(api.last().body).toMatch(new RegExp(`^${480 * part.length} `))
  await ask('DELETE', '/things/7')
  expect(api.last().headers).not.toHaveProperty('content-length')
})

it('each of many concurrent requests keeps its own query', async () => {
  api.answer = ({ line }, response) => void response.end(line)
  const paths = Array.from({ length: 30 }, (_, at) => `/things?n=${at}&b=%20&n`)
  const answers = await Promise.all(paths.map((path) => ask('GET', path)))
  expect(answers.map(({ text }) => text)).toEqual(paths.map((path) => `GET ${path}`))
})

it('paths that lead elsewhere do not arrive [X15]', async () => {
  const before = api.seen.length
  for (const path of [
    '/things/..%2finternal',
    '/things/%2e%2e/internal',
    '/things/..;/internal',
    '/things/%252e%252e/internal',
    '/internal',
  ])
    expect((await ask('GET', path)).status, path).toBe(404)
  expect(api.seen).toHaveLength(before)
})

it('a response keeps its length, headers and URL, and documents get a sandbox', async () => {
  api.answer = (_, response) => {
    response.writeHead(201, {
      'content-type': 'text/html',
      'content-length': '4',
      location: '/things/7/',
      'x-frame-options': 'DENY',
      'x-total-count': '9',
      'content-security-policy': "default-src 'self'",
    })
    response.end('body')
  }
  for (const method of ['POST', 'HEAD']) {
    const { status, headers } = await ask(method, '/things/')
    expect(status).toBe(201)
    expect(headers).toMatchObject({
      'content-length': ['4'],
      location: ['/api/things/7/'],
      'x-frame-options': ['DENY'],
      'x-total-count': ['9'],
      'content-security-policy': ["default-src 'self', sandbox"],
    })
  }
})

it('Next compresses only complete bodies', async () => {
  const text = 'velvet harbour '.repeat(1000)
  api.answer = ({ headers }, response) => {
    const isPart = headers.range !== undefined
    response.writeHead(isPart ? 206 : 200, {
      'content-type': 'text/plain',
      etag: '"a"',
      ...(isPart && { 'content-range': `bytes 0-${text.length - 1}/99999` }),
    })
    response.end(text)
  }
  const part = await ask('GET', '/things', {
    'accept-encoding': 'gzip',
    range: 'bytes=0-',
    'if-range': '"a"',
  })
  expect([part.status, part.headers['content-encoding'], part.text]).toEqual([206, undefined, text])
  const whole = await ask('GET', '/things', { 'accept-encoding': 'gzip' })
  expect(whole.headers['content-encoding']).toEqual(['gzip'])
})

it('events of a stream arrive one by one, compressed or not', async () => {
  for (const encoding of ['identity', 'gzip']) {
    const die = Promise.withResolvers<void>()
    api.answer = async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      await die.promise
      response.destroy()
    }
    const ended = await new Promise<string>((resolve) => {
      httpRequest(
        `${app.url}/api/things`,
        { headers: { ...own, 'accept-encoding': encoding } },
        (incoming) => {
          incoming.once('data', () => die.resolve())
          incoming.on('error', () => resolve('broken off')).on('end', () => resolve('ended'))
        },
      ).end()
    })
    expect(ended, encoding).toBe('broken off')
  }
})

it('if the browser disconnects, the call to the API ends', async () => {
  const arrived = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  api.answer = (_, response) => {
    response.once('close', closed.resolve)
    arrived.resolve()
  }
  const outgoing = httpRequest(`${app.url}/api/things`, { headers: own }).on('error', () => {})
  outgoing.end()
  await arrived.promise
  outgoing.destroy()
  await closed.promise
})
