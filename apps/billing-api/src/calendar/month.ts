/** One calendar month, in UTC. */
export type Month = {
  /** The month as text, such as `2026-01`. */
  month: string
  /** The first millisecond of the month. */
  start: number
  /** The first millisecond after the month. */
  end: number
}

/** Returns the month that contains `time` (ms). With `offset`, returns the month that is this many months later. */
export function monthOf(time: number, offset = 0): Month {
  const date = new Date(time)
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset)
  const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset + 1)
  return { month: new Date(start).toISOString().slice(0, 7), start, end }
}

/** Returns `count` months, the oldest first. The last one is the month that contains `time`. */
export function monthsUpTo(time: number, count: number): Month[] {
  return Array.from({ length: count }, (_, index) => monthOf(time, index - count + 1))
}
