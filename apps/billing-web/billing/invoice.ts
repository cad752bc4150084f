export const invoiceStatuses = ['draft', 'open', 'overdue', 'paid', 'void'] as const
export type InvoiceStatus = (typeof invoiceStatuses)[number]

/** An invoice in a list. */
export type InvoiceSummary = {
  id: string
  number: string
  status: InvoiceStatus
  customerId: string
  /** The names of the contact person and of the company. */
  customerName: string
  company: string
  currency: string
  amountCents: number
  issuedAtMs: number
  dueAtMs: number
  paidAtMs: number | null
}

export type InvoiceLine = { description: string; quantity: number; unitCents: number; amountCents: number }
export type Payment = { id: string; amountCents: number; method: string; paidAtMs: number }
export type Refund = { id: string; amountCents: number; reason: string; refundedAtMs: number }

/** An invoice with all its details. */
export type Invoice = InvoiceSummary & {
  lines: InvoiceLine[]
  payments: Payment[]
  refunds: Refund[]
  notes: string
  voidedAtMs: number | null
  /** The id of the user who created the invoice. If the monthly billing created the invoice, this is `system`. */
  createdBy: string
}

/** An invoice in the form in which the billing API sends it. Amounts are in cents, times in milliseconds. */
export type InvoiceSummaryAnswer = {
  id: string
  number: string
  status: InvoiceStatus
  customer: { id: string; name: string; company?: string }
  currency: string
  amount: number
  issuedAt: number
  dueAt: number
  paidAt: number | null
}
export type InvoiceAnswer = InvoiceSummaryAnswer & {
  lines: { description: string; quantity: number; unitAmount: number; amount: number }[]
  payments: { id: string; amount: number; method: string; paidAt: number }[]
  refunds: { id: string; amount: number; reason: string; refundedAt: number }[]
  notes: string | null
  voidedAt: number | null
  createdBy: string
}

export function invoiceSummaryFrom(answer: InvoiceSummaryAnswer): InvoiceSummary {
  return {
    id: answer.id,
    number: answer.number,
    status: answer.status,
    customerId: answer.customer.id,
    customerName: answer.customer.name,
    company: answer.customer.company ?? '',
    currency: answer.currency,
    amountCents: answer.amount,
    issuedAtMs: answer.issuedAt,
    dueAtMs: answer.dueAt,
    paidAtMs: answer.paidAt,
  }
}

export function invoiceFrom(answer: InvoiceAnswer): Invoice {
  return {
    ...invoiceSummaryFrom(answer),
    lines: answer.lines.map(({ description, quantity, unitAmount, amount }) => ({
      description,
      quantity,
      unitCents: unitAmount,
      amountCents: amount,
    })),
    payments: answer.payments.map(({ id, amount, method, paidAt }) => ({
      id,
      amountCents: amount,
      method,
      paidAtMs: paidAt,
    })),
    refunds: answer.refunds.map(({ id, amount, reason, refundedAt }) => ({
      id,
      amountCents: amount,
      reason,
      refundedAtMs: refundedAt,
    })),
    notes: answer.notes ?? '',
    voidedAtMs: answer.voidedAt,
    createdBy: answer.createdBy,
  }
}

/** Returns a text that says who created an invoice. The pages do not know the names of other users. */
export function makerOf({ createdBy }: Invoice, userId: string): 'Monthly billing' | 'You' | 'A colleague' {
  if (createdBy === 'system') return 'Monthly billing'
  return createdBy === userId ? 'You' : 'A colleague'
}

/** Returns whether an invoice can be voided. A paid invoice cannot be voided, but it can be refunded. */
export function isVoidable({ status }: { status: InvoiceStatus }): boolean {
  return status === 'draft' || status === 'open' || status === 'overdue'
}
