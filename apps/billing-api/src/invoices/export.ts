import type { Database } from '../database/database.ts'
import { type InvoiceFilter, type InvoiceSort, invoiceCondition, invoiceOrder } from './filter.ts'
import { type InvoiceSummary, invoiceTables, type SummaryRow, summaryColumns, toSummary } from './invoice.ts'

/** Rows read at once: small enough to take about a millisecond, large enough that a whole export takes few steps. */
const chunkRows = 250

/**
 * All invoices that match, in order, a chunk at a time. Each chunk is one finished statement that starts behind the
 * last row of the one before (a keyset): however slowly the reader takes them, no statement stays open, no lock is
 * held and no write waits. Nothing is left to release when the reader goes away.
 *
 * What is issued meanwhile may or may not appear; no row appears twice, as no invoice ever changes what it is sorted by.
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
