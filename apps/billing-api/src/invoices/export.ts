import type { Database } from '../database/database.ts'
import { type InvoiceFilter, type InvoiceSort, invoiceCondition, invoiceOrder } from './filter.ts'
import { type InvoiceSummary, invoiceTables, type SummaryRow, summaryColumns, toSummary } from './invoice.ts'

/** Rows read at once: small enough to take about a millisecond, large enough that a whole export takes few steps. */
const chunkRows = 250

/**
 * Yields all matching invoices in order, in chunks. Each chunk is one complete statement that starts after the last row
 * of the previous one (keyset pagination). So a slow reader keeps no statement open, holds no lock and delays no write,
 * and there is nothing to release when the reader disconnects.
 *
 * Invoices issued meanwhile may be missing. No row appears twice, because the sort columns of an invoice never change.
 */
export function* exportInvoices(
  database: Database,
  query: InvoiceFilter & { sort: InvoiceSort },
  now: number,
): Generator<InvoiceSummary[], void> {
  const { condition, parameters } = invoiceCondition(query, now)
  const { column, direction } = invoiceOrder(query.sort)
  const beyond = direction === 'ASC' ? '>' : '<'
  const select = `SELECT ${summaryColumns}, ${column} AS sortKey FROM ${invoiceTables} WHERE ${condition}`
  const order = `ORDER BY ${column} ${direction}, i.id ${direction} LIMIT ${chunkRows}`

  let last: (SummaryRow & { sortKey: number }) | undefined
  for (;;) {
    const rows: (SummaryRow & { sortKey: number })[] = last
      ? database.all(`${select} AND (${column}, i.id) ${beyond} (:lastKey, :lastId) ${order}`, {
          ...parameters,
          lastKey: last.sortKey,
          lastId: last.id,
        })
      : database.all(`${select} ${order}`, parameters)
    if (rows.length > 0) yield rows.map(toSummary)
    if (rows.length < chunkRows) return
    last = rows.at(-1)
  }
}
