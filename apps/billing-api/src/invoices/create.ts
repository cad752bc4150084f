import { BillingError } from '../billing-error.ts'
import { dayMs } from '../calendar/day.ts'
import type { Database } from '../database/database.ts'
import { newId } from '../database/id.ts'
import { findInvoice } from './find.ts'
import type { Invoice } from './invoice.ts'

export type NewInvoice = {
  customerId: string
  dueInDays: number
  notes: string
  lines: readonly { description: string; quantity: number; unitAmount: number }[]
}

/** The maximum total of an invoice, in cents. It is ten million in the currency of the invoice. */
export const largestAmount = 1_000_000_000

/** Returns the total of the lines, in cents. Quantities and prices are limited, so the result is exact. */
export function amountOf(lines: NewInvoice['lines']): number {
  return lines.reduce((sum, { quantity, unitAmount }) => sum + quantity * unitAmount, 0)
}

/**
 * Issues an invoice. Its status is open, its date is now, and its number is the next number of the year.
 *
 * The numbers have no gaps and no duplicates. The transaction has the write lock before it reads the last number, and keeps it until it has
 * written the new number. Invoices are never deleted.
 *
 * @throws BillingError `invalid_request` if the customer does not exist.
 */
export function createInvoice(
  database: Database,
  { customerId, dueInDays, notes, lines }: NewInvoice,
  { createdBy, now }: { createdBy: string; now: number },
): Invoice {
  return database.transaction(() => {
    if (database.find('SELECT 1 FROM customer WHERE id = :customerId', { customerId }) === null)
      throw new BillingError('invalid_request', [
        { field: 'customerId', message: 'There is no such customer.' },
      ])
    const id = newId('inv')
    database.change(
      `INSERT INTO invoice (id, ordinal, customer_id, status, amount, notes, created_by, issued_at, due_at)
       VALUES (:id, :ordinal, :customerId, 'open', :amount, :notes, :createdBy, :now, :dueAt)`,
      {
        id,
        ordinal: nextOrdinal(database, new Date(now).getUTCFullYear()),
        customerId,
        amount: amountOf(lines),
        notes,
        createdBy,
        now,
        dueAt: now + dueInDays * dayMs,
      },
    )
    lines.forEach(({ description, quantity, unitAmount }, position) => {
      database.change(
        `INSERT INTO invoice_line (invoice_id, position, description, quantity, unit_amount)
         VALUES (:id, :position, :description, :quantity, :unitAmount)`,
        { id, position, description, quantity, unitAmount },
      )
    })
    const invoice = findInvoice(database, id, now)
    if (invoice === null) throw new Error('An invoice that was just written cannot be read.')
    return invoice
  })
}

function nextOrdinal(database: Database, year: number): number {
  const first = year * 1_000_000
  const last = database.find<{ ordinal: number | null }>(
    'SELECT max(ordinal) AS ordinal FROM invoice WHERE ordinal BETWEEN :first AND :end',
    { first, end: first + 999_999 },
  )
  return (last?.ordinal ?? first) + 1
}
