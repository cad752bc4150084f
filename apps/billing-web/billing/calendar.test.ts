import { expect, it } from 'vitest'
import {
  daysBetween,
  formatAgo,
  formatAxisMonth,
  formatDay,
  formatDayAndTime,
  formatMonth,
  isDay,
  isoDay,
} from './calendar.ts'

const lateEvening = Date.UTC(2026, 10, 3, 23, 59)

it('formats dates in UTC, in every time zone of server and browser', () => {
  expect(formatDay(lateEvening)).toBe('Nov 3, 2026')
  expect(formatDayAndTime(lateEvening)).toBe('Nov 3, 2026, 23:59 UTC')
  expect(isoDay(lateEvening)).toBe('2026-11-03')
})

it('formats months', () => {
  expect(formatMonth('2026-11')).toBe('November 2026')
  expect(formatAxisMonth('2026-11')).toBe('Nov')
  expect(formatAxisMonth('2026-01')).toBe('Jan ’26')
})

it('counts calendar days, not periods of 24 hours', () => {
  expect(daysBetween(lateEvening, lateEvening + 2 * 60_000)).toBe(1)
  expect(daysBetween(lateEvening, lateEvening)).toBe(0)
  expect(daysBetween(lateEvening, lateEvening - 1)).toBe(0)
})

it.each(['2026-02-29', '2026-13-01', '2026-00-10', '26-01-01', '2026-1-1', 'today', '', '2026-01-01T00:00'])(
  '%j is no day',
  (text) => expect(isDay(text)).toBe(false),
)

it('accepts a leap day', () => {
  expect(isDay('2028-02-29')).toBe(true)
})

it.each([
  [-5_000, 'just now'],
  [59_999, 'just now'],
  [60_000, '1 minute ago'],
  [59 * 60_000 + 59_999, '59 minutes ago'],
  [60 * 60_000, '1 hour ago'],
  [23.9 * 60 * 60_000, '23 hours ago'],
  [24 * 60 * 60_000, '1 day ago'],
  [13.9 * 24 * 60 * 60_000, '13 days ago'],
])('%d ms back is %j', (passed, text) => expect(formatAgo(lateEvening - passed, lateEvening)).toBe(text))
