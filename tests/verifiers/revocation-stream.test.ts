import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type FeedServer,
  openStream,
  revocation,
  snapshot,
  startFeedServer,
} from '../../packages/verify/src/testing/feed-server.ts'
import { createSigningKey, issueToken, now } from '../../packages/verify/src/testing/issuer.ts'
import { credential, type Probe, probes, type Sources } from './probe.ts'

const key = createSigningKey('key-1')
const token = issueToken(key)
const until = now + 600_000

// Warnings to the operator are tested in packages/verify.
beforeEach(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => {}))
afterEach(() => void vi.restoreAllMocks())

/** Starts the verifier of a language for the tests of a group, and returns how to follow one of its feeds. */
function following(language: string) {
  const start = probes[language]
  let probe: Probe
  beforeAll(async () => {
    if (start) probe = await start()
  })
  afterAll(() => probe?.close())

  function verdict(of: string, afterSeconds = 0): Promise<string> {
    return probe.verdict(of, afterSeconds)
  }

  function becomes(expected: string, of: string = token, afterSeconds = 0): Promise<void> {
    return vi.waitFor(async () => expect(await verdict(of, afterSeconds)).toBe(expected), {
      timeout: 10_000,
      interval: 5,
    })
  }

  return {
    test: it.skipIf(!start),
    verdict,
    becomes,
    size: () => probe.size(),
    delays: () => probe.delays(),
    /** A verifier whose feed has delivered its first snapshot. */
    async follow(revocations: unknown[] = [], sources: Sources = {}) {
      const feed = await startFeedServer()
      await probe.open({ jwks: { keys: [key.publicJwk] }, feedUrl: `${feed.loopback.url}/feed`, ...sources })
      const first = verdict(token)
      const { request, response } = await feed.stream(1)
      response.write(snapshot(1, revocations))
      await first
      await becomes('accepted', issueToken(key, { sid: 'anybody' }))
      return { feed, request, response }
    },
  }
}

async function reopens(feed: FeedServer, open: (response: ServerResponse) => void, cut: ServerResponse) {
  const before = feed.streams.length
  feed.open = open
  cut.destroy()
  await feed.stream(before + 2)
}

describe.each(['TypeScript', 'Django'])(
  'the revocation stream as the verifier in %s follows it [D04, D05]',
  (language) => {
    const { test, follow, verdict, becomes } = following(language)

    test('applies a snapshot and later events, and sends its credential', async () => {
      const { request, response } = await follow([
        { seq: 1, sid: 'session-ended', until },
        { seq: 2, sub: 'user-demoted', minVersion: 4, until },
        { seq: 3, kid: 'key-2', until },
      ])
      expect(request.headers).toMatchObject({
        accept: 'text/event-stream',
        authorization: `Bearer ${credential}`,
      })
      expect(await verdict(issueToken(key, { sid: 'session-ended' }), 0)).toBe('session_ended')
      expect(await verdict(issueToken(key, { sub: 'user-demoted' }), 0)).toBe('token_stale')
      expect(await verdict(issueToken(key, { sub: 'user-demoted', ver: 4 }), 0)).toBe('accepted')
      expect(await verdict(token, 0)).toBe('accepted')
      // In the smallest possible pieces.
      for (const character of revocation({ seq: 4, sid: 'session-1', until })) response.write(character)
      await becomes('session_ended')
    })

    const noLife: Record<string, (response: ServerResponse) => void> = {
      'a proxy’s page that says 200': (response) =>
        response
          .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
          .end('<h1>Back soon</h1>\n\n: alive\n\n'),
      'lines under no media type': (response) => response.writeHead(200).end(': alive\n\n'),
      'a 204': (response) => response.writeHead(204, { 'content-type': 'text/event-stream' }).end(),
      'a redirect': (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
      'a 401': (response) =>
        response.writeHead(401, { 'content-type': 'text/event-stream' }).end(': alive\n\n'),
      'a cut line': (response) => response.destroy(),
      silence: openStream,
    }
    test.each(Object.entries(noLife))('does not accept %s as a heartbeat [S19]', async (name, open) => {
      const { feed, response } = await follow([{ seq: 1, sid: 'session-ended', until }])
      if (name === 'silence') feed.open = open
      else await reopens(feed, open, response)
      expect(await verdict(token, 10)).toBe('accepted')
      expect(await verdict(token, 10.5)).toBe('unavailable')
      // Known revocations stay refused.
      expect(await verdict(issueToken(key, { sid: 'session-ended' }), 10.5)).toBe('session_ended')
      expect(feed.loopback.requests.map(({ url }) => url)).not.toContain('/elsewhere')
    })

    test('accepts a heartbeat, even after a broken connection', async () => {
      const { feed, response } = await follow()
      response.destroy()
      const second = await feed.stream(2)
      expect(second.request.headers['last-event-id']).toBe('1')
      expect(await verdict(token, 11)).toBe('unavailable')
      second.response.write(': alive\n\n')
      await becomes('accepted', token, 11)
    })

    const garbage: Record<string, string | Buffer> = {
      'no JSON': 'event: revocation\nid: 2\ndata: {"seq":2,\n\n',
      'another shape': 'event: revocation\nid: 2\ndata: {"session":"x"}\n\n',
      'a list of something else': 'event: snapshot\nid: 2\ndata: {"revocations":["session-1"]}\n\n',
      'a snapshot without a list': 'event: snapshot\nid: 2\ndata: {}\n\n',
      'an object where the list should be': 'event: snapshot\nid: 2\ndata: {"revocations":{"a":1}}\n\n',
      'a revocation without an end': 'event: revocation\nid: 2\ndata: {"seq":2,"sid":"session-1"}\n\n',
      'an end that is text': 'event: revocation\nid: 2\ndata: {"seq":2,"sid":"session-1","until":"x"}\n\n',
      'a name that is a number': `event: revocation\nid: 2\ndata: {"seq":2,"sid":1,"until":${until}}\n\n`,
      'a version that is text': `event: revocation\nid: 2\ndata: {"seq":2,"sub":"a","minVersion":"4","until":${until}}\n\n`,
      'no UTF-8': Buffer.concat([
        Buffer.from('event: revocation\ndata: "'),
        Buffer.from([0xff]),
        Buffer.from('"\n\n'),
      ]),
      'a line without an end': `data: ${'x'.repeat(2 * 1024 * 1024)}`,
      'an event without an end': `data: ${'x'.repeat(1000)}\n`.repeat(2000),
    }
    test.each(Object.entries(garbage))(
      '%s: its state is unknown until a new snapshot',
      async (_name, text) => {
        const { feed, response } = await follow()
        response.write(text)
        const second = await feed.stream(2)
        expect(second.request.headers['last-event-id']).toBeUndefined()
        expect(await verdict(token, 0)).toBe('unavailable')
        second.response.write(': alive\n\n')
        second.response.write(snapshot(2, [{ seq: 2, sid: 'session-2', until }]))
        await becomes('accepted')
        expect(await verdict(issueToken(key, { sid: 'session-2' }), 0)).toBe('session_ended')
      },
    )
  },
)

describe('memory and reconnects of the stream in Django [D05]', () => {
  const { test, follow, verdict, size, delays } = following('Django')

  test('removes 50,000 expired entries from memory', async () => {
    const { response } = await follow()
    for (let part = 0; part < 10; part += 1) {
      const revocations = Array.from({ length: 5_000 }, (_, index) => ({
        seq: part * 5_000 + index + 1,
        ...(index % 2
          ? { sid: `session-${part}-${index}` }
          : { sub: `user-${part}-${index}`, minVersion: 1 }),
        until,
      }))
      response.write(`event: revocations\ndata: ${JSON.stringify({ revocations })}\n\n`)
    }
    response.write(revocation({ seq: 50_001, sid: 'longer', until: until + 60_000 }))
    response.write(snapshot(50_001))
    await vi.waitFor(async () => expect(await size()).toBe(50_001), { timeout: 10_000 })
    await verdict(token, 600)
    response.write(': alive\n\n')
    await vi.waitFor(async () => expect(await size()).toBe(1), { timeout: 10_000 })
  })

  test('has an unknown state with too many entries, and refuses known ones', async () => {
    const { feed, response } = await follow([], { maxEntries: 3 })
    const revocations = [1, 2, 3, 4].map((seq) => ({ seq, sid: `session-${seq}`, until }))
    response.write(snapshot(4, revocations))
    await feed.stream(2)
    expect(await verdict(issueToken(key, { sid: 'session-9' }), 0)).toBe('unavailable')
    expect(await verdict(issueToken(key, { sid: 'session-4' }), 0)).toBe('session_ended')
  })

  test('reconnects with growing delays', async () => {
    const { feed, response } = await follow()
    feed.open = (next) => {
      openStream(next)
      next.end(snapshot(1))
    }
    response.destroy()
    await feed.stream(8)
    const waited = await delays()
    for (const [index, most] of [0.25, 0.5, 1, 2, 4, 5].entries()) {
      expect(waited[index]).toBeGreaterThanOrEqual(most / 2)
      expect(waited[index]).toBeLessThanOrEqual(most)
    }
  })
})
