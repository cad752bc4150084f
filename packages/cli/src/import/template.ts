/** A row of a file: its fields by name. */
export type Row = Record<string, unknown>

/** A user for the server's import, which validates the values. */
export type Candidate = {
  email: unknown
  name?: unknown
  roles?: string[] | null
  emailVerified?: boolean | null
  createdAt?: number | null
  disabled?: boolean | null
  passwordHash?: string | null
  fields?: unknown
  identities?: unknown
  totp?: unknown
  recoveryCodes?: unknown
  passkeys?: unknown
}

/** The error for a row that cannot be read as a user. The message is written to the list of refused rows. */
export class UnreadableRow extends Error {}

/**
 * A function that converts a row of a system's export to a user. `now` (milliseconds) is used to decide whether a ban or lock has ended.
 */
export type Template = (row: Row, now?: number) => Candidate

/** Returns the value as text. Returns null if it is empty. */
export function text(value: unknown): string | null {
  if (value === null || value === undefined || value === '' || value === 'NULL' || value === '\\N')
    return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  throw new UnreadableRow(`${JSON.stringify(value)} is not text.`)
}

/** Parses a boolean in the forms that databases and spreadsheets write. Returns null if it is empty. */
export function flag(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value
  const word = text(value)?.toLowerCase()
  if (word === undefined) return null
  if (['true', 't', '1', 'yes', 'y', 'on'].includes(word)) return true
  if (['false', 'f', '0', 'no', 'n', 'off'].includes(word)) return false
  throw new UnreadableRow(`"${word}" is neither yes nor no.`)
}

/** Parses a time: ISO 8601 (UTC if it has no zone), or seconds or milliseconds since 1970. Returns milliseconds. */
export function time(value: unknown): number | null {
  const word = text(value)
  if (word === null) return null
  if (/^\d{9,11}$/.test(word)) return Number(word) * 1000
  if (/^\d{12,14}$/.test(word)) return Number(word)
  const [, date, clock = '00:00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))? ?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(word) ?? []
  const offset = zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2').replace(/^([+-]\d\d)$/, '$1:00')
  const ms = Date.parse(`${date}T${clock.replace(/(\.\d{3})\d+$/, '$1')}${offset}`)
  if (!Number.isFinite(ms)) throw new UnreadableRow(`"${word}" is not a time, such as 2026-11-23T08:00:00Z.`)
  return ms
}

/** Returns the first of these fields that a row has. There are several names, because tools use different names for the same column. */
export function field(row: Row, ...names: string[]): unknown {
  for (const name of names) if (Object.hasOwn(row, name)) return row[name]
  return undefined
}

/** Parses a list: a JSON array, or text separated by commas. */
export function list(value: unknown): string[] | null {
  if (Array.isArray(value)) return value.map((item) => text(item) ?? '')
  const words = text(value)
  return words === null ? null : words.split(',').map((word) => word.trim())
}
