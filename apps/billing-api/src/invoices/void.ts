import { BillingError } from '../billing-error.ts'
import type { Database } from '../database/database.ts'
import { findInvoice } from './find.ts'
import type { Invoice } from './invoice.ts'

/**
 * Voids an invoice. The invoice must be a draft or open. One statement checks the old status and writes the new one. So if several requests
 * come at the same time, only one of them makes the change. The others, and later requests, get the same invoice.
 *
 * @returns null if there is no such invoice.
 * @throws BillingError `invoice_not_voidable` if the invoice is paid.
 */
export function voidInvoice(database: Database, id: string, now: number): Invoice | null {
  database.change(
    `UPDATE invoice SET status = 'void', voided_at = :now WHERE id = :id AND status IN ('draft', 'open')`,
    { id, now },
  )
  const invoice = findInvoice(database, id, now)
  if (invoice !== null && invoice.status !== 'void') throw new BillingError('invoice_not_voidable')
  return invoice
}
