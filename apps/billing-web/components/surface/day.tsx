import { formatAgo, formatDay, formatDayAndTime, formatTimeOfDay, isoDay } from '../../billing/calendar.ts'

/** A day, readable by people and by machines. */
export function Day({ timeMs }: { timeMs: number }) {
  return <time dateTime={isoDay(timeMs)}>{formatDay(timeMs)}</time>
}

/** The time of a day that is told elsewhere. */
export function TimeOfDay({ timeMs }: { timeMs: number }) {
  return <time dateTime={new Date(timeMs).toISOString()}>{formatTimeOfDay(timeMs)}</time>
}

/** A moment, to the minute. */
export function Moment({ timeMs }: { timeMs: number }) {
  return <time dateTime={new Date(timeMs).toISOString()}>{formatDayAndTime(timeMs)}</time>
}

/** How long ago a moment was; the moment itself for whoever points at it, and for machines. */
export function Ago({ timeMs, nowMs }: { timeMs: number; nowMs: number }) {
  return (
    <time dateTime={new Date(timeMs).toISOString()} title={formatDayAndTime(timeMs)}>
      {formatAgo(timeMs, nowMs)}
    </time>
  )
}
