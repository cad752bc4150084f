import { FlowError } from '../services/flow-error.ts'

/** Checks that a text, or each text in a JSON value, has no NUL and no unpaired surrogate: PostgreSQL can store neither. */
export function isCleanText(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, member]) => isCleanText(name) && isCleanText(member))
}

/**
 * Refuses such texts in the parameters of a path, before any handler sees them. Header values cannot contain one (RFC 9110
 * section 5.5).
 *
 * @throws FlowError `not_found`.
 */
export function requireCleanParameters(parameters: Readonly<Record<string, string>>): void {
  if (!isCleanText(parameters)) throw new FlowError('not_found', { reason: 'a NUL in the path' })
}
