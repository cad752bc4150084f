import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { paths } from '@sallyport/protocol/endpoints'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type RunningServer, serve } from './node.ts'
import { beginRequest, openSocket, rawRequest, readAnswer } from './testing/raw-request.ts'
import {
  bearer,
  origin,
  password,
  recordingLog,
  requireTokens,
  testOptions,
  verifierSecret,
} from './testing/sallyport.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { isWide } from './testing/wide.ts'

type Options = Parameters<typeof serve>[0]

/** Starts a server on a free port. It ends with the test, or with the suite that shares it. */
async function start(
  options: Options = {},
  clean: (ending: () => void | Promise<void>) => void = onTestFinished,
) {
  const { lines, log } = recordingLog()
  const dataDir = options.dataDir ?? temporaryFolder(clean)
  const server = await serve({ ...testOptions, port: 0, ...options, dataDir }, { log })
  clean(() => server.close())
  await server.sallyport.operator.users.create({ email: 'ada@example.com', password, name: 'Ada' })
  return { ...server, lines }
}

const json = { 'content-type': 'application/json' }
const credentials = JSON.stringify({ email: 'ada@example.com', password, transport: 'bearer' })
const signIn = (url: string, init: RequestInit = {}) =>
  fetch(url + paths.signIn, { method: 'POST', headers: json, body: credentials, ...init })

/** A request as text, whose headers may be invalid. */
const message = (line: string, headers: string[], body = '') =>
  `${line} HTTP/1.1\r\n${['Connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`
const host = 'Host: localhost:4000'

function expectProblem(
  answer: { status: number; headers: string; body: string },
  status: number,
  code?: string,
) {
  expect(answer.status).toBe(status)
  expect(answer.headers).toMatch(/content-type: application\/problem\+json/i)
  expect(JSON.parse(answer.body)).toMatchObject({ status, ...(code && { code }) })
}

describe('over a socket', () => {
  let server: RunningServer & { lines: string[] }
  const endings: (() => void | Promise<void>)[] = []
  beforeAll(async () => {
    server = await start({}, (ending) => endings.push(ending))
  })
  afterAll(async () => {
    for (const ending of endings.reverse()) await ending()
  })

  test.each(['cookie', 'authorization', 'x-anything', 'user-agent', 'origin'])(
    'answers a huge %s header with 431 problem+json and keeps running [S06]',
    async (name) => {
      const answer = await rawRequest(
        server.url,
        message(`GET ${paths.health}`, [host, `${name}: ${'x'.repeat(65_536)}`]),
      )
      expectProblem(answer, 431, 'header_fields_too_large')
      expect((await fetch(server.url + paths.health)).status).toBe(200)
    },
  )

  test.each([
    ['text that is not HTTP', 'hello\r\n\r\n'],
    ['TLS', Uint8Array.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc])],
    ['an unknown method [D10]', message(`FOO ${paths.signIn}`, [host])],
    ['a header without a name', `GET / HTTP/1.1\r\n: x\r\n\r\n`],
    ['a folded header [X12]', `GET / HTTP/1.1\r\n${host}\r\nX: a\r\n b\r\n\r\n`],
    [
      'two lengths [X12]',
      message(`POST ${paths.signIn}`, [host, 'Content-Length: 5', 'Content-Length: 6'], '{}'),
    ],
    [
      'a length and chunks [X12]',
      message(`POST ${paths.signIn}`, [host, 'Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    ],
    ['a negative length [X12]', message(`POST ${paths.signIn}`, [host, 'Content-Length: -1'])],
    ['no Host [D10]', message(`GET ${paths.health}`, [])],
    ['a Host with a user [X05]', message(`GET ${paths.health}`, ['Host: localhost@evil.example'])],
    ['a Host with a path [X05]', message(`GET ${paths.health}`, ['Host: evil.example/x'])],
    ['a Host with spaces [X05]', message(`GET ${paths.health}`, ['Host: a b'])],
  ])('answers 400 problem+json to %s', async (_, request) => {
    expectProblem(await rawRequest(server.url, request), 400, 'invalid_request')
  })

  test('answers HTTP/1.0 without Host, which some health checks send', async () => {
    const answer = await rawRequest(server.url, `GET ${paths.health} HTTP/1.0\r\n\r\n`)
    expect(answer.status).toBe(200)
  })

  test('closes the connection at invalid chunks, without a second response [X12]', async () => {
    const headers = [host, 'Content-Type: application/json', 'Transfer-Encoding: chunked']
    const answer = await rawRequest(server.url, message(`POST ${paths.signIn}`, headers, 'zz\r\n'))
    expect(answer).toEqual({ status: 0, headers: '', body: '' })
    expect((await fetch(server.url + paths.health)).status).toBe(200)
  })

  test.each([
    'Host: evil.example',
    `${host}\r\nX-Forwarded-Host: evil.example`,
    `${host}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 444`,
    `${host}\r\nForwarded: host=evil.example;proto=https`,
    `${host}\r\nX-Original-URL: /healthz\r\nX-Rewrite-URL: /healthz`,
  ])('routes by the path alone, whatever the headers: %j [X05, X06]', async (headers) => {
    const answer = await rawRequest(server.url, message(`GET ${paths.discovery}`, [headers]))
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toMatchObject({
      issuer: 'http://localhost:4000',
      jwks_uri: `http://localhost:4000${paths.jwks}`,
    })
    expect(answer.body + answer.headers).not.toContain('evil')
  })

  test('ignores the host of an absolute address in the request line [X05]', async () => {
    const answer = await rawRequest(
      server.url,
      message(`GET http://evil.example${paths.discovery}`, ['Host: evil.example']),
    )
    expect(answer.status).toBe(200)
    expect(answer.body).not.toContain('evil')
  })

  test.each(['TRACE', 'PUT', 'DELETE', 'PATCH', 'GET', 'HEAD', 'PROPFIND'])(
    '%s on login is 405 with Allow [D10]',
    async (method) => {
      const answer = await rawRequest(server.url, message(`${method} ${paths.signIn}`, [host]))
      expect(answer.status).toBe(405)
      expect(answer.headers).toMatch(/^allow: POST, OPTIONS\r?$/im)
    },
  )

  const withBody = (headers: string[]) =>
    message(`POST ${paths.signIn}`, [host, `Content-Length: ${credentials.length}`, ...headers], credentials)

  test.each([
    ['C05', 'two origins, the first ours', [`Origin: ${origin}`, 'Origin: https://evil.example'], 403],
    ['C05', 'two origins, the last ours', ['Origin: https://evil.example', `Origin: ${origin}`], 403],
    [
      'C02',
      'two media types, the first ours',
      ['Content-Type: application/json', 'Content-Type: text/plain'],
      415,
    ],
    [
      'C02',
      'two media types, the last ours',
      ['Content-Type: text/plain', 'Content-Type: application/json'],
      415,
    ],
  ])('[%s] refuses %s', async (_, __, headers, status) => {
    const all = status === 415 ? headers : ['Content-Type: application/json', ...headers]
    expectProblem(await rawRequest(server.url, withBody(all)), status)
  })

  test('refuses two Authorization headers, and two Cookie headers with one name [J29]', async () => {
    const { accessToken } = await requireTokens(await signIn(server.url))
    const authorization = `Authorization: Bearer ${accessToken}`
    expectProblem(
      await rawRequest(server.url, message(`GET ${paths.readSession}`, [host, authorization, authorization])),
      401,
      'credential_conflict',
    )
    const cookie = `Cookie: accessToken=${accessToken}`
    expectProblem(
      await rawRequest(server.url, message(`GET ${paths.readSession}`, [host, cookie, cookie])),
      401,
      'credential_conflict',
    )
    expect((await rawRequest(server.url, message(`GET ${paths.readSession}`, [host, cookie]))).status).toBe(
      200,
    )
  })

  test('refuses a length over the limit before the body arrives, and a chunked body at the limit [D03]', async () => {
    const announced = openSocket(server.url)
    announced.write(
      message(`POST ${paths.signIn}`, [host, 'Content-Type: application/json', 'Content-Length: 10485760']),
    )
    expectProblem(readAnswer(await text(announced)), 413, 'payload_too_large')

    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    const chunked = await rawRequest(
      server.url,
      message(
        `POST ${paths.signIn}`,
        [host, 'Content-Type: application/json', 'Transfer-Encoding: chunked'],
        `${chunk.repeat(3)}0\r\n\r\n`,
      ),
    )
    expectProblem(chunked, 413, 'payload_too_large')
  })

  test('writes line breaks and terminal sequences as one line of JSON in the log [D07]', async () => {
    const before = server.lines.length
    const odd = `/x\u001b[31m"}\\n{"level":50`
    await rawRequest(
      server.url,
      message(`GET ${encodeURI(odd)}?token=canary`, [
        host,
        'User-Agent: [2J{"a":1}\\n"',
        'X-Request-Id: a"b\\n{}',
      ]),
    )
    await rawRequest(server.url, message('GET /%0d%0aSet-Cookie:x=y', [host]))
    const lines = server.lines.slice(before)
    expect(lines.length).toBeGreaterThanOrEqual(2)
    for (const line of lines) {
      expect(line.trimEnd()).not.toMatch(/\p{Cc}/u)
      expect(JSON.parse(line)).toMatchObject({ route: '*', code: 'not_found' })
      expect(line).not.toMatch(/canary|31m|Set-Cookie/)
    }
  })

  // Waits for a limit of some seconds.
  if (isWide)
    test('closes a connection whose headers never end, and serves others meanwhile [D05]', async () => {
      const slow = openSocket(server.url)
      slow.write(`GET ${paths.health} HTTP/1.1\r\n${host}\r\n`)
      const ended = text(slow)
      const drip = setInterval(() => slow.write('x-slow: 1\r\n'), 1_000)
      expect((await fetch(server.url + paths.health)).status).toBe(200)
      expectProblem(readAnswer(await ended), 400)
      clearInterval(drip)
    })
})

describe('at saturation [A07]', () => {
  test('answers sign-ins beyond the queue with Retry-After; refreshes and health checks do not wait', async () => {
    const { url } = await start({ hashConcurrency: 1, hashQueueLength: 10, hashIterations: 4 })
    const { refreshToken } = await requireTokens(await signIn(url))
    let finished = 0
    // Each with its own address: the throttle of one account would refuse them before the queue is full.
    const nobody = (index: number) =>
      JSON.stringify({ email: `nobody-${index}@example.com`, password, transport: 'bearer' })
    const flood = Array.from({ length: 30 }, (_, index) =>
      signIn(url, { body: nobody(index) }).finally(() => finished++),
    )
    const refused = await Promise.any(
      flood.map(async (one) => {
        const answer = await one
        if (answer.status !== 503) throw new Error('not refused')
        return answer
      }),
    )
    expect(await refused.json()).toMatchObject({ code: 'server_busy' })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    const calm = await Promise.all([
      fetch(url + paths.health),
      fetch(url + paths.ready),
      fetch(url + paths.refresh, { method: 'POST', headers: json, body: JSON.stringify({ refreshToken }) }),
    ])
    expect(calm.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(finished).toBeLessThan(30)
    const statuses = (await Promise.all(flood)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(11)
    expect(new Set(statuses)).toEqual(new Set([401, 503]))
  })

  test('does not hash for a client that disconnects while waiting', async () => {
    const { url, lines } = await start({
      hashConcurrency: 1,
      hashIterations: 20,
      hashMemoryKibibytes: 32_768,
    })
    const first = await beginRequest(url, paths.signIn, credentials)
    const second = await beginRequest(url, paths.signIn, credentials)
    // Requests are read in order: when this response arrives, the second sign-in is waiting behind the first.
    await fetch(url + paths.health)
    second.socket.destroy()
    await second.answer.catch(() => {})
    expect((await first.answer).status).toBe(200)
    expect((await signIn(url)).status).toBe(200)
    expect(lines.filter((line) => line.includes('the client has disconnected'))).toHaveLength(1)
  })
})

describe('stopping', () => {
  test('finishes open requests, ends the streams, closes idle connections and accepts no new ones', async () => {
    const server = await start({ hashConcurrency: 1, hashIterations: 4, hashMemoryKibibytes: 65_536 })
    const stream = await fetch(server.url + paths.revocations, { headers: bearer(verifierSecret) })
    const reader = stream.body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('event: snapshot')
    const idle = openSocket(server.url)
    idle.write(`GET ${paths.health} HTTP/1.1\r\n${host}\r\n\r\n`)
    await once(idle, 'data')
    const underWay = await beginRequest(server.url, paths.signIn, credentials)
    const closing = server.close()
    expect((await reader?.read())?.done).toBe(true)
    await once(idle, 'close')
    expect((await underWay.answer).status).toBe(200)
    await closing
    await expect(fetch(server.url + paths.health)).rejects.toThrow()
    expect(server.lines.filter((line) => line.includes('"fault"'))).toEqual([])
    await server.close()
  })

  // Waits for a limit of some seconds.
  if (isWide)
    test('closes a connection whose body never arrives', async () => {
      const server = await start()
      const stuck = openSocket(server.url)
      stuck.write(
        `POST ${paths.signIn} HTTP/1.1\r\n${host}\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`,
      )
      await once(stuck, 'data')
      const closed = once(stuck, 'close')
      await server.close()
      await closed
    })
})

describe('a start that fails reports how to fix it', () => {
  test('if the port is busy', async () => {
    const { url } = await start()
    const port = Number(new URL(url).port)
    const dataDir = temporaryFolder()
    const again = serve({ ...testOptions, port, dataDir }, recordingLog())
    await expect(again).rejects.toThrow(
      new TypeError(
        `Port ${port} is busy. Stop the process that listens there, or set AUTH_PORT to another port.`,
      ),
    )
    // The database was closed: a server can start on the same folder at once.
    await start({ dataDir })
  })

  test('if the address is of another machine', async () => {
    const elsewhere = serve(
      { ...testOptions, host: '192.0.2.1', port: 0, dataDir: temporaryFolder() },
      recordingLog(),
    )
    await expect(elsewhere).rejects.toThrow(/192\.0\.2\.1.*Set HOST/)
  })
})
