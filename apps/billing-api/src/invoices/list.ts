import type { Database } from '../database/database.ts'
import { type InvoiceFilter, type InvoiceSort, invoiceCondition, invoiceOrder } from './filter.ts'
import { type InvoiceSummary, invoiceTables, type SummaryRow, summaryColumns, toSummary } from './invoice.ts'

export type InvoicePage = {
  items: InvoiceSummary[]
  page: number
  pageSize: number
  /** The number of invoices on all pages. */
  total: number
  /** The sum of all matching invoices, in cents. */
  totalAmount: number
}

/**
 * Returns one page of the matching invoices, with the number and the sum of all matching invoices. If `page` is after the last page,
 * `items` is empty.
 */
export function listInvoices(
  database: Database,
  query: InvoiceFilter & { sort: InvoiceSort; page: number; pageSize: number },
  now: number,
): InvoicePage {
  const { sort, page, pageSize } = query
  const { condition, parameters } = invoiceCondition(query, now)
  const { column, direction } = invoiceOrder(sort)
  const totals = database.find<{ total: number; totalAmount: number }>(
    `SELECT count(*) AS total, coalesce(sum(i.amount), 0) AS totalAmount FROM invoice i WHERE ${condition}`,
    parameters,
  )
  const rows = database.all<SummaryRow>(
    `SELECT ${summaryColumns} FROM ${invoiceTables} WHERE ${condition}
     ORDER BY ${column} ${direction}, i.id ${direction} LIMIT :limit OFFSET :offset`,
    { ...parameters, limit: pageSize, offset: (page - 1) * pageSize },
  )
  return {
    items: rows.map(toSummary),
    page,
    pageSize,
    total: totals?.total ?? 0,
    totalAmount: totals?.totalAmount ?? 0,
  }
}
