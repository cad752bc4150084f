import { describe, expect, test } from 'vitest'
import { now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import {
  beginTry,
  countThrottles,
  dropThrottles,
  forgetThrottle,
  type StoredDelays,
  takeBack,
} from './throttle.ts'

const windowMs = 60_000
/** The maximum difference between the clocks of two processes. */
const marginMs = 10_000
const delays: StoredDelays = {
  free: 2,
  firstWaitMs: 1_000,
  longestWaitMs: 8_000,
  maxTries: 6,
  forgottenMs: windowMs,
}

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  const count = async (at: number, keys = ['a']) =>
    (await countThrottles(database(), { keys, now: at, windowMs })).map((row) => [row.count, row.until - now])
  const rows = async () => {
    const all = await database().selectFrom('throttle').selectAll().orderBy('key').execute()
    return Object.fromEntries(all.map(({ key, ...row }) => [key, row]))
  }

  test('counts under each key separately, in the order of the keys, until the window ends', async () => {
    expect(await count(now)).toEqual([[1, windowMs]])
    expect(await count(now + 10, ['a', 'b'])).toEqual([
      [2, windowMs],
      [1, windowMs + 10],
    ])
    expect(await count(now + 20, ['b', 'a', 'c'])).toEqual([
      [2, windowMs + 10],
      [3, windowMs],
      [1, windowMs + 20],
    ])
    expect(await count(now + windowMs - 1)).toEqual([[4, windowMs]])
    expect(await count(now + windowMs)).toEqual([[1, 2 * windowMs]])
  })

  test('restarts a window that ends later than a new one would, because the clock was put back', async () => {
    await count(now)
    expect(await count(now - marginMs)).toEqual([[2, windowMs]])
    expect(await count(now - marginMs - 1)).toEqual([[1, windowMs - marginMs - 1]])
  })

  const begin = async (at: number, by: string, change: Partial<StoredDelays> = {}) => {
    const row = await beginTry(database(), { key: 'a', now: at, by }, { ...delays, ...change })
    return { ...row, until: row.until - now, wait: row.blockedUntil === 0 ? 0 : row.blockedUntil - at }
  }

  test('doubles each wait up to the longest, and accepts no try after the last', async () => {
    let at = now
    const waits: number[] = []
    for (let tries = 1; tries <= delays.maxTries; tries += 1) {
      const { count, until, lastBy, wait } = await begin(at, `try ${tries}`)
      expect([count, until, lastBy]).toEqual([tries, at - now + windowMs, `try ${tries}`])
      waits.push(wait)
      at += wait
    }
    expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000, 8_000])
    const refused = await begin(at, 'one too many')
    expect([refused.count, refused.lastBy, refused.wait]).toEqual([delays.maxTries, 'try 6', 0])
    // Reset one window after the last accepted try.
    const forgotten = at - 8_000 + windowMs
    expect((await begin(forgotten - 1, 'still too many')).lastBy).toBe('try 6')
    expect(await begin(forgotten, 'anew')).toMatchObject({
      count: 1,
      lastBy: 'anew',
      blockedUntil: 0,
      until: forgotten - now + windowMs,
    })
  })

  test('a try during a wait changes nothing', async () => {
    const first = await begin(now, 'one', { free: 1 })
    expect(first.wait).toBe(1_000)
    const stored = await rows()
    expect((await begin(now + 999, 'two', { free: 1 })).lastBy).toBe('one')
    expect(await rows()).toEqual(stored)
    expect(await begin(now + 1_000, 'two', { free: 1 })).toMatchObject({
      count: 2,
      lastBy: 'two',
      wait: 2_000,
    })
  })

  test('with waits from the first try on, a reset count begins with a wait again', async () => {
    await begin(now, 'one', { free: 1 })
    expect(await begin(now + windowMs, 'two', { free: 1 })).toMatchObject({ count: 1, wait: 1_000 })
    expect(await begin(now + 2 * windowMs, 'three', { free: 0 })).toMatchObject({ count: 1, wait: 1_000 })
  })

  test('ends a wait that is longer than any new one, because the clock was put back', async () => {
    await begin(now, 'one', { free: 1 })
    const back = now + 1_000 - delays.longestWaitMs - marginMs
    expect((await begin(back, 'two')).lastBy).toBe('one')
    expect((await begin(back - 1, 'two')).lastBy).toBe('two')
  })

  test('a refund lowers the count of each key, and ends the wait of its own try', async () => {
    await count(now, ['a', 'b'])
    await begin(now, 'one')
    await begin(now + 1_000, 'two')
    expect((await rows()).a).toMatchObject({ count: 3, blockedUntil: now + 3_000, lastBy: 'two' })
    await takeBack(database(), { keys: ['a', 'b', 'gone'], by: 'one', now: now + 5 })
    const { a, b, gone } = await rows()
    expect(a).toMatchObject({ count: 2, blockedUntil: now + 3_000, until: now + 1_000 + windowMs })
    expect(b).toMatchObject({ count: 0, until: now + windowMs })
    // Stored as ended, to be deleted later.
    expect(gone).toEqual({ count: 0, until: now + 5, blockedUntil: 0, lastBy: '' })
    await takeBack(database(), { keys: ['a', 'b'], by: 'two', now: now + 5 })
    expect((await rows()).a).toMatchObject({ count: 1, blockedUntil: 0 })
    expect((await rows()).b).toMatchObject({ count: 0 })
  })

  test('deletes one count, and those whose window has ended', async () => {
    await count(now, ['a', 'b'])
    await forgetThrottle(database(), 'a')
    await count(now + 1, ['c'])
    expect(Object.keys(await rows())).toEqual(['b', 'c'])
    await dropThrottles(database(), now + windowMs - 1)
    expect(Object.keys(await rows())).toEqual(['b', 'c'])
    await dropThrottles(database(), now + windowMs)
    expect(Object.keys(await rows())).toEqual(['c'])
  })
})
