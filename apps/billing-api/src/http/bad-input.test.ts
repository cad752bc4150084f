import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startApi, type TestApi } from '../testing/api.ts'
import { callers } from '../testing/issuer.ts'

let api: TestApi
let before = ''
beforeAll(async () => {
  api = await startApi()
  before = stored()
})
afterEach(async () => {
  expect(stored()).toBe(before)
  expect((await api.ask(null, '/healthz')).status).toBe(200)
})
afterAll(() => api.close())

function stored(): string {
  const tables = ['invoice', 'invoice_line', 'customer', 'payment', 'idempotent_answer']
  return tables
    .map((table) => api.database.find<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n)
    .join(' ')
}

async function expectProblem(answer: Response, status: number, code: string): Promise<void> {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
  expect(await answer.json()).toMatchObject({
    status,
    code,
    type: `urn:billing:error:${code}`,
    title: expect.any(String),
  })
}

const postRaw = (body: BodyInit, headers: Record<string, string> = {}) =>
  api.ask(callers.owner, '/invoices', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })

describe('bodies', () => {
  test('refuses a missing and an empty body', async () => {
    await expectProblem(await api.ask(callers.owner, '/invoices', { method: 'POST' }), 400, 'invalid_request')
    await expectProblem(await postRaw(''), 400, 'invalid_request')
  })

  test.each([
    '',
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json, text/plain',
    'text/plain; application/json',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; charset=latin1',
    'application/vnd.api+json',
    'application/jsonp',
  ])('refuses the media type %j [C02]', async (type) => {
    await expectProblem(await postRaw('{}', { 'content-type': type }), 415, 'unsupported_media_type')
  })

  test.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON;charset="UTF-8"'])(
    'the media type %j is read',
    async (type) => {
      await expectProblem(await postRaw('{}', { 'content-type': type }), 400, 'invalid_request')
    },
  )

  test('refuses compressed bodies, which could be decompression bombs [D03]', async () => {
    const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024, 32))
    for (const encoding of ['gzip', 'br', 'deflate', 'x'])
      await expectProblem(
        await postRaw(bomb, { 'content-encoding': encoding }),
        415,
        'unsupported_media_type',
      )
  })

  test('accepts 64 KiB, but not one byte more [D03]', async () => {
    const sized = (length: number) => `{"notes":"${'a'.repeat(length - 12)}"}`
    await expectProblem(await postRaw(sized(65_536)), 400, 'invalid_request')
    await expectProblem(await postRaw(sized(65_537)), 413, 'payload_too_large')
  })

  test('answers a body of ten megabytes so that the sender can read it [D03]', async () => {
    await expectProblem(await postRaw('a'.repeat(10 * 1024 * 1024)), 413, 'payload_too_large')
  })

  test('answers an endless chunked body soon, and closes the connection [D03]', async () => {
    const started = performance.now()
    await endlessBody()
    expect(performance.now() - started).toBeLessThan(5_000)
    await expect.poll(() => api.log.at(-1)).toContain('"status":413')
  })

  test('answers 401 without reading the body of an anonymous request', async () => {
    const answer = await api.ask(null, '/invoices', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'x',
    })
    expect(answer.status).toBe(401)
  })
})

/** Sends as fast as possible until the server closes the connection. */
function endlessBody(): Promise<void> {
  const authorization = `Bearer ${api.issuer.token(callers.owner)}`
  const headers = { 'content-type': 'application/json', authorization }
  return new Promise((resolve) => {
    const outgoing = request(`${api.url}/invoices`, { method: 'POST', headers })
    outgoing.on('response', (answer) => answer.resume())
    // The end of the connection is an EPIPE or ECONNRESET, followed by `close`.
    outgoing.on('error', () => {})
    outgoing.on('close', resolve)
    const write = () => {
      let more = true
      while (more && !outgoing.destroyed) more = outgoing.write('a'.repeat(1024))
      outgoing.once('drain', write)
    }
    write()
  })
}

describe('queries', () => {
  test.each([
    '/invoices?page=0',
    '/invoices?page=-1',
    '/invoices?page=1.5',
    '/invoices?page=1e3',
    '/invoices?page=0x10',
    '/invoices?page=١',
    '/invoices?page=%201',
    '/invoices?page=100001',
    '/invoices?page=99999999999999999999',
    '/invoices?pageSize=0',
    '/invoices?pageSize=101',
    '/invoices?page=1&page=1',
    '/invoices?page=1&p%61ge=2',
    '/invoices?status=paid&status=open',
    '/invoices?status[]=paid',
    '/invoices?status=PAID',
    '/invoices?sort=password',
    '/invoices?sort=--amount',
    '/invoices?sort=issued_at',
    '/invoices?sort=amount;drop%20table%20invoice',
    '/invoices?sort=constructor',
    '/invoices?customerId=1',
    '/invoices?customerId[$ne]=1',
    '/invoices?from=2026-02-30',
    '/invoices?from=2026-13-01',
    '/invoices?from=yesterday',
    '/invoices?from=2026-1-1',
    '/invoices?to=99999-01-01',
    '/invoices?from=2026-02-02&to=2026-02-01',
    '/invoices?unknown=1',
    '/invoices?search=%00',
    '/invoices?search=%ff',
    '/invoices?search=%',
    '/invoices?search=%ED%A0%80',
    '/invoices?search=a%0Ab',
    `/invoices?search=${'a'.repeat(101)}`,
    '/invoices?__proto__=1',
    '/invoices?__proto__[x]=1',
    '/invoices?a[__proto__][x]=1',
    '/invoices?constructor=1',
    '/invoices?constructor.prototype=1',
    '/invoices?=1',
    '/invoices.csv?page=1',
    '/customers?status=overdue',
    '/customers?sort=email',
    '/customers?plan=%27',
    '/customers?customerId=1',
    '/reports/revenue?months=0',
    '/reports/revenue?months=37',
    '/reports/revenue?from=2026-01-01',
  ])('%s → 400 [D01, D11, A14]', async (path) => {
    await expectProblem(await api.ask(callers.owner, path), 400, 'invalid_request')
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  test('names the field and the allowed values, and does not repeat the input', async () => {
    const answer = await api.ask(callers.owner, '/invoices?status=s3cret&page=x&n4me=1')
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({
      errors: [
        { field: 'status', message: 'Give one of draft, open, paid, void, overdue.' },
        { field: 'page', message: 'Give a whole number from 1 to 100,000.' },
        { field: '', message: 'There is a field that this endpoint does not accept.' },
      ],
    })
    expect(text).not.toMatch(/s3cret|n4me/)
  })

  test('treats an empty parameter as absent, because forms send empty fields', async () => {
    const empty = await api.ask(callers.owner, '/invoices?search=&status=&from=&to=&customerId=&sort=&page=')
    const absent = await api.ask(callers.owner, '/invoices')
    expect(empty.status).toBe(200)
    expect(await empty.text()).toBe(await absent.text())
  })

  test.each(["' or 1=1 --", '%', '_', '\\', '" or ""="', "'); drop table invoice; --", '${7*7}', '<script>'])(
    'treats the search %j as text [A14]',
    async (search) => {
      for (const path of ['/invoices', '/customers']) {
        const answer = await api.ask(callers.owner, `${path}?search=${encodeURIComponent(search)}`)
        expect(answer.status).toBe(200)
        expect(await answer.json()).toMatchObject({ items: [], total: 0 })
      }
    },
  )

  test('handles hostile text quickly [D04]', async () => {
    for (const search of ['%'.repeat(100), '_%'.repeat(50), `${'a'.repeat(99)}!`, '\u0301'.repeat(100)]) {
      const started = performance.now()
      const answer = await api.ask(callers.owner, `/invoices?search=${encodeURIComponent(search)}`)
      expect(answer.status).toBe(200)
      expect(performance.now() - started).toBeLessThan(250)
    }
  })
})

describe('invalid HTTP', () => {
  const status = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () => socket.write(text))
      let answer = ''
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk
      })
      socket.on('close', () => resolve(answer))
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
      })
    })

  test.each([
    [
      'huge headers [S06]',
      `GET /invoices HTTP/1.1\r\nHost: x\r\nCookie: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'header_fields_too_large',
    ],
    [
      'a huge URL [S06]',
      `GET /invoices?${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      431,
      'header_fields_too_large',
    ],
    ['an unknown method [D10]', 'FOO /invoices HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'invalid_request'],
    ['garbage', '\x16\x03\x01\x02\x00\r\n\r\n', 400, 'invalid_request'],
    [
      'both lengths [X12]',
      'POST /invoices HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'invalid_request',
    ],
    [
      'two lengths [X12]',
      'POST /invoices HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}',
      400,
      'invalid_request',
    ],
    [
      'a folded header [X12]',
      'GET /invoices HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\nConnection: close\r\n\r\n',
      400,
      'invalid_request',
    ],
    ['a NUL in a header', 'GET /invoices HTTP/1.1\r\nHost: x\r\nX-A: \0\r\n\r\n', 400, 'invalid_request'],
  ])('answers %s with a problem, and closes the connection', async (_, text, expected, code) => {
    const answer = await status(text)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${expected} [A-Z]`))
    expect(answer.toLowerCase()).toContain('content-type: application/problem+json')
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: expected, code })
  })

  test('refuses TRACE and echoes nothing [D10]', async () => {
    const answer = await status(
      'TRACE /invoices HTTP/1.1\r\nHost: x\r\nX-Secret: s3cret\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1.1 405 /)
    expect(answer).not.toContain('s3cret')
  })

  test('limits silent connections by time-outs [D05]', () => {
    expect(api.server.headersTimeout).toBeLessThanOrEqual(10_000)
    expect(api.server.requestTimeout).toBeLessThanOrEqual(30_000)
    expect(api.server.timeout).toBeLessThanOrEqual(60_000)
    expect(api.server.maxConnections).toBeGreaterThan(0)
  })
})

test('answers an internal error with a 500 without details, and logs it once [D09]', async () => {
  const broken = await startApi()
  broken.database.close()
  const answer = await broken.ask(callers.owner, '/summary')
  const text = await answer.text()
  expect(answer.status).toBe(500)
  expect(JSON.parse(text)).toMatchObject({ code: 'internal_error' })
  expect(text).not.toMatch(/database|sqlite|\.ts|at /i)
  expect(broken.log.filter((line) => line.includes('request failed'))).toHaveLength(1)
  expect((await broken.ask(null, '/healthz')).status).toBe(200)
  expect((await broken.ask(null, '/readyz')).status).toBe(500)
  await broken.close()
})
