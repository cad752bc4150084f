import { heartbeatSeconds } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { sql } from 'kysely'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { openRevocationHub } from '../services/revocation-hub.ts'
import { type Database, openStore } from '../store/database.ts'
import { migrate } from '../store/migrations.ts'
import { addRevocation } from '../store/revocation.ts'
import {
  bearer,
  claimsOf,
  frozenClock,
  startSallyport,
  type TestServer,
  verifierSecret,
} from '../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../testing/stores.ts'
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
  test('begins with a snapshot of the current revocations', async () => {
    const { server, one } = await signedInTwice()
    await server.post(paths.signOut, { refreshToken: one.refreshToken })
    const frames = await follow(server)
    const until = server.clock() + 3_900_000
    expect(await frames.next()).toEqual({
      event: 'revocations',
      data: { revocations: [{ seq: 1, sid: claimsOf(one.accessToken).sid, until }] },
    })
    expect(await frames.next()).toEqual({ id: '1', event: 'snapshot', data: { revocations: [] } })
    await frames.cancel()
  })

  test('sends a revocation before the response of the request that caused it', async () => {
    const { server, one } = await signedInTwice()
    const frames = await follow(server)
    expect(await frames.next()).toMatchObject({ id: '0', event: 'snapshot', data: { revocations: [] } })
    const order: string[] = []
    const heard = frames.next().then((frame) => {
      order.push('event')
      return frame
    })
    const answered = server
      .post(paths.signOut, { refreshToken: one.refreshToken })
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

  test('sends the revocation after reuse of a refresh token, once', async () => {
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

  test('resumes after the last event that the reader has seen, without gaps or repeats', async () => {
    const { server, one, other } = await signedInTwice()
    await server.post(paths.signOut, { refreshToken: one.refreshToken })
    await server.post(paths.signOut, { refreshToken: other.refreshToken })
    const frames = await follow(server, { 'last-event-id': '1' })
    // Nothing is sent before it: a verifier takes any line as a heartbeat, and would trust its old entries.
    expect(await frames.next()).toMatchObject({ id: '2', event: 'revocation' })
    await frames.cancel()
    const upToDate = await follow(server, { 'last-event-id': '2' })
    expect(await upToDate.next()).toEqual({ comment: 'resumed' })
    await upToDate.cancel()
  })

  test.each(['99', '-1', '1.5', 'x', '', '0', '1e0', '99999999999999999999'])(
    'sends everything to a reader that resumes from %j',
    async (lastEventId) => {
      const { server, one } = await signedInTwice()
      await server.post(paths.signOut, { refreshToken: one.refreshToken })
      const frames = await follow(server, { 'last-event-id': lastEventId })
      expect(await frames.next()).toMatchObject({ event: 'revocations', data: { revocations: [{ seq: 1 }] } })
      expect(await frames.next()).toMatchObject({ id: '1', event: 'snapshot' })
      await frames.cancel()
    },
  )

  test('sends no revocation whose tokens have all expired', async () => {
    const { server, one } = await signedInTwice()
    await server.post(paths.signOut, { refreshToken: one.refreshToken })
    server.clock.advance(3_900)
    const frames = await follow(server)
    expect(await frames.next()).toEqual({ id: '1', event: 'snapshot', data: { revocations: [] } })
    await frames.cancel()
  })

  test('sends heartbeats', async () => {
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
  ])('refuses a caller with %j', async (headers: Record<string, string>) => {
    const server = await startSallyport()
    const answer = await server.get(paths.revocations, headers)
    const scheme = /^basic/i.test(headers.authorization ?? '') ? 'Basic realm="verifiers"' : 'Bearer'
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, scheme])
    expect(await answer.json()).toMatchObject({ code: 'client_unauthorized' })
  })

  test.each([
    [{}, 'info', 'no credential'],
    [bearer('wrong'), 'warn', 'the credential that was sent is not in SALLYPORT_VERIFIER_SECRET'],
    [bearer(`${verifierSecret},${verifierSecret}`), 'info', 'no credential'],
    [
      { authorization: `Basic ${btoa(`api:${verifierSecret},${verifierSecret}`)}` },
      'warn',
      'a list was sent: the caller must send one secret of SALLYPORT_VERIFIER_SECRET',
    ],
  ])('logs why it refuses %j', async (headers: Record<string, string>, level, reason) => {
    const server = await startSallyport()
    await server.get(paths.revocations, headers)
    const line = server.logLines.map((text) => JSON.parse(text)).find(({ code }) => code)
    expect(line).toMatchObject({ level: level === 'warn' ? 40 : 30, code: 'client_unauthorized', reason })
  })

  test('HEAD opens no stream', async () => {
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
  async function openHub(kind: StoreKind = 'SQLite') {
    const opened = openStore((await freshStore(kind)).address)
    await migrate(opened.database)
    const hub = await openRevocationHub(opened, frozenClock())
    onTestFinished(() => hub.close())
    onTestFinished(() => opened.database.destroy())
    return { database: opened.database, hub }
  }

  function revoke(database: Database, name: string): Promise<number> {
    const fact = { sid: `session-${name}`, until: Number.MAX_SAFE_INTEGER }
    return database.transaction().execute((transaction) => addRevocation(transaction, fact))
  }

  async function revokeMany(database: Database, count: number): Promise<void> {
    const facts = Array.from({ length: count }, (_, index) => ({
      sid: `session-${index}`,
      until: Number.MAX_SAFE_INTEGER,
    }))
    for (let start = 0; start < count; start += 500)
      await database
        .insertInto('revocation')
        .values(facts.slice(start, start + 500))
        .execute()
  }

  test('sends many entries in parts, and marks only the last one as the end', async () => {
    const { hub, database } = await openHub()
    await revokeMany(database, 1_234)
    await hub.announce()
    const frames = framesOf(await revocationStream(hub, null))
    let count = 0
    for (;;) {
      const frame = await frames.next()
      if (frame?.event === 'snapshot') {
        expect(frame.id).toBe('1234')
        break
      }
      expect(frame).toMatchObject({ event: 'revocations' })
      expect(frame).not.toHaveProperty('id')
      const data = frame?.data as { revocations: unknown[] } | undefined
      count += data?.revocations.length ?? 0
    }
    expect(count).toBe(1_234)
    await frames.cancel()
  })

  test('a slow reader misses nothing, uses no memory and delays no other reader [D05]', async () => {
    const { hub, database } = await openHub()
    const slow = framesOf(await revocationStream(hub, null))
    const quick = framesOf(await revocationStream(hub, null))
    expect(await slow.next()).toMatchObject({ id: '0', event: 'snapshot' })
    expect(await quick.next()).toMatchObject({ id: '0', event: 'snapshot' })
    // More than the hub keeps in memory: the slow reader gets the rest from the table.
    for (const start of [0, 3_000]) {
      await revokeMany(database, 3_000)
      await hub.announce()
      for (let seq = start + 1; seq <= start + 3_000; seq += 1)
        expect(await quick.next()).toMatchObject({ id: String(seq), event: 'revocation' })
    }
    for (let seq = 1; seq <= 6_000; seq += 1) expect(await slow.next()).toMatchObject({ id: String(seq) })
    await slow.cancel()
    await quick.cancel()
  })

  test('a reader that reads nothing is cut off after a minute, and delays no heartbeat of the others [D05]', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { hub } = await openHub()
    const dead = await revocationStream(hub, null)
    const living = framesOf(await revocationStream(hub, null))
    expect(await living.next()).toMatchObject({ event: 'snapshot' })
    for (let beats = 1; beats <= 20; beats += 1) {
      vi.advanceTimersByTime(heartbeatSeconds * 1000)
      expect(await living.next()).toEqual({ comment: 'alive' })
      expect(hub.readerCount).toBe(2)
    }
    vi.advanceTimersByTime(heartbeatSeconds * 1000)
    expect(await living.next()).toEqual({ comment: 'alive' })
    expect(hub.readerCount).toBe(1)
    await expect(dead.text()).rejects.toThrow('Nobody reads')
    await living.cancel()
  })

  test('a reader that begins while the server stops is told to try again', async () => {
    const { hub } = await openHub()
    const again = expect.objectContaining({
      code: 'unavailable',
      refusal: expect.objectContaining({ retryAfterSeconds: 1 }),
    })
    const beginning = revocationStream(hub, null)
    hub.close()
    await expect(beginning).rejects.toEqual(again)
    await expect(revocationStream(hub, null)).rejects.toEqual(again)
    expect(hub.readerCount).toBe(0)
  })

  test('a server that cannot read the log sends no heartbeat, logs this once, and resumes by itself', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const opened = openStore((await freshStore('SQLite')).address)
    await migrate(opened.database)
    const silences: unknown[] = []
    const listeners = { onKeyRevoked: () => {}, onSilence: (error: unknown) => void silences.push(error) }
    const hub = await openRevocationHub(opened, frozenClock(), listeners)
    const frames = framesOf(await revocationStream(hub, null))
    await frames.next()
    await sql`alter table revocation rename to hidden`.execute(opened.database)
    for (let beats = 0; beats < 3; beats += 1) {
      vi.advanceTimersByTime(heartbeatSeconds * 1000)
      await hub.announce()
    }
    expect(silences).toHaveLength(1)
    await sql`alter table hidden rename to revocation`.execute(opened.database)
    await revoke(opened.database, 'x')
    vi.advanceTimersByTime(heartbeatSeconds * 1000)
    // No heartbeat was sent in between.
    expect(await frames.next()).toMatchObject({ id: '1', event: 'revocation' })
    hub.close()
    await opened.database.destroy()
  })

  test('expired entries leave the memory of a server without sign-outs', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const opened = openStore((await freshStore('SQLite')).address)
    await migrate(opened.database)
    const clock = frozenClock()
    const hub = await openRevocationHub(opened, clock)
    onTestFinished(() => hub.close())
    onTestFinished(() => opened.database.destroy())
    for (let index = 0; index < 5_000; index += 1)
      hub.set.add({ sid: `session-${index}`, until: clock() + 1_000 })
    expect(hub.set.size).toBe(5_000)
    clock.advance(2)
    for (let beats = 0; beats < 20; beats += 1) vi.advanceTimersByTime(heartbeatSeconds * 1000)
    expect(hub.set.size).toBe(0)
  })

  test('sends a revocation that occurs between reading and waiting, without waiting for a heartbeat', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { hub, database } = await openHub()
    const frames = framesOf(await revocationStream(hub, null))
    const after = hub.after
    vi.spyOn(hub, 'after').mockImplementationOnce(async (place) => {
      const found = await after(place)
      await revoke(database, 'x')
      await hub.announce()
      return found
    })
    expect(await frames.next()).toMatchObject({ id: '0', event: 'snapshot' })
    expect(await frames.next()).toMatchObject({ id: '1', event: 'revocation' })
    await frames.cancel()
  })

  test('forgets a reader that disconnects', async () => {
    const { hub, database } = await openHub()
    const stream = await revocationStream(hub, null)
    expect(hub.readerCount).toBe(1)
    await stream.body?.cancel()
    expect(hub.readerCount).toBe(0)
    await revoke(database, 'x')
    await hub.announce()
  })

  test('a stream that cannot begin leaves no reader behind [D09]', async () => {
    const { hub, database } = await openHub()
    await revoke(database, 'x')
    await hub.announce()
    await database.destroy()
    // The entries in memory would be a response, but the log could then seem readable.
    for (const place of [null, '1']) await expect(revocationStream(hub, place)).rejects.toThrow('destroyed')
    expect(hub.readerCount).toBe(0)
    hub.close()
    await expect(revocationStream(hub, null)).rejects.toMatchObject({ code: 'unavailable' })
    expect(hub.readerCount).toBe(0)
  })

  test('sends a revocation that occurs at the start once', async () => {
    const { hub, database } = await openHub()
    await revoke(database, 'one')
    const opening = revocationStream(hub, null)
    await revoke(database, 'two')
    await hub.announce()
    const frames = framesOf(await opening)
    const seen: string[] = []
    while (seen.length < 2) {
      const frame = await frames.next()
      const data = frame?.data as { revocations?: { sid: string }[]; sid?: string } | undefined
      seen.push(...(data?.revocations ?? []).map(({ sid }) => sid), ...(data?.sid ? [data.sid] : []))
    }
    expect(seen).toEqual(['session-one', 'session-two'])
    await frames.cancel()
  })

  test.each(storeKinds)('sends what another process revokes on %s', async (kind) => {
    const fresh = await freshStore(kind)
    const here = openStore(fresh.address)
    await migrate(here.database)
    const hub = await openRevocationHub(here, frozenClock())
    const frames = framesOf(await revocationStream(hub, null))
    await frames.next()
    const told = frames.next()
    await fresh.query(`insert into revocation (sid, until) values ('session-x', ${Number.MAX_SAFE_INTEGER})`)
    if (kind === 'PostgreSQL') await fresh.query('notify sallyport')
    expect(await told).toMatchObject({ id: '1', event: 'revocation', data: { sid: 'session-x' } })
    await frames.cancel()
    hub.close()
    await here.database.destroy()
  })
})
