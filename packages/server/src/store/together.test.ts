import { expect, test } from 'vitest'
import type { Database } from './database.ts'
import { createTogether } from './together.ts'

const [one, other] = [{}, {}] as [Database, Database]

test('items of one turn are one call for each database, and each gets its own result', async () => {
  const calls: [Database, readonly number[]][] = []
  const together = createTogether(async (database, items: readonly number[]) => {
    calls.push([database, items])
    return items.map((item) => (item % 2 === 0 ? item * 10 : Promise.resolve(item * 100)))
  })
  const asked = Promise.all([together(one, 1), together(one, 2), together(other, 3), together(one, 4)])
  expect(calls).toEqual([])
  expect(await asked).toEqual([100, 20, 300, 40])
  expect(await together(one, 5)).toBe(500)
  expect(calls.map(([, items]) => items)).toEqual([[1, 2, 4], [3], [5]])
  expect(calls.map(([database]) => database === one)).toEqual([true, false, true])
})

test('a failed call rejects all of its items, and no later ones', async () => {
  let fails = true
  const together = createTogether(async (_, items: readonly number[]) => {
    if (fails) throw new Error('the database is unavailable')
    return items
  })
  const asked = await Promise.allSettled([together(one, 1), together(one, 2)])
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fails = false
  expect(await together(one, 3)).toBe(3)
})
