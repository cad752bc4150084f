import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { appOrigin, startFront } from './front.ts'
import { exchange, type Received } from './raw-exchange.ts'
import { type Recorded, startRecordingApi } from './recording-api.ts'

/** Request headers with a meaning for the API. */
const requestHeaders = {
  accept: 'application/json;q=0.9, */*;q=0.1',
  'accept-language': 'de-CH',
  'content-type': 'application/x-ndjson',
  'content-encoding': 'x-own',
  'content-language': 'de',
  'idempotency-key': 'a-1',
  'if-match': '"a", "b"',
  'if-none-match': 'W/"c"',
  'if-modified-since': 'Sun, 29 Nov 2026 01:00:00 GMT',
  'if-unmodified-since': 'Sun, 29 Nov 2026 02:00:00 GMT',
  range: 'bytes=1-2',
  'if-range': '"a"',
  'last-event-id': '7',
  prefer: 'return=minimal',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'user-agent': 'Mozilla/5.0 (test)',
  'x-csrf-token': 'abc',
  'x-custom': ['one', 'two'],
  'x-latin': 'M\xfcller',
  'x-requested-with': 'XMLHttpRequest',
  'x-request-id': 'short',
  referer: 'http://localhost:3000/page',
  via: '1.1 front',
}

/** Response headers with a meaning for the browser. */
const answerHeaders: Record<string, string | string[]> = {
  age: '3',
  allow: 'GET, POST',
  'cache-control': 'private, max-age=60',
  'content-disposition': 'attachment; filename="a.csv"; filename*=UTF-8\'\'M%C3%BCller.csv',
  'content-language': 'de',
  'content-security-policy': "default-src 'none'; sandbox",
  'content-type': 'application/json; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  date: 'Sun, 29 Nov 2020 01:00:00 GMT',
  etag: '"a"',
  expires: '0',
  'last-modified': 'Sun, 29 Nov 2020 01:00:00 GMT',
  link: '<https://elsewhere.example/next>; rel="next"',
  'permissions-policy': 'camera=()',
  pragma: 'no-cache',
  'preference-applied': 'return=minimal',
  'referrer-policy': 'no-referrer',
  'retry-after': '120',
  server: 'own/1',
  'server-timing': 'db;dur=53',
  vary: 'accept-language',
  'www-authenticate': ['Bearer realm="a"', 'Basic realm="b"'],
  'x-custom': ['one', 'two'],
  'x-frame-options': 'DENY',
  'x-request-id': 'r',
  'x-total-count': '1234',
}

const part = Buffer.alloc(64 * 1024, 'velvet harbour ')
const bodies = {
  none: { parts: () => [], length: undefined },
  'of length 0': { parts: () => [], length: 0 },
  'of known length': { parts: () => ['{"a":', '1}'], length: 7 },
  'in chunks': { parts: () => ['{"a":', '1}'], length: null },
  'of 30 MB': { parts: () => Array<Buffer>(480).fill(part), length: 480 * part.length },
  'of 30 MB in chunks': { parts: () => Array<Buffer>(480).fill(part), length: null },
  // 64 KiB a second, in steps of a twentieth: longer in total than the API may be silent.
  'slow, of known length': { parts: slow, length: 12 * 3277 },
  'slow, in chunks': { parts: slow, length: null },
} as const

async function* slow() {
  for (let sent = 0; sent < 12; sent++) {
    await pause(50)
    yield part.subarray(0, 3277)
  }
}

/** Headers of one connection, or set by the hop itself. */
const isOwn = (name: string) =>
  /^(?:connection|keep-alive|host|cookie|authorization|accept-encoding|transfer-encoding)$|^x-forwarded-|^sec-fetch-site$/.test(
    name,
  )

function arrived({ line, rawHeaders, body, isComplete }: Recorded) {
  const pairs = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[index + 1]}`] : [],
  )
  const framing = pairs.find((pair) => /^(?:content-length|transfer-encoding)/.test(pair)) ?? 'no body'
  const headers = new Map<string, string>()
  for (const pair of pairs) {
    const [name = '', value = ''] = pair.split(/: (.*)/s)
    // Several headers of one name equal one with all values (RFC 9110 section 5.3).
    if (!isOwn(name)) headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value)
  }
  return { line, framing, headers: Object.fromEntries([...headers].sort()), body, isComplete }
}

function came({ status, statusMessage, headers, body, error }: Received) {
  const said = Object.entries(headers)
    .filter(
      ([name]) => !isOwn(name) && !/^(?:x-content-type-options|cross-origin-resource-policy)$/.test(name),
    )
    .map(([name, values]) => [name, values.join(', ')] as const)
    .sort(([a], [b]) => a.localeCompare(b))
  return { status, statusMessage, headers: Object.fromEntries(said), body, error }
}

describe('what arrives equals what was sent', () => {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
  const withBody = methods.filter((method) => method !== 'GET' && method !== 'HEAD')
  const cases = Object.entries(bodies).flatMap(([name, body]) =>
    (body.length === undefined ? methods : /30|slow/.test(name) ? ['POST'] : withBody).map(
      (method) => [method, name, body] as const,
    ),
  )

  it.each(cases)('%s, body %s: the API gets the same as in a direct call', async (method, _, body) => {
    const api = await startRecordingApi()
    const front = await startFront({ api: `${api.url}/base`, apiTimeouts: { answerSeconds: 0.4 } })
    const send = (url: string) =>
      exchange({
        method,
        url: `${url}/things/7/?q=%20a+b&c&d=%2F`,
        headers: {
          ...requestHeaders,
          ...front.own,
          ...(body.length === null && { 'transfer-encoding': 'chunked' }),
          ...(typeof body.length === 'number' && { 'content-length': `${body.length}` }),
        },
        ...(body.length !== undefined && { body: body.parts() }),
      })
    expect((await send(`${api.url}/base`)).status).toBe(200)
    const direct = arrived(api.last())
    expect((await send(front.url)).status).toBe(200)
    expect(arrived(api.last())).toEqual(direct)
    expect(api.seen).toHaveLength(2)
    expect(api.last().headers).toMatchObject({
      authorization: `Bearer ${front.accessToken}`,
      host: `127.0.0.1:${api.port}`,
      'x-forwarded-host': new URL(appOrigin).host,
      'x-forwarded-proto': 'http',
    })
    expect(api.last().headers.cookie).toBeUndefined()
  })

  // A 401 may renew the session: see answers.test.ts.
  const answers = [
    200, 201, 202, 203, 204, 205, 206, 207, 304, 400, 403, 404, 409, 412, 418, 422, 429, 500, 503,
  ]
  it.each(answers)('a response with %i: the browser gets the same as in a direct call', async (status) => {
    const api = await startRecordingApi()
    const front = await startFront({ api: api.url })
    api.answer = (_, response) => {
      const hasNone = status === 204 || status === 304
      const headers = {
        ...answerHeaders,
        ...(status === 206 && { 'content-range': 'bytes 0-3/9', 'cache-control': 'private, no-transform' }),
        // The length that the body of the 304 would have.
        ...(status !== 204 && { 'content-length': status === 205 ? '0' : '4' }),
      }
      response.writeHead(status, 'Own Words', headers)
      response.end(hasNone || status === 205 ? undefined : 'body')
    }
    for (const method of ['GET', 'HEAD', 'POST']) {
      const send = (url: string) => exchange({ method, url: `${url}/things`, headers: front.own })
      expect(came(await send(front.url)), method).toEqual(came(await send(api.url)))
    }
  })

  const filled = Object.entries(bodies).filter(([name]) => name !== 'none')
  it.each(filled)('a response %s', async (_, { parts, length }) => {
    const api = await startRecordingApi()
    const front = await startFront({ api: api.url, apiTimeouts: { answerSeconds: 0.4, silenceSeconds: 0.4 } })
    api.answer = async (_recorded, response) => {
      response.writeHead(200, { ...answerHeaders, ...(length != null && { 'content-length': length }) })
      for await (const one of parts()) response.write(one)
      response.end()
    }
    const send = (url: string) => exchange({ method: 'GET', url: `${url}/things`, headers: front.own })
    const [direct, passed] = [await send(api.url), await send(front.url)]
    expect(came(passed)).toEqual(came(direct))
    expect(passed.error).toBeNull()
  })
})
