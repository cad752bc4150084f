import { expect, test } from 'vitest'
import { isDue } from './resolve-session.ts'

const minute = 60_000

test.each([
  ['ten minutes, just made', 10, 0, false],
  ['ten minutes, 61 seconds before its end', 10, 9 * minute - 1_000, false],
  ['ten minutes, 59 seconds before its end', 10, 9 * minute + 1_000, true],
  ['one minute, just made', 1, 0, false],
  ['one minute, before half of it', 1, 29_000, false],
  ['one minute, after half of it', 1, 31_000, true],
  ['ended', 10, 11 * minute, true],
])('R11: a token of %s', (_, lifeMinutes, age, due) => {
  const issuedAt = Date.UTC(2026, 0, 1)
  expect(isDue({ issuedAt, expiresAt: issuedAt + lifeMinutes * minute }, minute, issuedAt + age)).toBe(due)
})
