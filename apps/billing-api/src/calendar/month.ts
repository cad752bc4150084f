/** One calendar month, UTC. */
export type Month = {
  /** `2026-01` */
  month: string
  /** Its first millisecond. */
  start: number
  /** The first millisecond after it. */
  end: number
}

/** Returns the month of `time` (ms), or the month `offset` months later. */
export function monthOf(time: number, offset = 0): Month {
  const date = new Date(time)
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset)
  const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset + 1)
  return { month: new Date(start).toISOString().slice(0, 7), start, end }
}

/** Returns `count` months, oldest first; the last one is the month of `time`. */
export function monthsUpTo(time: number, count: number): Month[] {
  return Array.from({ length: count }, (_, index) => monthOf(time, index - count + 1))
}
