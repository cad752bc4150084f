import { formatAgo, formatDay, formatDayAndTime, formatTimeOfDay, isoDay } from '../../billing/calendar.ts'

/** A day, as a `<time>`. */
export function Day({ timeMs }: { timeMs: number }) {
  return <time dateTime={isoDay(timeMs)}>{formatDay(timeMs)}</time>
}

/** A time of day. The day itself is shown elsewhere. */
export function TimeOfDay({ timeMs }: { timeMs: number }) {
  return <time dateTime={new Date(timeMs).toISOString()}>{formatTimeOfDay(timeMs)}</time>
}

/** A day and time, to the minute. */
export function Moment({ timeMs }: { timeMs: number }) {
  return <time dateTime={new Date(timeMs).toISOString()}>{formatDayAndTime(timeMs)}</time>
}

/** Shows how long ago something was. The exact time is in a tooltip and in `dateTime`. */
export function Ago({ timeMs, nowMs }: { timeMs: number; nowMs: number }) {
  return (
    <time dateTime={new Date(timeMs).toISOString()} title={formatDayAndTime(timeMs)}>
      {formatAgo(timeMs, nowMs)}
    </time>
  )
}
