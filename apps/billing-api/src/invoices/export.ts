import type { Database } from '../database/database.ts'
import { type InvoiceFilter, type InvoiceSort, invoiceCondition, invoiceOrder } from './filter.ts'
import { type InvoiceSummary, invoiceTables, type SummaryRow, summaryColumns, toSummary } from './invoice.ts'

/** The number of rows in a chunk. A chunk of this size is read in about a millisecond, and a whole export needs only a few chunks. */
const chunkRows = 250

/**
 * Yields all matching invoices in order, in chunks. Each chunk is read by its own statement, which starts after the last row of the
 * previous chunk (keyset pagination). Between two chunks, no statement is open and no lock is held. So a slow reader delays no writes, and
 * there is nothing to release when the reader disconnects.
 *
 * If an invoice is issued during the export, it may be missing. No row appears twice, because the sort columns of an invoice never change.
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
