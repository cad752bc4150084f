import type { RequestListener } from 'node:http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { audience, createSigningKey, issuer, issueToken, now } from '../testing/issuer.ts'
import { type Loopback, sendJson, startLoopback } from '../testing/loopback.ts'
import { expectRefused, refusalOf } from '../testing/refusal.ts'
import { createVerifier, type Verifier } from '../verifier.ts'

const oldKey = createSigningKey('old-key')
const newKey = createSigningKey('new-key')
const minute = 60_000

type Bench = {
  verifier: Verifier
  server: Loopback
  wait(ms: number): void
  token(key?: typeof oldKey): string
}

/** Creates a verifier with a real key set endpoint. Only `wait` changes its clock. */
async function startBench(answer: RequestListener): Promise<Bench> {
  const server = await startLoopback(answer)
  let time = now
  const verifier = createVerifier({
    issuer,
    audience,
    jwksUrl: `${server.url}/jwks.json`,
    clock: () => time,
    cacheSize: 0,
  })
  return {
    verifier,
    server,
    wait: (ms) => {
      time += ms
    },
    token: (key = oldKey) => {
      const iat = Math.floor(time / 1000)
      return issueToken(key, { iat, auth_time: iat, exp: iat + 600 })
    },
  }
}

// Half of these responses cause a warning for the operator.
beforeEach(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => {}))
afterEach(() => void vi.restoreAllMocks())

const published = sendJson({ keys: [oldKey.publicJwk] })

describe('rotation [J27]', () => {
  test('accepts a token of a new key that was published in time, after one fetch', async () => {
    const { verifier, server, wait, token } = await startBench(published)
    await verifier.verify(token())
    server.answer = sendJson({ keys: [oldKey.publicJwk, newKey.publicJwk] })
    wait(30_000)
    await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token(newKey))))
    await verifier.verify(token())
    expect(server.requests).toHaveLength(2)
  })

  test('refuses a token of a new key within the cool-down, without a fetch', async () => {
    const { verifier, server, wait, token } = await startBench(published)
    await verifier.verify(token())
    server.answer = sendJson({ keys: [oldKey.publicJwk, newKey.publicJwk] })
    wait(29_999)
    await expectRefused(verifier, token(newKey))
    expect(server.requests).toHaveLength(1)
  })

  test('refuses a retired key once the set is older than ten minutes', async () => {
    const { verifier, server, wait, token } = await startBench(published)
    await verifier.verify(token())
    server.answer = sendJson({ keys: [newKey.publicJwk] })
    wait(10 * minute)
    await expectRefused(verifier, token())
    await expect(verifier.verify(token(newKey))).resolves.toBeDefined()
  })

  test('uses a shorter max-age, but not a longer one', async () => {
    for (const [maxAge, fetchedAfter] of [
      ['max-age=60', minute],
      ['public, max-age=86400', 10 * minute],
      ['max-age=0', 30_000],
    ] as const) {
      const { verifier, server, wait, token } = await startBench(
        sendJson({ keys: [oldKey.publicJwk] }, { 'cache-control': maxAge }),
      )
      await verifier.verify(token())
      wait(fetchedAfter * 0.7)
      await verifier.verify(token())
      expect(server.requests, maxAge).toHaveLength(1)
      wait(fetchedAfter * 0.3)
      await verifier.verify(token())
      expect(server.requests, maxAge).toHaveLength(2)
    }
  })

  test('fetches the set before it is too old, without delaying requests', async () => {
    const { verifier, server, wait, token } = await startBench(published)
    await verifier.verify(token())
    wait(9 * minute)
    server.answer = (req, res) => {
      published(req, res)
    }
    await verifier.verify(token())
    await vi.waitFor(() => expect(server.requests).toHaveLength(2), { timeout: 30_000 })
  })

  test('makes one fetch for many tokens at a cold start', async () => {
    const { verifier, server, token } = await startBench(published)
    await Promise.all(Array.from({ length: 50 }, () => verifier.verify(token())))
    expect(server.requests).toHaveLength(1)
  })
})

const bad: Record<string, RequestListener> = {
  'a 500': (_req, res) => res.writeHead(500).end('{}'),
  'a 404': (_req, res) => res.writeHead(404).end(JSON.stringify({ keys: [newKey.publicJwk] })),
  'a cut connection': (req) => req.socket.destroy(),
  HTML: (_req, res) =>
    res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Down</title>'),
  'the right keys under another media type': (_req, res) =>
    res.writeHead(200, { 'content-type': 'text/html' }).end(JSON.stringify({ keys: [newKey.publicJwk] })),
  'the right keys as plain text': (_req, res) =>
    res.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify({ keys: [newKey.publicJwk] })),
  'the right keys without a media type': (_req, res) =>
    res.writeHead(200).end(JSON.stringify({ keys: [newKey.publicJwk] })),
  'a 203 of a proxy': (_req, res) =>
    res
      .writeHead(203, { 'content-type': 'application/json' })
      .end(JSON.stringify({ keys: [newKey.publicJwk] })),
  'an empty body': (_req, res) => res.end(),
  null: sendJson(null),
  'a list': sendJson([newKey.publicJwk]),
  'keys that are not a list': sendJson({ keys: { 0: newKey.publicJwk } }),
  'too many keys': sendJson({
    keys: Array.from({ length: 65 }, (_, index) => ({ ...newKey.publicJwk, kid: `key-${index}` })),
  }),
  'ten megabytes, announced': (_req, res) =>
    res
      .writeHead(200, { 'content-type': 'application/json', 'content-length': 10 * 1024 * 1024 })
      .end('x'.repeat(10 * 1024 * 1024)),
  'ten megabytes, unannounced': (_req, res) => {
    res.setHeader('content-type', 'application/json')
    res.write(`{"keys":[${JSON.stringify(newKey.publicJwk)}],"x":"`)
    res.end('x'.repeat(10 * 1024 * 1024))
  },
  'a body cut short': (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': 10_000 })
    res.write('{"keys":[', () => res.destroy())
  },
}

describe.each(Object.entries(bad))('the key set endpoint answers with %s [J27]', (_name, answer) => {
  test('without cached keys: 503, not 401', async () => {
    const { verifier, token } = await startBench(answer)
    expect(await refusalOf(verifier.verify(token()))).toMatchObject({ code: 'unavailable', status: 503 })
    // A text that is not a token is refused before any keys are needed.
    await expectRefused(verifier, 'garbage')
  })

  test('cached keys are used for an hour, then every token is refused', async () => {
    const { verifier, server, wait, token } = await startBench(published)
    await verifier.verify(token())
    server.answer = answer
    wait(11 * minute)
    await expect(verifier.verify(token())).resolves.toBeDefined()
    wait(48 * minute)
    await expect(verifier.verify(token())).resolves.toBeDefined()
    wait(minute)
    expect(await refusalOf(verifier.verify(token()))).toMatchObject({ code: 'unavailable' })
    server.answer = published
    wait(minute)
    await expect(verifier.verify(token())).resolves.toBeDefined()
  })
})

const withdrawing: Record<string, unknown> = {
  'no keys': [],
  'keys that are not objects': [null, 1, 'x', []],
  'a key with its private part': [{ ...newKey.publicJwk, d: 'x' }],
  'keys for other algorithms': [createSigningKey('edwards', 'EdDSA').publicJwk],
}

test.each(Object.entries(withdrawing))(
  'a key set with %s withdraws the cached keys, and every token gets 503 [J27]',
  async (_name, keys) => {
    const { verifier, server, wait, token } = await startBench(published)
    await verifier.verify(token())
    server.answer = sendJson({ keys })
    wait(10 * minute)
    expect(await refusalOf(verifier.verify(token()))).toMatchObject({ code: 'unavailable', status: 503 })
    server.answer = sendJson({ keys: [newKey.publicJwk] })
    wait(1000)
    await expect(verifier.verify(token(newKey))).resolves.toBeDefined()
    await expectRefused(verifier, token())
  },
)

describe('a withdrawn key [J27]', () => {
  const day = 24 * 60 * minute

  test.each([9, 20])('is refused on day %i, also if it was used before', async (days) => {
    const { verifier, server, wait, token } = await startBench(published)
    await verifier.verify(token())
    server.answer = sendJson({ keys: [newKey.publicJwk] })
    wait(days * day)
    await expectRefused(verifier, token())
    await expect(verifier.verify(token(newKey))).resolves.toBeDefined()
  })

  test.each([9, 20])('is refused on day %i if a page with status 200 replaces the key set', async (days) => {
    const { verifier, server, wait, token } = await startBench(published)
    await verifier.verify(token())
    server.answer = (_req, res) =>
      res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Back soon</h1>')
    wait(days * day)
    expect(await refusalOf(verifier.verify(token()))).toMatchObject({ code: 'unavailable' })
  })
})

describe('the key set endpoint [J27]', () => {
  test('answers with a page: warns the operator once, with the media type', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { verifier, wait, token } = await startBench((_req, res) =>
      res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Back soon</h1>'),
    )
    for (let time = 0; time < 3; time += 1) {
      await refusalOf(verifier.verify(token()))
      wait(minute)
    }
    const messages = warn.mock.calls.map(([message]) => String(message))
    vi.restoreAllMocks()
    expect(messages).toEqual([expect.stringMatching(/answers text\/html instead of JSON.*jwksUrl/)])
    expect(messages[0]).not.toContain('Back soon')
  })

  test('redirects: the redirect is not followed', async () => {
    const target = await startLoopback(sendJson({ keys: [oldKey.publicJwk] }))
    for (const status of [301, 302, 303, 307, 308]) {
      const { verifier, token } = await startBench((_req, res) =>
        res.writeHead(status, { location: target.url }).end(),
      )
      expect(await refusalOf(verifier.verify(token()))).toMatchObject({ code: 'unavailable' })
    }
    expect(target.requests).toHaveLength(0)
  })

  test('does not answer: the request times out, and there is one request at a time', async () => {
    let aborted = 0
    const verifier = createVerifier({
      issuer,
      audience,
      clock: () => now,
      fetch: (_url, init) =>
        new Promise((_resolve, reject) => {
          expect(init?.redirect).toBe('error')
          init?.signal?.addEventListener('abort', () => {
            aborted += 1
            reject(init.signal?.reason)
          })
        }),
    })
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      expect(ms).toBe(5000)
      const controller = new AbortController()
      setImmediate(() => controller.abort(new DOMException('late', 'TimeoutError')))
      return controller.signal
    })
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => refusalOf(verifier.verify(issueToken(oldKey)))),
    )
    vi.restoreAllMocks()
    expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set(['unavailable']))
    expect(aborted).toBe(1)
  })

  test('is down: an unknown kid gets 503', async () => {
    const { verifier, server, wait, token } = await startBench(published)
    await verifier.verify(token())
    server.answer = (req) => req.socket.destroy()
    wait(30_000)
    expect(await refusalOf(verifier.verify(token(newKey)))).toMatchObject({ code: 'unavailable' })
    await expect(verifier.verify(token())).resolves.toBeDefined()
    const asked = server.requests.length
    expect(await refusalOf(verifier.verify(token(newKey)))).toMatchObject({ code: 'unavailable' })
    expect(server.requests).toHaveLength(asked)
  })

  test('recovers: a verifier without keys asks again after a second', async () => {
    const { verifier, server, wait, token } = await startBench((_req, res) => res.writeHead(503).end())
    await refusalOf(verifier.verify(token()))
    await refusalOf(verifier.verify(token()))
    expect(server.requests).toHaveLength(1)
    server.answer = published
    wait(1000)
    await expect(verifier.verify(token())).resolves.toBeDefined()
    await expect(verifier.ready()).resolves.toBeUndefined()
  })

  test('fails: ready rejects', async () => {
    const { verifier, server } = await startBench((_req, res) => res.writeHead(503).end())
    expect(await refusalOf(verifier.ready())).toMatchObject({ code: 'unavailable' })
    server.answer = published
    await expect(verifier.ready()).resolves.toBeUndefined()
  })

  test('is asked again after the clock was put back', async () => {
    const { verifier, server, wait, token } = await startBench(published)
    await verifier.verify(token())
    wait(-60 * minute)
    await verifier.verify(token())
    expect(server.requests).toHaveLength(2)
  })
})

describe('refuses single keys of a set [J27, J30, JWT-07]', () => {
  const { publicJwk } = newKey
  const rsa = createSigningKey('new-key', 'RS256').publicJwk
  const edwards = createSigningKey('new-key', 'EdDSA').publicJwk
  const flip = (text: unknown) => `${String(text).startsWith('A') ? 'B' : 'A'}${String(text).slice(1)}`
  const bytes = (text: unknown) => Buffer.from(String(text), 'base64url')
  const refused: Record<string, unknown> = {
    'with its private part': { ...publicJwk, ...newKey.privateKey.export({ format: 'jwk' }) },
    'with an empty d': { ...publicJwk, d: '' },
    symmetric: { kty: 'oct', k: 'AAAA', kid: 'new-key', alg: 'HS256' },
    'symmetric under the same kid': { kty: 'oct', k: 'AAAA', kid: 'new-key', alg: 'ES256' },
    'with an additional k': { ...publicJwk, k: 'AAAA' },
    'off the curve': { ...publicJwk, x: flip(publicJwk.x) },
    'the point at infinity': {
      ...publicJwk,
      x: Buffer.alloc(32).toString('base64url'),
      y: Buffer.alloc(32).toString('base64url'),
    },
    'x too short': { ...publicJwk, x: bytes(publicJwk.x).subarray(1).toString('base64url') },
    'y too long': {
      ...publicJwk,
      y: Buffer.concat([Buffer.alloc(1), bytes(publicJwk.y)]).toString('base64url'),
    },
    'padded x': { ...publicJwk, x: `${publicJwk.x}=` },
    'y missing': { ...publicJwk, y: undefined },
    'x a number': { ...publicJwk, x: 1 },
    'another curve': { ...publicJwk, crv: 'P-384' },
    'another type': { ...publicJwk, kty: 'OKP' },
    'another algorithm': { ...publicJwk, alg: 'ES384' },
    'an unsupported algorithm': { ...publicJwk, alg: 'none' },
    'an algorithm that is not allowed here': rsa,
    'an Edwards key that is not allowed here': edwards,
    'for encryption': { ...publicJwk, use: 'enc' },
    'for signing only': { ...publicJwk, key_ops: ['sign'] },
    'key_ops not a list': { ...publicJwk, key_ops: 'verify' },
    'without kid': { ...publicJwk, kid: undefined },
    'kid a number': { ...publicJwk, kid: 1 },
    'kid empty': { ...publicJwk, kid: '' },
    'not an object': 'new-key',
    nothing: null,
  }
  test.each(Object.entries(refused))('%s', async (_name, jwk) => {
    const { verifier, token } = await startBench(sendJson({ keys: [jwk, oldKey.publicJwk] }))
    await expect(verifier.verify(token())).resolves.toBeDefined()
    await expectRefused(verifier, token(newKey))
  })

  test('accepts sixty-four keys', async () => {
    const others = Array.from({ length: 63 }, (_, index) => ({ ...oldKey.publicJwk, kid: `key-${index}` }))
    const { verifier, token } = await startBench(sendJson({ keys: [...others, newKey.publicJwk] }))
    await expect(verifier.verify(token(newKey))).resolves.toBeDefined()
  })

  test('a kid of two keys belongs to neither', async () => {
    const other = createSigningKey('new-key')
    for (const twin of [other.publicJwk, newKey.publicJwk, { ...other.publicJwk, d: 'x' }]) {
      const { verifier, token } = await startBench(
        sendJson({ keys: [newKey.publicJwk, oldKey.publicJwk, twin] }),
      )
      await expect(verifier.verify(token())).resolves.toBeDefined()
      await expectRefused(verifier, token(newKey))
      await expectRefused(verifier, token(other))
    }
  })

  test('accepts a kid named like a member of Object', async () => {
    const named = createSigningKey('__proto__')
    const { verifier, token } = await startBench(sendJson({ keys: [oldKey.publicJwk] }))
    await expectRefused(verifier, token(named))
    const { verifier: other, token: otherToken } = await startBench(sendJson({ keys: [named.publicJwk] }))
    await expect(other.verify(otherToken(named))).resolves.toBeDefined()
  })
})
