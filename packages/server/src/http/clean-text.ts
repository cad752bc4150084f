import { FlowError } from '../services/flow-error.ts'

/** Whether a text, or each text in a value that came as JSON, holds neither a NUL nor half a character: PostgreSQL stores neither. */
export function isCleanText(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, member]) => isCleanText(name) && isCleanText(member))
}

/**
 * Refuses such texts in what the pattern of a path names, before any handler sees them. Header values cannot hold one (RFC 9110
 * section 5.5).
 *
 * @throws FlowError `not_found`.
 */
export function requireCleanParameters(parameters: Readonly<Record<string, string>>): void {
  if (!isCleanText(parameters)) throw new FlowError('not_found', { reason: 'a NUL in the path' })
}
