import type { RequestListener } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSigningKey, issueToken, nowSeconds } from '../../packages/verify/src/testing/issuer.ts'
import { sendJson, startLoopback } from '../../packages/verify/src/testing/loopback.ts'
import { coolDownSeconds, type Probe, probes } from './probe.ts'

const oldKey = createSigningKey('old-key')
const newKey = createSigningKey('new-key')
const minute = 60
const day = 24 * 60 * minute
const published = sendJson({ keys: [oldKey.publicJwk] })

/** A genuine token, issued this many seconds after the beginning. */
function token(afterSeconds: number, key = oldKey, kid = key.kid): string {
  const iat = nowSeconds + Math.floor(afterSeconds)
  return issueToken(key, { iat, auth_time: iat, exp: iat + 600 }, { kid })
}

// Warnings to the operator are tested in packages/verify.
beforeEach(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => {}))
afterEach(() => void vi.restoreAllMocks())

describe.each(Object.keys(probes))('the keys of the verifier in %s [J27, S18]', (language) => {
  const start = probes[language]
  const coolDown = coolDownSeconds[language] ?? 0
  let probe: Probe
  beforeAll(async () => {
    if (start) probe = await start()
  })
  afterAll(() => probe?.close())

  async function open(answer: RequestListener) {
    const server = await startLoopback(answer)
    await probe.open({ jwksUrl: `${server.url}/jwks.json` })
    return {
      server,
      at: (afterSeconds: number, key = oldKey, kid = key.kid) =>
        probe.verdict(token(afterSeconds, key, kid), afterSeconds),
    }
  }

  const test = it.skipIf(!start)

  test('a withdrawn key is accepted for at most ten minutes', async () => {
    for (const later of [10 * minute, 9 * day, 20 * day]) {
      const { server, at } = await open(published)
      expect(await at(0)).toBe('accepted')
      server.answer = sendJson({ keys: [newKey.publicJwk] })
      expect(await at(7 * minute)).toBe('accepted')
      expect(await at(later), `after ${later} seconds`).toBe('token_invalid')
      expect(await at(later + 1, newKey)).toBe('accepted')
    }
  })

  const silent: Record<string, RequestListener> = {
    'a page that says 200': (_, res) =>
      res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Back soon</h1>'),
    'keys under another media type': (_, res) =>
      res.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify({ keys: [oldKey.publicJwk] })),
    'keys without a media type': (_, res) =>
      res.writeHead(200).end(JSON.stringify({ keys: [oldKey.publicJwk] })),
    'a redirect to good keys': (req, res) =>
      req.url === '/jwks.json' ? res.writeHead(302, { location: '/elsewhere' }).end() : published(req, res),
    'a 500': (_, res) => res.writeHead(500).end(),
    'a cut line': (req) => req.socket.destroy(),
    'no key set': sendJson([oldKey.publicJwk]),
    'keys that are no list': sendJson({ keys: { 0: oldKey.publicJwk } }),
    'more keys than anybody has': sendJson({
      keys: Array.from({ length: 65 }, (_, index) => ({ ...oldKey.publicJwk, kid: `key-${index}` })),
    }),
    'more than 64 KB': sendJson({ keys: [oldKey.publicJwk], x: 'x'.repeat(70_000) }),
  }
  test.each(Object.entries(silent))(
    '%s: uses known keys until they are an hour old',
    async (_name, answer) => {
      const { server, at } = await open(published)
      expect(await at(0)).toBe('accepted')
      server.answer = answer
      expect(await at(11 * minute)).toBe('accepted')
      expect(await at(60 * minute - 1)).toBe('accepted')
      expect(await at(60 * minute)).toBe('unavailable')
      expect(await at(9 * day)).toBe('unavailable')
      // The issuer may have published this key a moment ago.
      expect(await at(9 * day, newKey)).toBe('unavailable')
      server.answer = published
      expect(await at(9 * day + minute)).toBe('accepted')
      expect(server.requests.map(({ url }) => url)).not.toContain('/elsewhere')
    },
  )

  test.each(Object.entries(silent))(
    '%s: without a known key no token can be checked',
    async (_name, answer) => {
      const { at } = await open(answer)
      expect(await at(0)).toBe('unavailable')
      expect(await probe.verdict('garbage', 0)).toBe('token_invalid')
    },
  )

  test('a set without a usable key withdraws the known ones', async () => {
    const unusable = [
      [],
      [null],
      [{ ...oldKey.publicJwk, use: 'enc' }],
      [createSigningKey('x', 'EdDSA').publicJwk],
    ]
    for (const keys of unusable) {
      const { server, at } = await open(published)
      expect(await at(0)).toBe('accepted')
      server.answer = sendJson({ keys })
      expect(await at(10 * minute)).toBe('unavailable')
      server.answer = published
      expect(await at(10 * minute + 2)).toBe('accepted')
    }
  })

  test('many unknown ids cause one fetch per cool-down', async () => {
    const { server, at } = await open(published)
    expect(await at(0)).toBe('accepted')
    for (let index = 0; index < 200; index += 1)
      expect(await at(coolDown - 1, newKey, `forged-${index}`)).toBe('token_invalid')
    expect(server.requests).toHaveLength(1)
    for (let index = 0; index < 200; index += 1)
      expect(await at(coolDown, newKey, `forged-${index}`)).toBe('token_invalid')
    expect(server.requests).toHaveLength(2)
    expect(await at(coolDown)).toBe('accepted')
  })

  test('limits requests to an unreachable issuer', async () => {
    const { server, at } = await open((req) => req.socket.destroy())
    for (let index = 0; index < 20; index += 1) expect(await at(0.5)).toBe('unavailable')
    expect(server.requests).toHaveLength(1)
    expect(await at(1.5)).toBe('unavailable')
    expect(server.requests).toHaveLength(2)
    server.answer = published
    expect(await at(2.5)).toBe('accepted')
    server.answer = (req) => req.socket.destroy()
    for (let index = 0; index < 20; index += 1) expect(await at(11 * minute)).toBe('accepted')
    expect(server.requests).toHaveLength(4)
  })

  test('fetches the keys again after the clock was set back', async () => {
    const { server, at } = await open(published)
    expect(await at(day)).toBe('accepted')
    server.answer = sendJson({ keys: [newKey.publicJwk] })
    expect(await at(0)).toBe('token_invalid')
  })
})
