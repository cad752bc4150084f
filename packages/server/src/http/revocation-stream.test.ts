import { heartbeatSeconds, paths, type Revocation } from '@sallyport/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openRevocationHub } from '../flows/revocation-hub.ts'
import { migrate, openDatabase } from '../store/database.ts'
import {
  bearer,
  claimsOf,
  frozenClock,
  startSallyport,
  type TestServer,
  verifierSecret,
} from '../testing/sallyport.ts'
import { revocationStream } from './revocation-stream.ts'

afterEach(() => {
  vi.useRealTimers()
})

type Frame = { id?: string; event?: string; data?: unknown; comment?: string }

/** Reads a stream frame by frame. */
function framesOf(answer: Response) {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    async next(): Promise<Frame | null> {
      while (!text.includes('\n\n')) {
        const { done, value } = (await reader?.read()) ?? { done: true }
        if (done) return null
        text += value
      }
      const end = text.indexOf('\n\n')
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const frame: Frame = {}
      for (const line of lines) {
        if (line.startsWith(':')) frame.comment = line.slice(1).trim()
        else if (line.startsWith('id: ')) frame.id = line.slice(4)
        else if (line.startsWith('event: ')) frame.event = line.slice(7)
        else if (line.startsWith('data: ')) frame.data = JSON.parse(line.slice(6))
      }
      return frame
    },
    cancel: () => reader?.cancel(),
  }
}

async function follow(server: TestServer, headers: Record<string, string> = {}) {
  const answer = await server.get(paths.revocations, { ...bearer(verifierSecret), ...headers })
  expect(answer.status).toBe(200)
  return framesOf(answer)
}

async function signedInTwice() {
  const server = await startSallyport()
  await server.addUser()
  return { server, one: await server.signIn(), other: await server.signIn() }
}

describe('the revocation stream', () => {
  test('begins with a snapshot of what is revoked now', async () => {
    const { server, one } = await signedInTwice()
    await server.post(paths.logout, { refreshToken: one.refreshToken })
    const frames = await follow(server)
    const until = server.clock() + 660_000
    expect(await frames.next()).toEqual({
      id: '1',
      event: 'snapshot',
      data: { revocations: [{ seq: 1, sid: claimsOf(one.accessToken).sid, until }] },
    })
    await frames.cancel()
  })

  test('says what is revoked before the answer to whoever revoked it', async () => {
    const { server, one } = await signedInTwice()
    const frames = await follow(server)
    expect(await frames.next()).toMatchObject({ id: '0', event: 'snapshot', data: { revocations: [] } })
    const order: string[] = []
    const heard = frames.next().then((frame) => {
      order.push('event')
      return frame
    })
    const answered = server
      .post(paths.logout, { refreshToken: one.refreshToken })
      .then(() => order.push('answer'))
    await Promise.all([heard, answered])
    expect(order).toEqual(['event', 'answer'])
    expect(await heard).toMatchObject({
      id: '1',
      event: 'revocation',
      data: { seq: 1, sid: claimsOf(one.accessToken).sid },
    })
    await frames.cancel()
  })

  test('reuse of a refresh token is told too, once', async () => {
    const { server, one } = await signedInTwice()
    await server.refresh(one.refreshToken)
    server.clock.advance(60)
    const frames = await follow(server)
    await frames.next()
    const { refreshToken } = (await (await server.refresh(one.refreshToken)).json()) as {
      refreshToken: string
    }
    await server.refresh(refreshToken)
    await server.refresh(one.refreshToken)
    await server.refresh(one.refreshToken)
    expect(await frames.next()).toMatchObject({
      event: 'revocation',
      data: { sid: claimsOf(one.accessToken).sid },
    })
    expect(server.rows('revocation')).toHaveLength(1)
    await frames.cancel()
  })

  test('resumes after the last event seen, with nothing missed and nothing twice', async () => {
    const { server, one, other } = await signedInTwice()
    await server.post(paths.logout, { refreshToken: one.refreshToken })
    await server.post(paths.logout, { refreshToken: other.refreshToken })
    const frames = await follow(server, { 'last-event-id': '1' })
    expect(await frames.next()).toEqual({ comment: 'resumed' })
    expect(await frames.next()).toMatchObject({ id: '2', event: 'revocation' })
    await frames.cancel()
  })

  test.each(['99', '-1', '1.5', 'x', '', '0', '1e0', '99999999999999999999'])(
    'tells everything to a reader that resumes from %j',
    async (lastEventId) => {
      const { server, one } = await signedInTwice()
      await server.post(paths.logout, { refreshToken: one.refreshToken })
      const frames = await follow(server, { 'last-event-id': lastEventId })
      expect(await frames.next()).toMatchObject({ id: '1', event: 'snapshot' })
      await frames.cancel()
    },
  )

  test('what can match no live token any more is not told', async () => {
    const { server, one } = await signedInTwice()
    await server.post(paths.logout, { refreshToken: one.refreshToken })
    server.clock.advance(660)
    const frames = await follow(server)
    expect(await frames.next()).toEqual({ id: '1', event: 'snapshot', data: { revocations: [] } })
    await frames.cancel()
  })

  test('gives a sign of life', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const server = await startSallyport()
    const frames = await follow(server)
    await frames.next()
    vi.advanceTimersByTime(heartbeatSeconds * 1000)
    expect(await frames.next()).toEqual({ comment: 'alive' })
    await frames.cancel()
  })

  test.each([
    {},
    bearer('wrong'),
    bearer(''),
    { authorization: `Basic ${verifierSecret}` },
    { cookie: `accessToken=${verifierSecret}` },
  ])('is closed to whoever comes with %j', async (headers) => {
    const server = await startSallyport()
    const answer = await server.get(paths.revocations, headers)
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(await answer.json()).toMatchObject({ code: 'client_unauthorized' })
  })

  test('HEAD follows nothing', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const server = await startSallyport()
    const timers = vi.getTimerCount()
    const head = await server.fetch(paths.revocations, { method: 'HEAD', headers: bearer(verifierSecret) })
    expect([head.status, vi.getTimerCount()]).toEqual([200, timers])
  })

  test('ends when the server stops', async () => {
    const server = await startSallyport()
    const frames = await follow(server)
    await frames.next()
    server.sallyport.endStreams()
    expect(await frames.next()).toBeNull()
    const late = await server.get(paths.revocations, bearer(verifierSecret))
    expect(late.status).toBe(503)
  })
})

describe('readers of the hub', () => {
  async function openHub() {
    const database = openDatabase(':memory:')
    await migrate(database)
    return { database, hub: await openRevocationHub(database, frozenClock()) }
  }

  const entry = (seq: number): Revocation => ({ seq, sid: `session-${seq}`, until: Number.MAX_SAFE_INTEGER })

  test('a slow one is cut, and what it left unread with it; the others go on (D05)', async () => {
    const { hub } = await openHub()
    const slow = await revocationStream(hub, null)
    const quick = framesOf(await revocationStream(hub, null))
    await quick.next()
    for (let seq = 1; seq <= 1_100; seq += 1) {
      hub.announce(entry(seq))
      expect(await quick.next()).toMatchObject({ id: String(seq) })
    }
    expect(hub.readerCount).toBe(1)
    await expect(slow.text()).rejects.toThrow('too slow')
  })

  test('heartbeats do not pile up before a reader that does not read', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { hub } = await openHub()
    const idle = await revocationStream(hub, null)
    vi.advanceTimersByTime(heartbeatSeconds * 1000 * 10_000)
    hub.close()
    expect((await idle.text()).match(/: alive/g)?.length).toBeLessThan(5)
  })

  test('one that goes away is forgotten', async () => {
    const { hub } = await openHub()
    const stream = await revocationStream(hub, null)
    expect(hub.readerCount).toBe(1)
    await stream.body?.cancel()
    expect(hub.readerCount).toBe(0)
    hub.announce(entry(1))
  })

  test('one that cannot be begun leaves nothing behind (D09)', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { hub, database } = await openHub()
    await database.destroy()
    await expect(revocationStream(hub, null)).rejects.toThrow()
    expect(hub.readerCount).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    hub.announce(entry(1))
  })

  test('what is announced while the table is read comes after the snapshot, once', async () => {
    const { hub, database } = await openHub()
    const opening = revocationStream(hub, null)
    hub.announce(entry(1))
    const frames = framesOf(await opening)
    expect(await frames.next()).toMatchObject({ event: 'snapshot' })
    expect(await frames.next()).toMatchObject({ id: '1', event: 'revocation' })
    await frames.cancel()
    await database.destroy()
  })
})
