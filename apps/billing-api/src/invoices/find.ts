import type { Database } from '../database/database.ts'
import {
  type Invoice,
  type InvoiceLine,
  invoiceTables,
  type Payment,
  type Refund,
  type SummaryRow,
  summaryColumns,
  toSummary,
} from './invoice.ts'

type Row = SummaryRow & Pick<Invoice, 'notes' | 'voidedAt' | 'createdBy'>

/** Returns an invoice with its lines, payments and refunds. Returns null if there is no such invoice. */
export function findInvoice(database: Database, id: string, now: number): Invoice | null {
  const row = database.find<Row>(
    `SELECT ${summaryColumns}, i.notes, i.voided_at AS voidedAt, i.created_by AS createdBy
     FROM ${invoiceTables} WHERE i.id = :id`,
    { id, now },
  )
  if (row === null) return null
  const lines = database.all<InvoiceLine>(
    `SELECT description, quantity, unit_amount AS unitAmount, quantity * unit_amount AS amount
     FROM invoice_line WHERE invoice_id = :id ORDER BY position`,
    { id },
  )
  const payments = database.all<Payment>(
    `SELECT id, amount, method, paid_at AS paidAt FROM payment WHERE invoice_id = :id ORDER BY paid_at, id`,
    { id },
  )
  const refunds = database.all<Refund>(
    `SELECT id, amount, reason, refunded_at AS refundedAt FROM refund WHERE invoice_id = :id ORDER BY refunded_at, id`,
    { id },
  )
  const { notes, voidedAt, createdBy } = row
  return { ...toSummary(row), lines, payments, refunds, notes, voidedAt, createdBy }
}
