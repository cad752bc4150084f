/** A row of a file: the fields by their names. */
export type Row = Record<string, unknown>

/** What the server takes; it judges the values. */
export type Candidate = {
  email: unknown
  name?: unknown
  roles?: string[] | null
  emailVerified?: boolean | null
  createdAt?: number | null
  disabled?: boolean | null
  passwordHash?: string | null
  fields?: unknown
}

/** Thrown where a row cannot be read as a user; the message says why, for the list of refused rows. */
export class UnreadableRow extends Error {}

/** How one system's export reads as users. `now`, in milliseconds, is for what has an end: a ban, a lock. */
export type Template = (row: Row, now?: number) => Candidate

/** Text, where there is some. */
export function text(value: unknown): string | null {
  if (value === null || value === undefined || value === '' || value === 'NULL' || value === '\\N')
    return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  throw new UnreadableRow(`${JSON.stringify(value)} stands where a text was expected.`)
}

/** Yes or no, as databases and spreadsheets write it. */
export function flag(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value
  const word = text(value)?.toLowerCase()
  if (word === undefined) return null
  if (['true', 't', '1', 'yes', 'y', 'on'].includes(word)) return true
  if (['false', 'f', '0', 'no', 'n', 'off'].includes(word)) return false
  throw new UnreadableRow(`"${word}" is neither yes nor no.`)
}

/** A time in milliseconds: ISO 8601 (without a zone: UTC), or seconds or milliseconds since 1970. */
export function time(value: unknown): number | null {
  const word = text(value)
  if (word === null) return null
  if (/^\d{9,11}$/.test(word)) return Number(word) * 1000
  if (/^\d{12,14}$/.test(word)) return Number(word)
  const [, date, clock = '00:00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))? ?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(word) ?? []
  const offset = zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2').replace(/^([+-]\d\d)$/, '$1:00')
  const ms = Date.parse(`${date}T${clock.replace(/(\.\d{3})\d+$/, '$1')}${offset}`)
  if (!Number.isFinite(ms))
    throw new UnreadableRow(`"${word}" is no time that can be read, such as 2026-11-23T08:00:00Z.`)
  return ms
}

/** The first of some fields that a row has: the same column has other names in other tools. */
export function field(row: Row, ...names: string[]): unknown {
  for (const name of names) if (Object.hasOwn(row, name)) return row[name]
  return undefined
}

/** A list: as JSON has it, or separated by commas. */
export function list(value: unknown): string[] | null {
  if (Array.isArray(value)) return value.map((item) => text(item) ?? '')
  const words = text(value)
  return words === null ? null : words.split(',').map((word) => word.trim())
}
