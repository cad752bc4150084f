import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { firstSnapshot, settled, start, startCurrent } from './testing/feed-lines.ts'

const until = 10_000_000
const holder = { sessionId: 'session-1', userId: 'user-1', version: 1, keyId: 'key-1' }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('follows the feed once after several starts, and never after close', async () => {
  const { feed, lines, waits } = start()
  for (let times = 0; times < 3; times += 1) feed.start()
  expect(lines).toHaveLength(1)
  await settled()
  expect(lines[0]?.signal.aborted).toBe(false)
  feed.close()
  await settled()
  expect(lines[0]?.signal.aborted).toBe(true)
  expect(waits).toEqual([])
  feed.start()
  expect(lines).toHaveLength(1)
  const other = start()
  other.feed.close()
  other.feed.start()
  expect(other.lines).toHaveLength(0)
})

test('close ends it while it waits for the next attempt', async () => {
  const { feed, line, lines, waits, reconnect } = await startCurrent()
  await line().end()
  expect(waits).toHaveLength(1)
  feed.close()
  await reconnect()
  expect(lines).toHaveLength(1)
})

test('sends its credential, follows no redirect, caches nothing, and requests missed events', async () => {
  const { line, reconnect } = await startCurrent()
  expect(Object.fromEntries(line().headers)).toEqual({
    accept: 'text/event-stream',
    authorization: 'Bearer verifier',
  })
  expect(line().init).toMatchObject({ redirect: 'error', cache: 'no-store' })
  // An event without an id, or of another type, does not change the last event id.
  await line().send(`event: revocation\ndata: {"seq":8,"sid":"session-2","until":${until}}\n\n`)
  await line().send('event: other\nid: 9\ndata: no JSON\n\n')
  for (let times = 0; times < 2; times += 1) {
    await line().end()
    await reconnect()
    expect(line().headers.get('last-event-id')).toBe('7')
    await line().send(`event: revocation\ndata: {"seq":8,"sid":"session-3","until":${until}}\n\n`)
  }
})

test('an event that cannot be read resets the position', async () => {
  for (const garbage of [
    'event: revocation\nid: 8\ndata: {"seq":8,"sid":""}\n\n',
    'event: revocation\nid: 8\ndata: {\n\n',
    'event: revocations\nid: 8\ndata: {"revocations":[{}]}\n\n',
  ]) {
    const { feed, line, reconnect } = await startCurrent()
    expect(feed.isCurrent()).toBe(true)
    await line().send(garbage)
    expect(feed.isCurrent(), garbage).toBe(false)
    expect(line().signal.aborted).toBe(true)
    await reconnect()
    expect(line().headers.has('last-event-id')).toBe(false)
    await line().send(': heartbeat\n\n')
    expect(feed.isCurrent()).toBe(false)
    await line().send(firstSnapshot)
    expect(feed.isCurrent()).toBe(true)
    feed.close()
  }
})

const line64Kb = `data: ${'x'.repeat(64 * 1024 - 7)}\n`
test.each([
  ['one line', line64Kb.trim(), 'x'.repeat(64 * 1024)],
  ['many lines', line64Kb, line64Kb],
  ['lines with comments between', line64Kb, `: heartbeat\n${line64Kb}`],
])('an event of more than 1 MB, in %s, is not kept: a new snapshot is asked for', async (_, first, next) => {
  const { feed, line, reconnect } = await startCurrent()
  await line().send(first)
  for (let piece = 1; piece < 16; piece += 1) await line().send(next)
  expect(line().signal.aborted).toBe(false)
  await line().send(next)
  expect(line().signal.aborted).toBe(true)
  expect(feed.isCurrent()).toBe(false)
  await reconnect()
  expect(line().headers.has('last-event-id')).toBe(false)
})

test('events and heartbeats go on for ever: only one event is limited', async () => {
  const { feed, line } = await startCurrent()
  const other = `event: other\n${line64Kb}\n`
  for (let piece = 0; piece < 40; piece += 1) {
    await line().send(other)
    await line().send(': heartbeat\n'.repeat(5_000))
  }
  expect(line().signal.aborted).toBe(false)
  expect(feed.isCurrent()).toBe(true)
})

test.each(['\n', '\r\n', '\r'])('lines may end with %j, and pieces anywhere', async (end) => {
  const { feed, line } = await startCurrent()
  const entry = (sid: string) => `{"seq":8,"sid":"${sid}","until":${until}}`
  const text = `event: revocation\nid: 8\n: comment\nretry: 7\ndata:${entry('session-1')}\n\nevent:revocation\ndata: {"seq":9,\ndata:${entry('session-2').slice(9)}\n\n`
  for (const character of text.replaceAll('\n', end)) await line().send(character)
  // If the text ends with a carriage return, only the next chunk shows whether a line feed follows.
  await line().send(': heartbeat\n')
  expect(feed.findRefusal(holder)).toBe('session_ended')
  expect(feed.findRefusal({ ...holder, sessionId: 'session-2' })).toBe('session_ended')
  expect(feed.isCurrent()).toBe(true)
})

test('decodes characters that are split between pieces, and refuses invalid bytes', async () => {
  const { feed, line } = await startCurrent()
  const bytes = Buffer.from(`event: revocation\ndata: {"seq":8,"sid":"sessi\u00f6n","until":${until}}\n\n`)
  const cut = bytes.indexOf(0xc3) + 1
  await line().send(bytes.subarray(0, cut))
  await line().send(bytes.subarray(cut))
  expect(feed.findRefusal({ ...holder, sessionId: 'sessi\u00f6n' })).toBe('session_ended')
  expect(feed.isCurrent()).toBe(true)
  await line().send(Buffer.from([0x3a, 0xff, 0x0a]))
  expect(feed.isCurrent()).toBe(false)
})

test('refuses a stream with another status', async () => {
  const bench = start()
  bench.refuses = () =>
    new Response(firstSnapshot, { status: 203, headers: { 'content-type': 'text/event-stream' } })
  bench.feed.start()
  await settled()
  expect(bench.feed.isCurrent()).toBe(false)
})

test('uses each part of a snapshot, and is current after the last one', async () => {
  const { feed, line } = start()
  feed.start()
  await settled()
  await line().send(
    `event: revocations\ndata: {"revocations":[{"seq":1,"sid":"session-1","until":${until}}]}\n\n`,
  )
  expect(feed.findRefusal(holder)).toBe('session_ended')
  expect(feed.isCurrent()).toBe(false)
  await line().send('event: snap')
  await line().send('shot\ndata: {"revocations":[]}\n')
  expect(feed.isCurrent()).toBe(false)
  await line().send('\n')
  expect(feed.isCurrent()).toBe(true)
})

test('is current for the configured time since the last line, and not if that is in the future', async () => {
  const bench = await startCurrent()
  bench.time += 10_000
  expect(bench.feed.isCurrent()).toBe(true)
  bench.time += 1
  expect(bench.feed.isCurrent()).toBe(false)
  await bench.line().send('no whole line')
  expect(bench.feed.isCurrent()).toBe(false)
  await bench.line().send('\n')
  expect(bench.feed.isCurrent()).toBe(true)
  bench.time -= 1
  expect(bench.feed.isCurrent()).toBe(false)
})

test('load waits for the first snapshot, at most five seconds', async () => {
  const bench = start()
  const outcome = vi.fn()
  const load = () =>
    bench.feed.load().then(
      () => outcome('current'),
      ({ code }) => outcome(code),
    )
  void load()
  await vi.advanceTimersByTimeAsync(4999)
  expect(outcome).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(outcome.mock.calls).toEqual([['unavailable']])
  const timers = vi.getTimerCount()
  void load()
  await settled()
  expect(vi.getTimerCount()).toBe(timers + 1)
  await bench.line().send(firstSnapshot)
  expect(outcome.mock.calls).toEqual([['unavailable'], ['current']])
  expect(vi.getTimerCount()).toBe(timers)
  void load()
  await settled()
  expect(outcome).toHaveBeenCalledTimes(3)
  bench.feed.close()
})

test('load ends at once if the feed is closed', async () => {
  const bench = start()
  const outcome = bench.feed.load().catch(({ code }) => code)
  bench.feed.close()
  expect(await outcome).toBe('unavailable')
})

test('closes a connection that is silent for three heartbeats', async () => {
  const { line, lines, reconnect } = await startCurrent()
  await vi.advanceTimersByTimeAsync(8999)
  await line().send(': heartbeat\n\n')
  await vi.advanceTimersByTimeAsync(8999)
  expect(line().signal.aborted).toBe(false)
  await line().send(': no whole line')
  await vi.advanceTimersByTimeAsync(1)
  expect(line().signal.aborted).toBe(true)
  await reconnect()
  expect(lines).toHaveLength(2)
})

test('a connection that ends leaves no timer', async () => {
  const { line } = await startCurrent()
  expect(vi.getTimerCount()).toBe(1)
  await line().end()
  expect(vi.getTimerCount()).toBe(0)
})

test.each([
  [0, 0.5],
  [1, 1],
])('reconnects with growing, random delays (%d)', async (random, part) => {
  vi.spyOn(Math, 'random').mockReturnValue(random)
  const bench = await startCurrent()
  for (let attempt = 0; attempt < 8; attempt += 1) {
    await bench.line().end()
    await bench.reconnect()
  }
  expect(bench.waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000].map((ms) => ms * part))
  // A connection counts as successful after one heartbeat.
  bench.time += 2999
  await bench.line().end()
  await bench.reconnect()
  expect(bench.waits.at(-1)).toBe(5000 * part)
  bench.time += 3000
  await bench.line().end()
  expect(bench.waits.at(-1)).toBe(250 * part)
})

test.each([
  ['text/event-stream', true],
  ['Text/Event-Stream ; charset=utf-8', true],
  ['text/event-stream;a', true],
  ['text/event-streams', false],
  ['x-text/event-stream', false],
  ['text/html', false],
])('accepts a response of type %s as a feed: %j', async (type, isFeed) => {
  const bench = start()
  bench.type = type
  bench.feed.start()
  await settled()
  expect(bench.line().signal.aborted).toBe(!isFeed)
  if (isFeed) await bench.line().send(firstSnapshot)
  expect(bench.feed.isCurrent()).toBe(isFeed)
})

test('warns the operator of errors that only they can fix, once in succession', async () => {
  const bench = start()
  const answer = (status: number) => () => new Response('x', { status })
  const steps: [() => Response | Promise<Response>, number][] = [
    [() => Promise.reject(new TypeError('no network')), 0],
    [answer(500), 0],
    [answer(503), 0],
    [answer(401), 1],
    [answer(401), 1],
    [answer(201), 2],
    [answer(499), 3],
    [answer(401), 4],
    [() => new Response(null, { status: 404 }), 5],
  ]
  for (const [refuses, warnings] of steps) {
    bench.refuses = refuses
    bench.feed.start()
    await bench.reconnect()
    expect(bench.warnings, String(refuses)).toHaveLength(warnings)
  }
  for (const warning of bench.warnings) expect(warning).not.toContain('Bearer')
})

test('keeps the maximum number of entries, and is not current with one more', async () => {
  const bench = await startCurrent({ maximumEntries: 2 })
  const entry = (sid: string) => `event: revocation\ndata: {"seq":8,"sid":"${sid}","until":${until}}\n\n`
  await bench.line().send(entry('session-1') + entry('session-2'))
  expect(bench.feed.isCurrent()).toBe(true)
  expect(bench.warnings).toEqual([])
  await bench.line().send(entry('session-3'))
  expect(bench.feed.isCurrent()).toBe(false)
  expect(bench.warnings).toEqual([expect.stringContaining('more entries than this verifier can store')])
  expect(bench.feed.findRefusal(holder)).toBe('session_ended')
})
