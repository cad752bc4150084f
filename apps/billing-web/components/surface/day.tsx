import { formatAgo, formatDay, formatDayAndTime, formatTimeOfDay, isoDay } from '../../billing/calendar.ts'

/** A day, as a `<time>`. */
export function Day({ timeMs }: { timeMs: number }) {
  return <time dateTime={isoDay(timeMs)}>{formatDay(timeMs)}</time>
}

/** The time of a day that is shown elsewhere. */
export function TimeOfDay({ timeMs }: { timeMs: number }) {
  return <time dateTime={new Date(timeMs).toISOString()}>{formatTimeOfDay(timeMs)}</time>
}

/** A moment, to the minute. */
export function Moment({ timeMs }: { timeMs: number }) {
  return <time dateTime={new Date(timeMs).toISOString()}>{formatDayAndTime(timeMs)}</time>
}

/** The age of a moment, with the exact time as a tooltip and in `dateTime`. */
export function Ago({ timeMs, nowMs }: { timeMs: number; nowMs: number }) {
  return (
    <time dateTime={new Date(timeMs).toISOString()} title={formatDayAndTime(timeMs)}>
      {formatAgo(timeMs, nowMs)}
    </time>
  )
}
