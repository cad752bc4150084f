// All pages use one time zone. So server and browser render the same date, and there are no hydration errors.
const timeZone = 'UTC'
const day = new Intl.DateTimeFormat('en-US', { timeZone, dateStyle: 'medium' })
const dayAndTime = new Intl.DateTimeFormat('en-US', {
  timeZone,
  dateStyle: 'medium',
  timeStyle: 'short',
  hourCycle: 'h23',
})
const timeOfDay = new Intl.DateTimeFormat('en-US', { timeZone, timeStyle: 'short', hourCycle: 'h23' })
const month = new Intl.DateTimeFormat('en-US', { timeZone, month: 'long', year: 'numeric' })
const shortMonth = new Intl.DateTimeFormat('en-US', { timeZone, month: 'short' })

const ago = new Intl.RelativeTimeFormat('en-US')

const minuteMs = 60 * 1000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Formats a day, such as `Nov 3, 2026`. */
export function formatDay(timeMs: number): string {
  return day.format(timeMs)
}

/** Formats a day and time, such as `Nov 3, 2026, 14:05 UTC`. */
export function formatDayAndTime(timeMs: number): string {
  return `${dayAndTime.format(timeMs)} UTC`
}

/** Formats a time of day, such as `14:05 UTC`. */
export function formatTimeOfDay(timeMs: number): string {
  return `${timeOfDay.format(timeMs)} UTC`
}

/** Formats an age in whole units, rounded down: `just now`, `5 minutes ago`, `3 hours ago`, `12 days ago`. */
export function formatAgo(timeMs: number, nowMs: number): string {
  const passedMs = nowMs - timeMs
  if (passedMs < minuteMs) return 'just now'
  if (passedMs < hourMs) return ago.format(-Math.floor(passedMs / minuteMs), 'minute')
  if (passedMs < dayMs) return ago.format(-Math.floor(passedMs / hourMs), 'hour')
  return ago.format(-Math.floor(passedMs / dayMs), 'day')
}

/** Returns a day as `YYYY-MM-DD`, for the attribute `dateTime` of a `<time>`. */
export function isoDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}

/** Formats a month: `2026-11` becomes `November 2026`. */
export function formatMonth(yearAndMonth: string): string {
  return month.format(Date.parse(`${yearAndMonth}-01`))
}

/**
 * Formats a month for an axis: `2026-11` becomes `Nov`. January also has the year (`Jan ’26`), so that the reader sees where a year begins.
 */
export function formatAxisMonth(yearAndMonth: string): string {
  const name = shortMonth.format(Date.parse(`${yearAndMonth}-01`))
  return yearAndMonth.endsWith('-01') ? `${name} ’${yearAndMonth.slice(2, 4)}` : name
}

/** Returns the number of days from one day to another. Returns 0 if it is the same day or an earlier one. */
export function daysBetween(fromMs: number, toMs: number): number {
  return Math.max(0, Math.floor(toMs / dayMs) - Math.floor(fromMs / dayMs))
}

/** Returns whether this is a day that exists, as `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(text)
  return !Number.isNaN(time) && isoDay(time) === text
}
