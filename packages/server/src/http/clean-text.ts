import { FlowError } from '../services/flow-error.ts'

/** Returns whether a text, or each text in a JSON value, is free of NULs and unpaired surrogates. PostgreSQL can store neither. */
export function isCleanText(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, member]) => isCleanText(name) && isCleanText(member))
}

/**
 * Refuses a path if one of its parameters contains a NUL or an unpaired surrogate. This happens before any handler is called. Header values
 * cannot contain them (RFC 9110 section 5.5).
 *
 * @throws FlowError `not_found`.
 */
export function requireCleanParameters(parameters: Readonly<Record<string, string>>): void {
  if (!isCleanText(parameters)) throw new FlowError('not_found', { reason: 'a NUL in the path' })
}
