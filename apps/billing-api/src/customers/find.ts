import type { Database } from '../database/database.ts'
import type { InvoiceSummary } from '../invoices/invoice.ts'
import { listInvoices } from '../invoices/list.ts'
import { type Customer, type CustomerRow, customerColumns, customerTables, toCustomer } from './customer.ts'

export type CustomerDetails = Customer & {
  /** The latest ten invoices of the customer. */
  invoices: InvoiceSummary[]
  /** Sums in cents. `paid`: payments received. `open`: unpaid invoices, including overdue ones. `refunded`: refunds. */
  totals: { paid: number; open: number; refunded: number }
}

/** Returns a customer with the latest invoices and totals. Returns null if there is no such customer. */
export function findCustomer(database: Database, id: string, now: number): CustomerDetails | null {
  const row = database.find<CustomerRow>(
    `SELECT ${customerColumns} FROM ${customerTables} WHERE c.id = :id`,
    { id },
  )
  if (row === null) return null
  const latest = { customerId: id, sort: '-issuedAt', page: 1, pageSize: 10 } as const
  const totals = database.find<CustomerDetails['totals']>(
    `SELECT
       (SELECT coalesce(sum(p.amount), 0) FROM invoice i JOIN payment p ON p.invoice_id = i.id WHERE i.customer_id = :id) AS paid,
       (SELECT coalesce(sum(i.amount), 0) FROM invoice i WHERE i.customer_id = :id AND i.status = 'open') AS open,
       (SELECT coalesce(sum(r.amount), 0) FROM invoice i JOIN refund r ON r.invoice_id = i.id WHERE i.customer_id = :id) AS refunded`,
    { id },
  )
  return {
    ...toCustomer(row),
    invoices: listInvoices(database, latest, now).items,
    totals: totals ?? { paid: 0, open: 0, refunded: 0 },
  }
}
