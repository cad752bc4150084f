/** Milliseconds in a day. Times are UTC, which knows no daylight saving. */
export const dayMs = 86_400_000

/** The first millisecond of a `YYYY-MM-DD`. The caller has checked that there is such a day. */
export function startOfDay(date: string): number {
  return Date.parse(`${date}T00:00:00.000Z`)
}

/** The `YYYY-MM-DD` that `time` (ms) is in. */
export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
