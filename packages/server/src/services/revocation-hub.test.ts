import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openStore } from '../store/database.ts'
import { migrate } from '../store/migrations.ts'
import { addRevocation, type RevocationFact } from '../store/revocation.ts'
import { frozenClock } from '../testing/sallyport.ts'
import { freshStore } from '../testing/stores.ts'
import { openRevocationHub } from './revocation-hub.ts'

const always = Number.MAX_SAFE_INTEGER

async function world() {
  const { database } = openStore((await freshStore('SQLite')).address)
  onTestFinished(() => database.destroy())
  await migrate(database)
  const clock = frozenClock()
  let notice = () => {}
  let isWatched = false
  let asked = 0
  const watch = (onChange: () => void) => {
    notice = onChange
    isWatched = true
    return () => {
      isWatched = false
    }
  }
  const keys = { revoked: 0 }
  const silences: unknown[] = []
  const open = async () => {
    const countingClock = () => {
      asked += 1
      return clock()
    }
    const hub = await openRevocationHub({ database, watch }, countingClock, {
      onKeyRevoked: () => {
        keys.revoked += 1
      },
      onSilence: (error) => void silences.push(error),
    })
    onTestFinished(() => hub.close())
    return hub
  }
  const revoke = (fact: RevocationFact) =>
    database.transaction().execute((transaction) => addRevocation(transaction, fact))
  const revokeMany = async (count: number, until = always) => {
    const facts = Array.from({ length: count }, (_, index) => ({ sid: `many-${index}`, until }))
    for (let start = 0; start < count; start += 500)
      await database
        .insertInto('revocation')
        .values(facts.slice(start, start + 500))
        .execute()
  }
  return {
    database,
    clock,
    open,
    revoke,
    revokeMany,
    keys,
    silences,
    readings: () => asked,
    notice: () => notice(),
    isWatched: () => isWatched,
  }
}

const reader = () => ({ wake: vi.fn(), alive: vi.fn(), end: vi.fn() })
const holder = (sessionId: string) => ({ sessionId, userId: 'user-1', version: 0, keyId: 'key-1' })
type Hub = Awaited<ReturnType<typeof openRevocationHub>>
const refuses = (hub: Hub, sessionId: string) => hub.set.findRefusal(holder(sessionId)) !== null

describe('the hub', () => {
  test('loads all earlier revocations when it opens, without announcing them', async () => {
    const { open, revokeMany, revoke, keys } = await world()
    await revokeMany(1_000)
    await revoke({ kid: 'key-2', until: always })
    const hub = await open()
    expect([hub.lastSeq, keys.revoked]).toEqual([1_001, 1])
    for (const index of [0, 499, 500, 999]) expect(refuses(hub, `many-${index}`)).toBe(true)
    expect(refuses(hub, 'many-1000')).toBe(false)
  })

  test('returns the entries after a number, at most 500 at once, without expired ones', async () => {
    const { open, revokeMany, revoke, clock } = await world()
    await revokeMany(2)
    const hub = await open()
    expect(hub.after(2)).toEqual([])
    await revoke({ sid: 'short', until: clock() + 1_000 })
    await revoke({ sid: 'long', until: clock() + 1_001 })
    await hub.announce()
    const sids = async (seq: number) =>
      (await hub.after(seq)).map((entry) => ('sid' in entry ? entry.sid : 'another kind'))
    // Read from the table, because it was there before.
    expect(await sids(1)).toEqual(['many-1', 'short', 'long'])
    expect(hub.after(2)).toBeInstanceOf(Array)
    expect([await sids(2), await sids(3), await sids(4)]).toEqual([['short', 'long'], ['long'], []])
    clock.advance(1)
    expect(await sids(2)).toEqual(['long'])
    await revokeMany(600)
    await hub.announce()
    expect(await sids(4)).toHaveLength(500)
    expect((await sids(504))[0]).toBe('many-500')
    expect(await sids(504)).toHaveLength(100)
  })

  test('keeps the newest entries in memory, and reads older ones from the table', async () => {
    const { open, revokeMany } = await world()
    const hub = await open()
    await revokeMany(5_000)
    await hub.announce()
    expect(hub.after(0)).toBeInstanceOf(Array)
    await revokeMany(1)
    await hub.announce()
    expect(hub.after(2_500)).toBeInstanceOf(Promise)
    expect(await hub.after(2_500)).toHaveLength(500)
    const recent = hub.after(2_501)
    expect(recent).toBeInstanceOf(Array)
    expect((await recent)[0]).toMatchObject({ seq: 2_502 })
  })

  test('wakes readers only when there are new entries', async () => {
    const { open, revoke, notice } = await world()
    const hub = await open()
    const [one, gone] = [reader(), reader()]
    hub.join(one)
    hub.join(gone)
    hub.leave(gone)
    await hub.announce()
    expect(one.wake).not.toHaveBeenCalled()
    await revoke({ sid: 'session-1', until: always })
    notice()
    await expect.poll(() => one.wake.mock.calls.length).toBe(1)
    expect([refuses(hub, 'session-1'), gone.wake.mock.calls.length, hub.readerCount]).toEqual([true, 0, 1])
  })

  test('reads again for a caller that announces during a reading, so that its commit is included', async () => {
    const { open, revoke } = await world()
    const hub = await open()
    const first = hub.announce()
    await revoke({ sid: 'session-1', until: always })
    await Promise.all([first, hub.announce(), hub.announce()])
    expect(refuses(hub, 'session-1')).toBe(true)
    // Each entry is read once, for any number of callers.
    await revoke({ sid: 'session-2', until: always })
    await Promise.all([hub.announce(), hub.announce(), hub.announce()])
    expect(hub.after(0)).toMatchObject([{ sid: 'session-1' }, { sid: 'session-2' }])
  })

  test('callers during a reading share one further reading', async () => {
    const { open, readings } = await world()
    const hub = await open()
    for (let round = 0; round < 3; round += 1) {
      const before = readings()
      await Promise.all([hub.catchUp(), hub.catchUp(), hub.catchUp()])
      // Each reading calls the clock when it begins and when it ends.
      expect(readings() - before).toBe(4)
    }
  })

  test('reports once per outage that the log cannot be read, and measures its duration', async () => {
    const { open, clock, silences, database } = await world()
    const hub = await open()
    for (const silence of [1, 2]) {
      clock.advance(5)
      await hub.announce()
      expect(hub.lagMs).toBe(0)
      await database.schema.alterTable('revocation').renameTo('away').execute()
      clock.advance(7)
      for (let times = 0; times < 3; times += 1) await hub.announce()
      await expect(hub.catchUp()).rejects.toThrow()
      expect([silences.length, hub.lagMs]).toEqual([silence, 7_000])
      await database.schema.alterTable('away').renameTo('revocation').execute()
    }
  })

  test('also reports that the log cannot be read from the start on', async () => {
    const { open, silences, database } = await world()
    const hub = await open()
    await database.schema.alterTable('revocation').renameTo('away').execute()
    await hub.announce()
    expect(silences).toHaveLength(1)
  })

  test('reports keys revoked by any process, and no other entries', async () => {
    const { open, revoke, keys } = await world()
    const hub = await open()
    await revoke({ sid: 'session-1', until: always })
    await hub.announce()
    expect(keys.revoked).toBe(0)
    await revoke({ kid: 'key-1', until: always })
    await hub.announce()
    expect(keys.revoked).toBe(1)
    expect(hub.set.findRefusal(holder('session-2'))).toBe('token_stale')
  })

  test('sends a heartbeat after each reading without entries, and ends all readers when it closes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { open, isWatched, silences } = await world()
    const hub = await open()
    const one = reader()
    hub.join(one)
    vi.advanceTimersByTime(3_000)
    await expect.poll(() => one.alive.mock.calls.length).toBe(1)
    expect(isWatched()).toBe(true)
    hub.close()
    const late = reader()
    hub.join(late)
    expect([one.end.mock.calls.length, late.end.mock.calls.length, isWatched()]).toEqual([1, 1, false])
    expect(vi.getTimerCount()).toBe(0)
    expect(silences).toEqual([])
  })
})
