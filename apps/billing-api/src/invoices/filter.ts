import { dayMs, startOfDay } from '../calendar/day.ts'
import type { Parameters } from '../database/database.ts'
import { containing } from '../database/search-key.ts'
import type { InvoiceStatus } from './invoice.ts'

/** A filter for invoices. If a member is absent, it does not restrict the result. */
export type InvoiceFilter = {
  /** A part of the invoice's number, or of the customer's name, company or email address. */
  search?: string | undefined
  status?: InvoiceStatus | undefined
  customerId?: string | undefined
  /** The first day of issue, `YYYY-MM-DD` (UTC). Invoices of this day are included. */
  from?: string | undefined
  /** The last day of issue. Invoices of this day are included. */
  to?: string | undefined
}

/** The columns by which invoices can be sorted. `ORDER BY` contains only these texts, and never a text of the request. */
export const invoiceSortColumns = {
  issuedAt: 'i.issued_at',
  dueAt: 'i.due_at',
  amount: 'i.amount',
  number: 'i.ordinal',
} as const
export type InvoiceSortKey = keyof typeof invoiceSortColumns

export const invoiceSorts = [
  'issuedAt',
  '-issuedAt',
  'amount',
  '-amount',
  'number',
  '-number',
  'dueAt',
  '-dueAt',
] as const satisfies readonly (InvoiceSortKey | `-${InvoiceSortKey}`)[]
export type InvoiceSort = (typeof invoiceSorts)[number]

/**
 * Returns the column and the direction for `ORDER BY`. The caller adds the id as the last column, so that rows with equal values have a
 * fixed order and no row is on two pages.
 */
export function invoiceOrder(sort: InvoiceSort): { column: string; direction: 'ASC' | 'DESC' } {
  const key = sort.replace('-', '') as InvoiceSortKey
  return { column: invoiceSortColumns[key], direction: sort.startsWith('-') ? 'DESC' : 'ASC' }
}

// An unpaid invoice is either open or overdue here, although its column `status` is `open` in both cases.
const statusConditions: Record<InvoiceStatus, string> = {
  draft: "i.status = 'draft'",
  open: "i.status = 'open' AND i.due_at >= :now",
  overdue: "i.status = 'open' AND i.due_at < :now",
  paid: "i.status = 'paid'",
  void: "i.status = 'void'",
}

/** Returns the filter as an SQL condition for the table `invoice i`, with the values to bind. */
export function invoiceCondition(
  filter: InvoiceFilter,
  now: number,
): { condition: string; parameters: Parameters } {
  const conditions = ['TRUE']
  const parameters: Record<string, string | number> = { now }
  if (filter.search !== undefined) {
    conditions.push(
      `(i.number LIKE :search ESCAPE '\\' OR i.customer_id IN (SELECT id FROM customer WHERE search_key LIKE :search ESCAPE '\\'))`,
    )
    parameters.search = containing(filter.search)
  }
  if (filter.status !== undefined) conditions.push(statusConditions[filter.status])
  if (filter.customerId !== undefined) {
    conditions.push('i.customer_id = :customerId')
    parameters.customerId = filter.customerId
  }
  if (filter.from !== undefined) {
    conditions.push('i.issued_at >= :from')
    parameters.from = startOfDay(filter.from)
  }
  if (filter.to !== undefined) {
    conditions.push('i.issued_at < :until')
    parameters.until = startOfDay(filter.to) + dayMs
  }
  return { condition: conditions.join(' AND '), parameters }
}
