import { beforeEach, describe, expect, test, vi } from 'vitest'
import { now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import type { Database } from './database.ts'
import { type PlaceOf, prepared, preparedFor } from './prepared.ts'

type Above = { key: string; least: number }
const buildOne = vi.fn((database: Database, place: PlaceOf<Above>) =>
  database
    .selectFrom('throttle')
    .select('count')
    .where('key', '=', place('key'))
    .where('count', '>', place('least'))
    .where('until', '>', now - 1),
)
const one = prepared<Above, { count: number }>(buildOne)
const buildSome = vi.fn((database: Database, place: PlaceOf<{ least: number }>, keys: readonly string[]) =>
  database
    .selectFrom('throttle')
    .select('count')
    .where('key', 'in', keys)
    .where('count', '>', place('least'))
    .orderBy('key'),
)
const some = preparedFor<{ least: number }, { count: number }>(buildSome)

describe.each(everyStoreKind)('on %s', (kind) => {
  beforeEach(() => vi.clearAllMocks())
  const database = sharedDatabase(kind)
  beforeEach(async () => {
    const rows = ['a', 'b', 'c'].map((key, at) => ({
      key,
      count: at + 1,
      until: now,
      blockedUntil: 0,
      lastBy: '',
    }))
    await database().insertInto('throttle').values(rows).execute()
  })
  const counts = async (result: Promise<{ rows: { count: number }[] }>) =>
    (await result).rows.map(({ count }) => count)

  test('builds a statement once for this kind of database, and runs it with the values of each call', async () => {
    expect(await counts(one(database(), { key: 'a', least: 0 }))).toEqual([1])
    expect(await counts(one(database(), { key: 'b', least: 0 }))).toEqual([2])
    expect(await counts(one(database(), { key: 'b', least: 2 }))).toEqual([])
    expect(buildOne).toHaveBeenCalledTimes(1)
  })

  test('builds a statement with a list once for each length', async () => {
    expect(await counts(some(database(), { least: 0 }, ['a']))).toEqual([1])
    expect(await counts(some(database(), { least: 0 }, ['c', 'b']))).toEqual([2, 3])
    expect(await counts(some(database(), { least: 2 }, ['c', 'a']))).toEqual([3])
    expect(await counts(some(database(), { least: 0 }, ['c']))).toEqual([3])
    expect(buildSome).toHaveBeenCalledTimes(2)
  })
})
