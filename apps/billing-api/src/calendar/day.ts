/** The milliseconds of a day. All times are UTC, which has no daylight saving time, so every day has the same length. */
export const dayMs = 86_400_000

/** Returns the first millisecond of a day (`YYYY-MM-DD`). The caller must have checked that the day exists. */
export function startOfDay(date: string): number {
  return Date.parse(`${date}T00:00:00.000Z`)
}

/** Returns the day of `time` (ms) as `YYYY-MM-DD`. */
export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
