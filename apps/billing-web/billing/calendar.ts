// One time zone for all pages, so that server and browser render the same date, without hydration errors.
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

/** `Nov 3, 2026` */
export function formatDay(timeMs: number): string {
  return day.format(timeMs)
}

/** `Nov 3, 2026, 14:05 UTC` */
export function formatDayAndTime(timeMs: number): string {
  return `${dayAndTime.format(timeMs)} UTC`
}

/** `14:05 UTC` */
export function formatTimeOfDay(timeMs: number): string {
  return `${timeOfDay.format(timeMs)} UTC`
}

/** `just now`, `5 minutes ago`, `3 hours ago`, `12 days ago`: whole units, rounded down. */
export function formatAgo(timeMs: number, nowMs: number): string {
  const passedMs = nowMs - timeMs
  if (passedMs < minuteMs) return 'just now'
  if (passedMs < hourMs) return ago.format(-Math.floor(passedMs / minuteMs), 'minute')
  if (passedMs < dayMs) return ago.format(-Math.floor(passedMs / hourMs), 'hour')
  return ago.format(-Math.floor(passedMs / dayMs), 'day')
}

/** For the `dateTime` of a `<time>`. */
export function isoDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}

/** `2026-11` as `November 2026`. */
export function formatMonth(yearAndMonth: string): string {
  return month.format(Date.parse(`${yearAndMonth}-01`))
}

/** `2026-11` as `Nov`, and as `Jan ’26` where a year begins, so that an axis tells its years apart. */
export function formatAxisMonth(yearAndMonth: string): string {
  const name = shortMonth.format(Date.parse(`${yearAndMonth}-01`))
  return yearAndMonth.endsWith('-01') ? `${name} ’${yearAndMonth.slice(2, 4)}` : name
}

/** Returns the whole days from one time to another; 0 for the same day or an earlier one. */
export function daysBetween(fromMs: number, toMs: number): number {
  return Math.max(0, Math.floor(toMs / dayMs) - Math.floor(fromMs / dayMs))
}

/** Whether this is an existing day, as `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(text)
  return !Number.isNaN(time) && isoDay(time) === text
}
