import type { NewInvoice } from './invoices.ts'
import { parseMoney } from './money.ts'

/** The three fields of a line. In the form, their names have the number of the line: `description-0`, `description-1` and so on. */
export const lineFields = ['description', 'quantity', 'unitPrice'] as const
export type LineField = (typeof lineFields)[number]

export const maxLines = 50
const largestUnitCents = 100_000_000

/** Returns the name of a line's field in the form. */
export function lineFieldName(field: LineField, line: number): string {
  return `${field}-${line}`
}

/** Returns the numbers of the filled lines in a form, in order. If a line has neither description nor price, it is ignored. */
export function writtenLines(values: Record<string, string>): number[] {
  return Object.keys(values)
    .flatMap((name) => /^description-(\d{1,4})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .filter((line) => isWritten(values, line))
    .sort((one, other) => one - other)
}

/** Returns the total of the filled lines, in cents. A line that is not valid yet counts as 0. */
export function draftCents(values: Record<string, string>): number {
  return writtenLines(values).reduce((sum, line) => sum + (lineCents(values, line) ?? 0), 0)
}

/** Returns the total of a line in cents, or null if the line is not valid yet. */
export function lineCents(values: Record<string, string>, line: number): number | null {
  const quantity = parseQuantity(lineValue(values, 'quantity', line))
  const unitCents = parseMoney(lineValue(values, 'unitPrice', line))
  return quantity === null || unitCents === null ? null : quantity * unitCents
}

/**
 * Reads an invoice from the form. Returns the invoice, or `fields` with the errors. Whether the customer exists is checked only by the API.
 */
export function readDraft(
  values: Record<string, string>,
): { invoice: NewInvoice; fields: null } | { invoice: null; fields: Record<string, string> } {
  const fields: Record<string, string> = {}
  const customerId = values.customerId ?? ''
  if (customerId === '') fields.customerId = 'Choose who gets the invoice.'
  const dueInDays = Number(values.dueInDays ?? '')
  if (!/^\d{1,3}$/.test(values.dueInDays ?? '') || dueInDays > 365)
    fields.dueInDays = 'Enter a whole number of days, at most 365.'

  const written = writtenLines(values)
  const first = lineFieldName('description', 0)
  if (written.length === 0) fields[first] = 'Add at least one line.'
  if (written.length > maxLines) fields[first] = `An invoice has at most ${maxLines} lines.`
  const lines = written.map((line) => readLine(values, line, fields))
  if (Object.keys(fields).length > 0) return { invoice: null, fields }
  return { invoice: { customerId, dueInDays, notes: (values.notes ?? '').trim(), lines }, fields: null }
}

/**
 * Returns the name that a refused field has in the form. `field` is its name in the API's error, such as `lines.1.quantity`. The line
 * numbers of the two names can differ, because the API gets and counts only the filled lines.
 */
export function draftFieldName(field: string, written: readonly number[]): string {
  const match = /^lines\.(\d+)\.(description|quantity|unitAmount)$/.exec(field)
  const line = match ? written[Number(match[1])] : undefined
  if (!match || line === undefined)
    return field === 'lines' ? lineFieldName('description', written[0] ?? 0) : field
  return lineFieldName(match[2] === 'unitAmount' ? 'unitPrice' : (match[2] as LineField), line)
}

function readLine(values: Record<string, string>, line: number, fields: Record<string, string>) {
  const description = lineValue(values, 'description', line).trim()
  const quantity = parseQuantity(lineValue(values, 'quantity', line))
  const unitAmount = parseMoney(lineValue(values, 'unitPrice', line))
  if (description === '') fields[lineFieldName('description', line)] = 'Enter a description.'
  if (quantity === null) fields[lineFieldName('quantity', line)] = 'A whole number, 1 to 10,000.'
  if (unitAmount === null) fields[lineFieldName('unitPrice', line)] = 'A price such as 49.90.'
  else if (unitAmount > largestUnitCents) fields[lineFieldName('unitPrice', line)] = 'At most 1,000,000.00.'
  return { description, quantity: quantity ?? 0, unitAmount: unitAmount ?? 0 }
}

function parseQuantity(text: string): number | null {
  const quantity = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0
  return quantity >= 1 && quantity <= 10_000 ? quantity : null
}

function isWritten(values: Record<string, string>, line: number): boolean {
  return (
    lineValue(values, 'description', line).trim() !== '' || lineValue(values, 'unitPrice', line).trim() !== ''
  )
}

function lineValue(values: Record<string, string>, field: LineField, line: number): string {
  return values[lineFieldName(field, line)] ?? ''
}
