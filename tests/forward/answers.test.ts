import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { appOrigin, startFront } from './front.ts'
import { exchange } from './raw-exchange.ts'
import { startRecordingApi } from './recording-api.ts'

/** The response that a browser gets from an API with these headers. */
async function startAnswering(options: Parameters<typeof startFront>[0] = {}) {
  const api = await startRecordingApi()
  const front = await startFront({ api: api.url, ...options })
  const ask = async (
    headers: Record<string, string | string[]>,
    { status = 200, path = '/things', method = 'GET', body = 'body' as string | Buffer, sent = {} } = {},
  ) => {
    api.answer = (_, response) => void response.writeHead(status, headers).end(body)
    const received = await exchange({ method, url: front.url + path, headers: { ...front.own, ...sent } })
    return { ...received, header: (name: string) => received.headers[name]?.join(', ') ?? null }
  }
  return { api, front, ask }
}

describe('documents of the API on the origin of the session [X14]', () => {
  it.each([
    'text/html',
    'TEXT/HTML; charset=utf-8',
    'application/xhtml+xml',
    'image/svg+xml',
    'text/xml',
    'application/xml',
    'application/atom+xml',
    'text/xsl',
    'multipart/x-mixed-replace; boundary=a',
    'text/plain, text/html',
    'image/png, text/html',
    'text/plain;a=b,text/html',
    'nonsense',
    'application/x-unknown',
    '',
  ])('%j gets a sandbox, in addition to the policy of the API', async (type) => {
    const { ask } = await startAnswering()
    const plain = await ask({ 'content-type': type })
    expect(plain.header('content-security-policy')).toBe('sandbox')
    expect(plain.header('x-content-type-options')).toBe('nosniff')
    const own = await ask({
      'content-type': type,
      'content-security-policy': ["default-src 'self'", 'sandbox allow-scripts'],
    })
    expect(own.header('content-security-policy')).toBe("default-src 'self', sandbox allow-scripts, sandbox")
  })

  it('a response without a type gets a sandbox and nosniff', async () => {
    const { ask } = await startAnswering()
    const { header } = await ask({}, { body: '<script>alert(1)</script>' })
    expect([header('content-security-policy'), header('x-content-type-options')]).toEqual([
      'sandbox',
      'nosniff',
    ])
  })

  it.each([
    'application/json',
    'application/problem+json; charset=utf-8',
    'text/plain',
    'text/csv',
    'application/pdf',
    'image/png',
    'text/event-stream',
  ])('%s is forwarded without a sandbox', async (type) => {
    const { ask } = await startAnswering()
    const { header } = await ask({ 'content-type': type })
    expect(header('content-security-policy')).toBeNull()
    expect(header('x-content-type-options')).toBe('nosniff')
  })

  it('a 304 without type and policy gets no sandbox', async () => {
    const { ask } = await startAnswering()
    const policyOf = async (headers: Record<string, string>) =>
      (await ask({ etag: '"1"', ...headers }, { status: 304 })).header('content-security-policy')
    expect(await policyOf({})).toBeNull()
    expect(await policyOf({ 'content-type': 'application/pdf' })).toBeNull()
    // A policy of the API replaces the stored one, which may have been the sandbox of a document.
    expect(await policyOf({ 'content-security-policy': 'default-src *' })).toBe('default-src *, sandbox')
    expect(await policyOf({ 'content-type': 'text/html' })).toBe('sandbox')
  })

  it('trustApiDocuments forwards only the policy of the API', async () => {
    const { ask } = await startAnswering({ trustApiDocuments: true })
    expect((await ask({ 'content-type': 'text/html' })).header('content-security-policy')).toBeNull()
    const own = await ask({ 'content-type': 'text/html', 'content-security-policy': "default-src 'self'" })
    expect(own.header('content-security-policy')).toBe("default-src 'self'")
    expect(own.header('x-content-type-options')).toBe('nosniff')
  })

  it('are never loaded as a service worker', async () => {
    const { ask, api } = await startAnswering()
    const sent = { 'service-worker': 'script', 'sec-fetch-dest': 'serviceworker' }
    expect((await ask({ 'content-type': 'text/javascript' }, { sent })).status).toBe(403)
    expect(api.seen).toEqual([])
  })
})

describe('headers of a response', () => {
  it('protective headers are forwarded, and never weakened', async () => {
    const { ask } = await startAnswering()
    const protective = {
      'content-security-policy-report-only': "default-src 'none'",
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=()',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'x-permitted-cross-domain-policies': 'none',
      'x-robots-tag': 'noindex',
    }
    const { header } = await ask({
      ...protective,
      'x-content-type-options': 'sniff',
      'cross-origin-resource-policy': 'cross-origin',
    })
    for (const [name, value] of Object.entries(protective)) expect(header(name), name).toBe(value)
    expect(header('x-content-type-options')).toBe('nosniff')
    expect(header('cross-origin-resource-policy')).toBe('same-origin')
  })

  it('headers that affect the origin of the session, or servers in between, are removed [X14]', async () => {
    const { ask } = await startAnswering()
    const kept = {
      'set-cookie': ['accessToken=evil; Path=/', 'a=b'],
      'set-cookie2': 'a=b',
      'access-control-allow-origin': 'https://evil.example',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': '*',
      'alt-svc': 'h3="evil.example:443"',
      'cdn-cache-control': 'public, max-age=9',
      'vercel-cdn-cache-control': 'public, max-age=9',
      'edge-control': 'cache-maxage=9s',
      'clear-site-data': '"*"',
      nel: '{"report_to":"a"}',
      'public-key-pins': 'pin',
      'report-to': '{"group":"a"}',
      'sallyport-device': 'd',
      'secure-session-registration': '(ES256);path="a"',
      'service-worker-allowed': '/',
      'set-login': 'logged-out',
      'strict-transport-security': 'max-age=0',
      'surrogate-control': 'max-age=9',
      'timing-allow-origin': '*',
      'x-accel-redirect': '/private',
      'x-middleware-rewrite': '/login',
      'x-sendfile': '/etc/passwd',
      connection: 'x-hop, keep-alive',
      'x-hop': '1',
      'proxy-authenticate': 'Basic',
      trailer: 'x-later',
      upgrade: 'h2c',
    }
    const received = await ask(kept)
    expect(received.text).toBe('body')
    for (const name of Object.keys(kept))
      if (name !== 'connection') expect(received.header(name), name).toBeNull()
  })

  it.each([
    [undefined, 'private, no-store'],
    ['no-store', 'no-store'],
    ['private, max-age=60', 'private, max-age=60'],
    ['max-age=60', 'private, max-age=60'],
    ['public, max-age=60', 'private, max-age=60'],
    ['PUBLIC , S-MaxAge=9, max-age="60", must-revalidate', 'private, max-age="60", must-revalidate'],
    ['private, s-maxage=60', 'private'],
    ['private="set-cookie", max-age=1', 'private, private="set-cookie", max-age=1'],
    ['no-cache="a, public"', 'private, no-cache="a, public"'],
    ['', 'private'],
  ])('cache-control %j becomes %j, so that no shared cache stores it', async (said, expected) => {
    const { ask } = await startAnswering()
    const { header } = await ask(
      said === undefined ? {} : { 'cache-control': said, vary: 'Accept, Authorization' },
    )
    expect(header('cache-control')).toBe(expected)
    if (said !== undefined) expect(header('vary')).toBe('Accept, Authorization, cookie')
  })

  it('a 206 is not compressed', async () => {
    const { ask } = await startAnswering()
    const { header } = await ask(
      { 'content-range': 'bytes 0-3/9', 'cache-control': 'private' },
      { status: 206 },
    )
    expect(header('cache-control')).toBe('private, no-transform')
  })
})

describe('URLs in a response', () => {
  const elsewhere = 'https://elsewhere.example/a?b#c'
  const cases = (api: string): [said: string, expected: string][] => [
    [`${api}/v1/things/7?a=%2F#part`, '/api/things/7?a=%2F#part'],
    ['/v1/things/7/', '/api/things/7/'],
    ['8', '/api/things/8'],
    ['?page=2', '/api/things/7?page=2'],
    // As an API writes its own URL if it trusts X-Forwarded-Host and X-Forwarded-Proto.
    [`${appOrigin}/v1/things/7`, '/api/things/7'],
    // Not below the configured URL, so not reachable below /api.
    ['/admin', `${api}/admin`],
    [elsewhere, elsewhere],
    ['//elsewhere.example/a', '//elsewhere.example/a'],
    [`${appOrigin}/done`, `${appOrigin}/done`],
    ['mailto:a@example.com', 'mailto:a@example.com'],
    ['http://[', 'http://['],
  ]

  it.each([201, 301, 302, 303, 307, 308])(
    'with %i: rewrites URLs of the API to /api, and follows none',
    async (status) => {
      const api = await startRecordingApi()
      const front = await startFront({ api: `${api.url}/v1` })
      for (const [said, expected] of cases(api.url)) {
        api.answer = (_, response) =>
          void response.writeHead(status, { location: said, 'content-location': said }).end('moved')
        const before = api.seen.length
        const received = await exchange({ method: 'GET', url: `${front.url}/things/7`, headers: front.own })
        expect([received.status, received.text], said).toEqual([status, 'moved'])
        expect(received.headers.location).toEqual([expected])
        expect(received.headers['content-location']).toEqual([expected])
        expect(api.seen.length).toBe(before + 1)
      }
    },
  )

  it('does not rewrite the page that the API names for a navigation', async () => {
    const { ask } = await startAnswering()
    const location = `${appOrigin}/things/7`
    const sent = { 'sec-fetch-mode': 'navigate' }
    expect((await ask({ location }, { status: 303, sent })).header('location')).toBe(location)
    expect((await ask({ location }, { status: 303 })).header('location')).toBe('/api/things/7')
  })

  it('rewrites URLs in Link and Refresh, too', async () => {
    const { api, ask } = await startAnswering()
    const { header } = await ask({
      link: `<${api.url}/things?page=2>; rel="next", </things?page=9>; rel=last, <https://e.example/>; rel=help`,
      refresh: `5; URL='${api.url}/things'`,
    })
    expect(header('link')).toBe(
      '</api/things?page=2>; rel="next", </api/things?page=9>; rel=last, <https://e.example/>; rel=help',
    )
    expect(header('refresh')).toBe("5; URL='/api/things'")
    expect((await ask({ refresh: '3' })).header('refresh')).toBe('3')
    expect((await ask({ refresh: '0;/things' })).header('refresh')).toBe('0;/api/things')
  })
})

describe('an API that compresses although it must not', () => {
  const headers = {
    'content-encoding': 'gzip',
    'content-type': 'application/json',
    etag: '"a"',
    'accept-ranges': 'bytes',
  }
  const body = gzipSync('{"a":1}')

  it('gets Accept-Encoding: identity, and its body is decoded', async () => {
    const { api, ask } = await startAnswering()
    const received = await ask(
      { ...headers, 'content-length': `${body.length}` },
      { body, sent: { 'accept-encoding': 'gzip, br' } },
    )
    expect(api.last().headers['accept-encoding']).toBe('identity')
    expect(received.text).toBe('{"a":1}')
    for (const name of ['content-encoding', 'content-length', 'accept-ranges'])
      expect(received.header(name)).toBeNull()
    expect(received.header('etag')).toBe('"a"')
  })

  it('causes an error with a truncated body', async () => {
    const { ask } = await startAnswering()
    expect((await ask(headers, { body: body.subarray(0, -9) })).error).not.toBeNull()
  })

  it('is refused with a partial compressed body', async () => {
    const { ask } = await startAnswering()
    const { status, text } = await ask({ ...headers, 'content-range': 'bytes 0-9/99' }, { status: 206, body })
    expect([status, JSON.parse(text)]).toMatchObject([502, { code: 'upstream_failed' }])
  })

  it('may use an unknown encoding, whose bytes are unchanged', async () => {
    const { ask } = await startAnswering()
    expect((await ask({ 'content-encoding': 'utf-8' })).text).toBe('body')
  })
})
