/** One calendar month, UTC. */
export type Month = {
  /** `2026-01` */
  month: string
  /** Its first millisecond. */
  start: number
  /** The first millisecond that is no longer in it. */
  end: number
}

/** The month that `time` (ms) is in, or one that lies `offset` months away from it. */
export function monthOf(time: number, offset = 0): Month {
  const date = new Date(time)
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset)
  const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset + 1)
  return { month: new Date(start).toISOString().slice(0, 7), start, end }
}

/** The `count` months up to and with the one that `time` is in, oldest first. */
export function monthsUpTo(time: number, count: number): Month[] {
  return Array.from({ length: count }, (_, index) => monthOf(time, index - count + 1))
}
