const day = 86_400_000

/**
 * The units of relative times. Each entry has a unit, its length, and the minimum distance at which the unit is used, in milliseconds.
 * Months are used from 60 days on, and years from two years on, because `45 days` is more exact than `1 month`.
 */
const units = [
  ['year', 365 * day, 2 * 365 * day],
  ['month', 30 * day, 60 * day],
  ['day', day, day],
  ['hour', 3_600_000, 3_600_000],
  ['minute', 60_000, 60_000],
  ['second', 1_000, 1_000],
] as const
/**
 * A unit is used from 99 % of its minimum distance on. So if a time was exactly one hour away a moment ago, the text is still `in 1 hour`,
 * and not `in 60 minutes`.
 */
const nearly = 0.99

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** Formats a time in UTC: `2026-11-23 08:29:26Z`. */
export function exactTime(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}

/** Formats a time relative to now: `3 days ago`, `in 2 hours`, `now`. */
export function relativeTime(ms: number, now = Date.now()): string {
  const distance = ms - now
  const [unit, size] = units.find(([, , least]) => Math.abs(distance) >= least * nearly) ?? []
  return unit === undefined ? 'now' : relative.format(Math.round(distance / size), unit)
}

/** Formats a time in UTC and relative to now. Returns a hyphen for null. */
export function time(ms: number | null, now = Date.now()): string {
  return ms === null ? '-' : `${exactTime(ms)} (${relativeTime(ms, now)})`
}

/** Converts the times of an object from milliseconds to ISO 8601. A number is a time if its name is `at` or ends in `At`. */
export function withIsoTimes<T extends object>(value: T): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      (name === 'at' || name.endsWith('At')) && typeof member === 'number'
        ? new Date(member).toISOString()
        : member,
    ]),
  )
}
