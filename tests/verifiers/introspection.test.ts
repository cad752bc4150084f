import type { RequestListener } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSigningKey, issueToken } from '../../packages/verify/src/testing/issuer.ts'
import { sendJson, startLoopback } from '../../packages/verify/src/testing/loopback.ts'
import { type Probe, probes } from './probe.ts'

const key = createSigningKey('key-1')
const token = issueToken(key)
const active = sendJson({ active: true, sub: 'user-1', sid: 'session-1', exp: 1 })

// Warnings to the operator are tested in packages/verify.
beforeEach(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => {}))
afterEach(() => void vi.restoreAllMocks())

describe.each(['TypeScript', 'Ruby'])('introspection as the verifier in %s requests it [S19]', (language) => {
  const start = probes[language]
  let probe: Probe
  beforeAll(async () => {
    if (start) probe = await start()
  })
  afterAll(() => probe?.close())
  const test = it.skipIf(!start)

  async function open(answer: RequestListener) {
    const server = await startLoopback((request, response) =>
      request.url === '/none' ? response.writeHead(503).end() : answer(request, response),
    )
    await probe.open({ jwks: { keys: [key.publicJwk] }, introspectUrl: `${server.url}/introspect` })
    const asked = () => server.requests.filter(({ url }) => url !== '/none')
    return { asked }
  }

  test('accepts an active token, and refuses an inactive one as stale', async () => {
    await open(active)
    expect(await probe.verdict(token, 0)).toBe('accepted')
    await open(sendJson({ active: false }))
    expect(await probe.verdict(token, 0)).toBe('token_stale')
  })

  const nobodyKnows: Record<string, RequestListener> = {
    'a page that says 200': (_, res) =>
      res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Back soon</h1>'),
    'a page that says active': (_, res) =>
      res.writeHead(200, { 'content-type': 'text/html' }).end('{"active":true,"sub":"a","sid":"b","exp":1}'),
    'no media type': (_, res) => res.writeHead(200).end('{"active":false}'),
    'JSON that is none': (_, res) => res.writeHead(200, { 'content-type': 'application/json' }).end('<html>'),
    'another shape': sendJson({ active: 'yes' }),
    'no word of it': sendJson({}),
    'a list': sendJson([{ active: true }]),
    'too much': sendJson({ active: false, x: 'x'.repeat(70_000) }),
    'a 401': (_, res) => res.writeHead(401, { 'content-type': 'application/json' }).end('{"active":false}'),
    'a 500': (_, res) => res.writeHead(500).end(),
    'a cut line': (req) => req.socket.destroy(),
    'a redirect': (req, res) =>
      req.url === '/introspect' ? res.writeHead(307, { location: '/elsewhere' }).end() : active(req, res),
  }
  test.each(Object.entries(nobodyKnows))(
    'responds with 503 to %s, without another request for a second',
    async (_name, answer) => {
      const { asked } = await open(answer)
      expect(await probe.verdict(token, 0)).toBe('unavailable')
      expect(await probe.verdict(token, 0.5)).toBe('unavailable')
      expect(asked()).toHaveLength(1)
      expect(await probe.verdict(token, 1)).toBe('unavailable')
      expect(asked()).toHaveLength(2)
      expect(asked().map(({ url }) => url)).not.toContain('/elsewhere')
    },
  )

  // The TypeScript verifier caches none.
  if (language !== 'Ruby') return

  test('removes expired responses from memory', async () => {
    await open(active)
    const tokens = Array.from({ length: 50 }, (_, index) => issueToken(key, { jti: `token-${index}` }))
    for (const one of tokens) expect(await probe.verdict(one, 0)).toBe('accepted')
    expect(await probe.size()).toBe(50)
    expect(await probe.verdict(token, 6)).toBe('accepted')
    expect(await probe.size()).toBe(1)
  })
})
