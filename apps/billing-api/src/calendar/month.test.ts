import { expect, test } from 'vitest'
import { monthOf, monthsUpTo } from './month.ts'

test('a month begins at its first millisecond and ends with the next one', () => {
  const { month, start, end } = monthOf(Date.UTC(2026, 1, 28, 23, 59, 59, 999))
  expect(month).toBe('2026-02')
  expect(new Date(start).toISOString()).toBe('2026-02-01T00:00:00.000Z')
  expect(new Date(end).toISOString()).toBe('2026-03-01T00:00:00.000Z')
})

test('lists months across new year, oldest first, without a gap on the 31st', () => {
  const months = monthsUpTo(Date.UTC(2026, 2, 31), 5).map(({ month }) => month)
  expect(months).toEqual(['2025-11', '2025-12', '2026-01', '2026-02', '2026-03'])
})
