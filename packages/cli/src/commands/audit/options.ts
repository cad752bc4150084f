import { InvalidArgumentError } from 'commander'

/** Parses a whole number from 1 to 10,000. */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d{1,5}$/.test(text) || value < 1 || value > 10_000)
    throw new InvalidArgumentError('Give a whole number from 1 to 10000.')
  return value
}

/** Parses a day or a time in UTC. Returns milliseconds. */
export function instant(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('Give a day or a time in UTC: 2026-11-23 or 2026-11-23T08:00Z.')
  return ms
}
