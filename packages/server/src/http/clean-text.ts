import { FlowError } from '../services/flow-error.ts'

/** Returns whether a text, or each text in a JSON value, has no NUL and no unpaired surrogate. PostgreSQL can store neither of them. */
export function isCleanText(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, member]) => isCleanText(name) && isCleanText(member))
}

/**
 * Refuses a path if one of its parameters contains a NUL or an unpaired surrogate. Call this before any handler. Header values need no
 * check, because they cannot contain such characters (RFC 9110 section 5.5).
 *
 * @throws FlowError `not_found`.
 */
export function requireCleanParameters(parameters: Readonly<Record<string, string>>): void {
  if (!isCleanText(parameters)) throw new FlowError('not_found', { reason: 'a NUL in the path' })
}
