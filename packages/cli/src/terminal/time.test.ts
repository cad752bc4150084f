import { expect, test } from 'vitest'
import { relativeTime, time, withIsoTimes } from './time.ts'

const now = Date.UTC(2026, 10, 23, 8, 29, 26, 123)
const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]

test.each<[number, string]>([
  [0, 'now'],
  [-400, 'now'],
  [-second, '1 second ago'],
  [59 * second, 'in 59 seconds'],
  [-100 * minute, '2 hours ago'],
  [2 * hour - 5 * second, 'in 2 hours'],
  [-23 * hour, '23 hours ago'],
  [30 * day - 3 * second, 'in 30 days'],
  [-45 * day, '45 days ago'],
  [90 * day, 'in 3 months'],
  [-800 * day, '2 years ago'],
])('%d ms from now is %s', (distance, words) => expect(relativeTime(now + distance, now)).toBe(words))

test('formats a time exactly, in UTC, and relative to now', () => {
  expect(time(now, now + 3 * day)).toBe('2026-11-23 08:29:26Z (3 days ago)')
  expect(time(null)).toBe('-')
})

test('converts times to ISO 8601, and keeps all other members in order', () => {
  const user = { id: 'a', createdAt: now, roles: ['b'], signedInAt: null, count: 3 }
  expect(JSON.stringify(withIsoTimes(user))).toBe(
    '{"id":"a","createdAt":"2026-11-23T08:29:26.123Z","roles":["b"],"signedInAt":null,"count":3}',
  )
})
