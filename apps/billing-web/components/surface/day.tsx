import { formatDay, formatDayAndTime, isoDay } from '../../billing/calendar.ts'

/** A day, readable by people and by machines. */
export function Day({ timeMs }: { timeMs: number }) {
  return <time dateTime={isoDay(timeMs)}>{formatDay(timeMs)}</time>
}

/** A moment, to the minute. */
export function Moment({ timeMs }: { timeMs: number }) {
  return <time dateTime={new Date(timeMs).toISOString()}>{formatDayAndTime(timeMs)}</time>
}
