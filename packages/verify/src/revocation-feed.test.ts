import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { FeedOptions } from './options.ts'
import { RevocationFeed } from './revocation-feed.ts'
import { RevocationSet } from './revocation-set.ts'
import { answerJson, type FeedServer, revocation, snapshot, startFeedServer } from './testing/feed-server.ts'
import { createSigningKey, issueToken, now } from './testing/issuer.ts'
import { refusalOf } from './testing/refusal.ts'
import { countingKeySet, verifierOf } from './testing/verifier.ts'
import type { Verifier } from './verifier.ts'

const key = createSigningKey('key-1')
const token = issueToken(key)
const until = now + 600_000

type Bench = { feed: FeedServer; verifier: Verifier; wait(ms: number): void }

async function startBench(options: Partial<FeedOptions> = {}): Promise<Bench> {
  const feed = await startFeedServer()
  let time = now
  const verifier = verifierOf(countingKeySet(key), {
    clock: () => time,
    fetch: globalThis.fetch,
    feed: {
      url: feed.loopback.url + paths.revocations,
      credential: 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY',
      ...options,
    },
  })
  onTestFinished(() => verifier.close())
  return {
    feed,
    verifier,
    wait: (ms) => {
      time += ms
    },
  }
}

/** Creates a bench and waits until its feed has received the first snapshot. */
async function startCurrentBench(
  options: Partial<FeedOptions> = {},
  revocations: unknown[] = [],
): Promise<Bench> {
  const bench = await startBench(options)
  const ready = bench.verifier.ready()
  const { response } = await bench.feed.stream(1)
  response.write(snapshot(1, revocations))
  await ready
  return bench
}

function becomes(verifier: Verifier, code: string, of: string = token): Promise<void> {
  return vi.waitFor(async () => expect(await refusalOf(verifier.verify(of))).toMatchObject({ code }), {
    timeout: 5000,
    interval: 5,
  })
}

describe('the revocation feed', () => {
  test('is requested at the first token, with the credential', async () => {
    const { feed, verifier } = await startBench()
    expect(feed.streams).toHaveLength(0)
    await verifier.verify(token)
    const { request } = await feed.stream(1)
    expect(request.headers).toMatchObject({
      authorization: 'Bearer verifier-9XfTq2LmZr7VbNc4KwHs8PdY',
      accept: 'text/event-stream',
    })
    expect(request.headers['last-event-id']).toBeUndefined()
  })

  test('a snapshot and later events refuse sessions and older tokens, without introspection', async () => {
    const { feed, verifier } = await startCurrentBench({}, [
      { seq: 1, sid: 'session-ended', until },
      { seq: 2, sub: 'user-demoted', minVersion: 4, until },
    ])
    const { response } = await feed.stream(1)
    expect(await refusalOf(verifier.verify(issueToken(key, { sid: 'session-ended' })))).toMatchObject({
      code: 'session_ended',
    })
    expect(await refusalOf(verifier.verify(issueToken(key, { sub: 'user-demoted' })))).toMatchObject({
      code: 'token_stale',
    })
    await expect(verifier.verify(issueToken(key, { sub: 'user-demoted', ver: 4 }))).resolves.toBeDefined()
    await verifier.verify(token)
    response.write(revocation({ seq: 3, sid: 'session-1', until }))
    await becomes(verifier, 'session_ended')
    expect(feed.introspections).toHaveLength(0)
  })

  test('resumes after the last event when the connection was lost, and misses none', async () => {
    const { feed, verifier } = await startCurrentBench()
    const { response } = await feed.stream(1)
    response.write(revocation({ seq: 7, sid: 'session-7', until }))
    await becomes(verifier, 'session_ended', issueToken(key, { sid: 'session-7' }))
    response.destroy()
    const second = await feed.stream(2)
    expect(second.request.headers['last-event-id']).toBe('7')
    second.response.write(revocation({ seq: 8, sid: 'session-1', until }))
    await becomes(verifier, 'session_ended')
    expect(feed.introspections).toHaveLength(0)
  })

  test('an event that is cut in the middle is ignored, and requested again', async () => {
    const { feed, verifier } = await startCurrentBench()
    const { response } = await feed.stream(1)
    const event = revocation({ seq: 2, sid: 'session-1', until })
    await new Promise((resolve) => response.write(event.slice(0, -2), resolve))
    response.destroy()
    const second = await feed.stream(2)
    expect(second.request.headers['last-event-id']).toBe('1')
    await expect(verifier.verify(token)).resolves.toBeDefined()
    // Send the text character by character.
    for (const character of event) second.response.write(character)
    await becomes(verifier, 'session_ended')
  })

  test('a snapshot removes no entry, because it may come from a server that lags', async () => {
    const { feed, verifier } = await startCurrentBench({}, [{ seq: 1, sid: 'session-1', until }])
    const { response } = await feed.stream(1)
    response.write(snapshot(1))
    response.write(revocation({ seq: 2, sid: 'session-2', until }))
    await becomes(verifier, 'session_ended', issueToken(key, { sid: 'session-2' }))
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'session_ended' })
  })

  test('a local revocation does not wait for the feed', async () => {
    const { verifier } = await startCurrentBench()
    verifier.revokeLocally({ sid: 'session-1' })
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'session_ended' })
    const user = issueToken(key, { sid: 'session-2', sub: 'user-2' })
    verifier.revokeLocally({ sub: 'user-2', minVersion: 4 })
    expect(await refusalOf(verifier.verify(user))).toMatchObject({ code: 'token_stale' })
  })

  const garbage: Record<string, string | Buffer> = {
    'no UTF-8': Buffer.concat([
      Buffer.from('event: revocation\nid: 2\ndata: {"seq":2,"sid":"'),
      Buffer.from([0xff]),
    ]),
    'a revocation without an end': 'event: revocation\nid: 2\ndata: {"seq":2,"sid":"session-1"}\n\n',
    'an end that is not a number':
      'event: revocation\nid: 2\ndata: {"seq":2,"sid":"session-1","until":"x"}\n\n',
    'text that is not JSON': 'event: revocation\nid: 2\ndata: {"seq":2,\n\n',
    'another shape': 'event: revocation\nid: 2\ndata: {"session":"x"}\n\n',
    'a snapshot without a list': 'event: snapshot\nid: 2\ndata: {}\n\n',
    'an endless line': `data: ${'x'.repeat(9 * 1024 * 1024)}`,
  }
  test.each(Object.entries(garbage))(
    'after garbage (%s), is not current and requests a new snapshot',
    async (_name, text) => {
      const { feed, verifier } = await startCurrentBench({ whenStale: 'reject' })
      const { response } = await feed.stream(1)
      await verifier.verify(token)
      response.write(text)
      const second = await feed.stream(2)
      if (!String(text).startsWith('data')) {
        expect(second.request.headers['last-event-id']).toBeUndefined()
        expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'unavailable' })
      }
      second.response.write(snapshot(2, [{ seq: 2, sid: 'session-1', until }]))
      await becomes(verifier, 'session_ended')
    },
  )

  test('ignores unknown events and comments', async () => {
    const { feed, verifier } = await startCurrentBench()
    const { response } = await feed.stream(1)
    response.write('event: weather\ndata: sunny\n\n: heartbeat\n\nretry: 1\n\ndata: no event name\n\n')
    response.write(revocation({ seq: 2, sid: 'session-1', until }))
    await becomes(verifier, 'session_ended')
    expect(feed.streams).toHaveLength(1)
  })

  test('warns the operator once of a refusal, without showing the credential', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { feed, verifier } = await startBench({ whenStale: 'reject' })
    feed.open = (response) => response.writeHead(401).end()
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'unavailable' })
    await feed.stream(3)
    const messages = warn.mock.calls.map(([message]) => String(message))
    vi.restoreAllMocks()
    expect(messages).toHaveLength(1)
    expect(messages[0]).toMatch(/answers 401.*SALLYPORT_VERIFIER_SECRET/)
    expect(messages[0]).not.toContain('verifier-9XfTq2LmZr7VbNc4KwHs8PdY')
  })

  test('does not warn the operator of a server that is busy or down', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { feed, verifier } = await startBench({ whenStale: 'reject' })
    feed.open = (response) => response.writeHead(503).end()
    await refusalOf(verifier.verify(token))
    await feed.stream(2)
    expect(warn).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })

  test('refuses a page instead of the stream, and follows no redirect', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { feed, verifier } = await startBench({ whenStale: 'reject' })
    const answers = [
      { status: 200, headers: { 'content-type': 'text/html' } },
      { status: 302, headers: { location: '/elsewhere' } },
    ]
    feed.open = (response) => {
      const { status, headers } = answers[feed.streams.length % 2] ?? { status: 500, headers: {} }
      response.writeHead(status, headers).end(snapshot(1))
    }
    await refusalOf(verifier.verify(token))
    await feed.stream(4)
    expect(feed.loopback.requests.map(({ url }) => url)).not.toContain('/elsewhere')
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'unavailable' })
    vi.restoreAllMocks()
  })

  test('a proxy’s page with status 200 does not keep a verifier current [S19]', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { feed, verifier, wait } = await startCurrentBench({ whenStale: 'reject' })
    const { response } = await feed.stream(1)
    await verifier.verify(token)
    feed.open = (page) => {
      page.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      page.write('<!doctype html>\n<title>Back soon</title>\n\n: alive\n\n')
    }
    response.destroy()
    await feed.stream(2)
    wait(10_001)
    await feed.stream(3)
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'unavailable' })
    vi.restoreAllMocks()
  })

  async function follow(options: Partial<ConstructorParameters<typeof RevocationFeed>[0]> = {}) {
    const server = await startFeedServer()
    const clock = { now }
    const set = new RevocationSet(() => clock.now)
    const warnings: string[] = []
    const followed = new RevocationFeed({
      url: server.loopback.url + paths.revocations,
      credential: 'verifier-secret',
      maxStalenessSeconds: 10,
      set,
      fetch: globalThis.fetch,
      clock: () => clock.now,
      warn: (message) => warnings.push(message),
      ...options,
    })
    onTestFinished(() => followed.close())
    return { server, clock, set, followed, warnings }
  }

  test('drops 50,000 expired entries with the heartbeats, without new entries', async () => {
    const { server, clock, set, followed } = await follow()
    const loaded = followed.load()
    const { response } = await server.stream(1)
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
    response.write(snapshot(50_000))
    await loaded
    expect(set.size).toBe(50_000)
    clock.now = until
    for (let beat = 0; beat < 30; beat += 1) {
      response.write(': alive\n\n')
      await new Promise((resolve) => setImmediate(resolve))
    }
    await vi.waitFor(
      () => {
        response.write(': alive\n\n')
        expect(set.size).toBe(0)
      },
      { interval: 5 },
    )
  })

  test('with more entries than the maximum, is not current and warns the operator', async () => {
    const { server, set, followed, warnings } = await follow({ maximumEntries: 3 })
    followed.start()
    const { response } = await server.stream(1)
    const revocations = [1, 2, 3, 4].map((seq) => ({ seq, sid: `session-${seq}`, until }))
    response.write(snapshot(4, revocations))
    await server.stream(2)
    expect(followed.isCurrent()).toBe(false)
    // Known revocations are still refused.
    expect(set.size).toBe(4)
    await vi.waitFor(() => expect(warnings.join()).toMatch(/more entries than this verifier can store/), {
      timeout: 30_000,
    })
  })

  test('reconnects with growing delays, also if each connection opens and is closed at once', async () => {
    const delays: number[] = []
    const { server, clock, followed } = await follow({
      wait: async (ms) => {
        delays.push(ms)
      },
    })
    server.open = (response) => {
      // The seventh connection stays open for a while.
      if (server.streams.length === 6) clock.now += 3_000
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(snapshot(1))
    }
    followed.start()
    await server.stream(9)
    followed.close()
    const longest = [250, 500, 1000, 2000, 4000, 5000, 250, 250]
    for (const [index, most] of longest.entries()) {
      expect(delays[index]).toBeGreaterThanOrEqual(most / 2)
      expect(delays[index]).toBeLessThanOrEqual(most)
    }
  })

  test('closes a silent connection after three heartbeats and reconnects', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const feed = await startFeedServer()
    const verifier = verifierOf(countingKeySet(key), {
      fetch: globalThis.fetch,
      feed: { url: feed.loopback.url + paths.revocations, credential: 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY' },
    })
    onTestFinished(() => verifier.close())
    await verifier.verify(token)
    const { response } = await untilReal(() => feed.streams[0])
    const closed = new Promise((resolve) => response.on('close', resolve))
    vi.advanceTimersByTime(8999)
    expect(response.closed).toBe(false)
    vi.advanceTimersByTime(1)
    await closed
  })

  test('close ends the stream, which is not opened again', async () => {
    const { feed, verifier } = await startCurrentBench()
    const { response } = await feed.stream(1)
    const closed = new Promise((resolve) => response.on('close', resolve))
    // Because heartbeats arrive, the connection stays open until `close` is called.
    const heartbeat = setInterval(() => response.write(': heartbeat\n\n'), 200)
    onTestFinished(() => clearInterval(heartbeat))
    verifier.close()
    await closed
    await verifier.verify(token)
    expect(feed.streams).toHaveLength(1)
  })

  test('ready rejects if the feed sends no snapshot', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const feed = await startFeedServer()
    feed.open = (response) => response.writeHead(401).end()
    const verifier = verifierOf(countingKeySet(key), {
      fetch: globalThis.fetch,
      feed: { url: feed.loopback.url + paths.revocations, credential: 'wrong-Zk3WmQ8sVt5YbN2xLc7RjH4pTqLm' },
    })
    onTestFinished(() => verifier.close())
    const outcome = refusalOf(verifier.ready())
    vi.advanceTimersByTime(5000)
    expect(await outcome).toMatchObject({ code: 'unavailable' })
    vi.restoreAllMocks()
  })
})

async function untilReal<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('while the feed is silent', () => {
  test('a heartbeat keeps it current; without one, it is not current after ten seconds', async () => {
    const { feed, verifier, wait } = await startCurrentBench()
    const { response } = await feed.stream(1)
    wait(10_000)
    await verifier.verify(token)
    expect(feed.introspections).toHaveLength(0)
    wait(1)
    await verifier.verify(token)
    expect(feed.introspections).toEqual([
      { authorization: 'Bearer verifier-9XfTq2LmZr7VbNc4KwHs8PdY', body: { token } },
    ])
    response.write(': heartbeat\n\n')
    await vi.waitFor(
      async () => {
        const asked = feed.introspections.length
        await verifier.verify(token)
        expect(feed.introspections).toHaveLength(asked)
      },
      { interval: 5 },
    )
  })

  test('refuses known revocations without introspection', async () => {
    const { feed, verifier, wait } = await startCurrentBench({}, [{ seq: 1, sid: 'session-1', until }])
    wait(11_000)
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'session_ended' })
    expect(feed.introspections).toHaveLength(0)
  })

  test('introspect: also before the first snapshot; a token that is not active is stale', async () => {
    const { feed, verifier } = await startBench()
    feed.introspect = (response) => answerJson(response, { active: false })
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'token_stale', status: 401 })
    await feed.stream(1)
  })

  test('introspect: sends only genuine tokens', async () => {
    const { feed, verifier } = await startBench()
    await refusalOf(verifier.verify(`${token.slice(0, -4)}AAAA`))
    await refusalOf(verifier.verify(issueToken(key, { aud: 'other' })))
    expect(feed.introspections).toHaveLength(0)
  })

  const failures: Record<string, FeedServer['introspect']> = {
    'a 500': (response) => response.writeHead(500).end(),
    'a 401': (response) => response.writeHead(401).end('{"active":true,"sub":"a","sid":"b","exp":1}'),
    'a page with status 200': (response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Back soon</h1>'),
    'a page with the right body': (response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('{"active":false}'),
    'no media type': (response) => response.writeHead(200).end('{"active":false}'),
    'invalid JSON': (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('<html>'),
    'another shape': (response) => answerJson(response, { active: 'yes' }),
    'too much': (response) => answerJson(response, { active: false, x: 'x'.repeat(100_000) }),
    'a closed connection': (response) => response.destroy(),
  }
  test.each(Object.entries(failures))(
    'introspect: %s leads to 503, and to no request for a second',
    async (_name, answer) => {
      const { feed, verifier, wait } = await startBench()
      feed.introspect = answer
      expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'unavailable', status: 503 })
      expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'unavailable' })
      expect(feed.introspections).toHaveLength(1)
      feed.introspect = (response) => answerJson(response, { active: true, sub: 'a', sid: 'b', exp: 1 })
      wait(1000)
      await expect(verifier.verify(token)).resolves.toMatchObject({ sessionId: 'session-1' })
    },
  )

  test('introspect: follows no redirect with the credential and the token', async () => {
    const { feed, verifier } = await startBench()
    const active = feed.introspect
    feed.introspect = (response) =>
      feed.introspections.length === 1
        ? response.writeHead(307, { location: paths.introspect }).end()
        : active(response)
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'unavailable' })
    expect(feed.introspections).toHaveLength(1)
  })

  test('introspect: sends one request at a time for a token', async () => {
    const { feed, verifier } = await startBench()
    await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token)))
    expect(feed.introspections).toHaveLength(1)
  })

  test('introspect: times out after two seconds', async () => {
    const { feed, verifier } = await startBench()
    feed.introspect = () => {}
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort())
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'unavailable' })
    expect(timeout).toHaveBeenCalledWith(2000)
    vi.restoreAllMocks()
  })

  test('reject: refuses all requests', async () => {
    const { feed, verifier, wait } = await startCurrentBench({ whenStale: 'reject' })
    await verifier.verify(token)
    wait(10_001)
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'unavailable', status: 503 })
    expect(feed.introspections).toHaveLength(0)
  })

  test('accept: accepts tokens without checking revocation', async () => {
    const { feed, verifier } = await startBench({ whenStale: 'accept' })
    await expect(verifier.verify(token)).resolves.toMatchObject({ sessionId: 'session-1' })
    expect(feed.introspections).toHaveLength(0)
  })

  test('is not current after the clock was put back', async () => {
    const { verifier, wait } = await startCurrentBench({ whenStale: 'reject' })
    wait(-1)
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'unavailable' })
  })

  test('a stream without a snapshot is not current', async () => {
    const { feed, verifier } = await startBench({ whenStale: 'reject' })
    await refusalOf(verifier.verify(token))
    const { response } = await feed.stream(1)
    response.write(': heartbeat\n\n')
    response.write(revocation({ seq: 1, sid: 'session-2', until }))
    await becomes(verifier, 'session_ended', issueToken(key, { sid: 'session-2' }))
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'unavailable' })
    response.write(snapshot(1))
    await vi.waitFor(() => verifier.verify(token), { interval: 5 })
  })
})
