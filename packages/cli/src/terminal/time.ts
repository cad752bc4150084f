const day = 86_400_000

/** Each unit with its size, and the distance from which it is used, in milliseconds: `45 days` is more exact than `1 month`. */
const units = [
  ['year', 365 * day, 2 * 365 * day],
  ['month', 30 * day, 60 * day],
  ['day', day, day],
  ['hour', 3_600_000, 3_600_000],
  ['minute', 60_000, 60_000],
  ['second', 1_000, 1_000],
] as const
/** This share of a unit counts as one, so that a time that was two hours away a moment ago still shows `in 2 hours`. */
const nearly = 0.99

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** Formats a time in UTC: `2026-11-23 08:29:26Z`. */
export function exactTime(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}

/** Formats a distance in time: `3 days ago`, `in 2 hours`, `now`. */
export function relativeTime(ms: number, now = Date.now()): string {
  const distance = ms - now
  const [unit, size] = units.find(([, , least]) => Math.abs(distance) >= least * nearly) ?? []
  return unit === undefined ? 'now' : relative.format(Math.round(distance / size), unit)
}

/** Formats a time with its distance; a hyphen for null. */
export function time(ms: number | null, now = Date.now()): string {
  return ms === null ? '-' : `${exactTime(ms)} (${relativeTime(ms, now)})`
}

/** Converts the times of an object from milliseconds to ISO 8601. The name of a time is `at`, or ends in `At`. */
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
