/** The states of an invoice. `overdue` is not stored. It means that the invoice is open and its due date has passed. */
export const invoiceStatuses = ['draft', 'open', 'paid', 'void', 'overdue'] as const
export type InvoiceStatus = (typeof invoiceStatuses)[number]

/** An invoice in a list. Amounts are whole numbers of cents. Times are milliseconds since 1970 (UTC). */
export type InvoiceSummary = {
  id: string
  number: string
  status: InvoiceStatus
  customer: { id: string; name: string; company: string }
  currency: string
  amount: number
  issuedAt: number
  dueAt: number
  paidAt: number | null
}

export type InvoiceLine = { description: string; quantity: number; unitAmount: number; amount: number }
export type Payment = { id: string; amount: number; method: string; paidAt: number }
export type Refund = { id: string; amount: number; reason: string; refundedAt: number }

/** An invoice with all its details. */
export type Invoice = InvoiceSummary & {
  lines: InvoiceLine[]
  payments: Payment[]
  refunds: Refund[]
  notes: string
  voidedAt: number | null
  /** The id of the user who created the invoice. If the monthly billing created the invoice, this is `system`. */
  createdBy: string
}

/** The columns of a {@link SummaryRow}. The statement must read {@link invoiceTables} and bind `:now`. */
export const summaryColumns = `
  i.id, i.number, i.currency, i.amount, i.issued_at AS issuedAt, i.due_at AS dueAt, i.paid_at AS paidAt,
  CASE WHEN i.status = 'open' AND i.due_at < :now THEN 'overdue' ELSE i.status END AS status,
  c.id AS customerId, c.name AS customerName, c.company AS customerCompany`
export const invoiceTables = 'invoice i JOIN customer c ON c.id = i.customer_id'

export type SummaryRow = Omit<InvoiceSummary, 'customer'> & {
  customerId: string
  customerName: string
  customerCompany: string
}

export function toSummary(row: SummaryRow): InvoiceSummary {
  return {
    id: row.id,
    number: row.number,
    status: row.status,
    customer: { id: row.customerId, name: row.customerName, company: row.customerCompany },
    currency: row.currency,
    amount: row.amount,
    issuedAt: row.issuedAt,
    dueAt: row.dueAt,
    paidAt: row.paidAt,
  }
}
