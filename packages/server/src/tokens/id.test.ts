import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { firstIdAt, newId } from './id.ts'

test('ids are UUIDv7 in the order of time, and a hundred thousand of the same millisecond all differ [S13]', () => {
  const now = Date.UTC(2026, 0, 1)
  const ids = new Set(Array.from({ length: 100_000 }, () => newId(now, randomBytes)))
  expect(ids.size).toBe(100_000)
  for (const id of [...ids].slice(0, 100))
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect(newId(now, randomBytes) < newId(now + 1, randomBytes)).toBe(true)
  expect(newId(now, () => Buffer.alloc(16))).toBe('019b76da-a800-7000-8000-000000000000')
})

test('firstIdAt is before every id of its time, and after every earlier one', () => {
  const now = Date.UTC(2026, 0, 1)
  expect(firstIdAt(now)).toBe('019b76da-a800-0000-0000-000000000000')
  expect(firstIdAt(now) < newId(now, () => Buffer.alloc(16))).toBe(true)
  expect(firstIdAt(now) > newId(now - 1, () => Buffer.alloc(16, 0xff))).toBe(true)
  expect(newId(now, () => Buffer.alloc(16, 0xff))).toBe('019b76da-a800-7fff-bfff-ffffffffffff')
  expect([firstIdAt(-1), firstIdAt(0)]).toEqual(Array(2).fill('00000000-0000-0000-0000-000000000000'))
})
