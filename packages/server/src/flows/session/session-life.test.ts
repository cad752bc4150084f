import { expect, test } from 'vitest'
import type { StoredSession } from '../../store/session.ts'
import { absoluteEndOf, isLive } from './session-life.ts'

const settings = { sessionIdleSeconds: 10, sessionAbsoluteSeconds: 100 }
const session = (change: Partial<StoredSession>) =>
  ({
    ...{ createdAt: 0, lastUsedAt: 95_000, expiresAt: 100_000, idleSeconds: 10, endedAt: null },
    ...change,
  }) as StoredSession

test.each([
  ['unchanged', {}, 100_000],
  ['a shorter one now', { expiresAt: 200_000 }, 100_000],
  ['a longer one now', { expiresAt: 50_000 }, 50_000],
])('the absolute end under a setting: %s', (_, change, end) => {
  expect(absoluteEndOf(session(change), settings)).toBe(end)
  const used = session({ ...change, lastUsedAt: end - 1 })
  expect([isLive(used, end - 1, settings), isLive(used, end, settings)]).toEqual([true, false])
})

test.each([
  ['unchanged since the last use', 10, 10_000],
  ['a shorter one now', 20, 10_000],
  ['a longer one now', 5, 5_000],
  ['of a version that did not store it', null, 10_000],
])('the idle end under a setting: %s', (_, idleSeconds, end) => {
  const idle = session({ lastUsedAt: 0, idleSeconds })
  expect([isLive(idle, end - 1, settings), isLive(idle, end, settings)]).toEqual([true, false])
})

test('a session that was ended is not live', () => {
  expect(isLive(session({ endedAt: 96_000 }), 96_000, settings)).toBe(false)
  expect(isLive(session({}), 96_000, settings)).toBe(true)
})
