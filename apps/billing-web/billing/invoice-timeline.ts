import { type Invoice, makerOf } from './invoice.ts'

export type InvoiceEvent = {
  kind: 'issued' | 'drafted' | 'payment' | 'refund' | 'due' | 'voided'
  timeMs: number
  /** The amount of the event, in cents. Null if the event has no amount. */
  amountCents: number | null
  detail: string
}

/** Returns the events of an invoice, in order. The due date is an event only if the invoice was not paid before it. */
export function timelineOf(invoice: Invoice, userId: string): InvoiceEvent[] {
  const { status, issuedAtMs, dueAtMs, voidedAtMs, payments, refunds } = invoice
  const events: InvoiceEvent[] = [
    {
      kind: status === 'draft' ? 'drafted' : 'issued',
      timeMs: issuedAtMs,
      amountCents: null,
      detail: makerOf(invoice, userId),
    },
    ...payments.map(({ paidAtMs, amountCents, method }) => ({
      kind: 'payment' as const,
      timeMs: paidAtMs,
      amountCents,
      detail: methodName(method),
    })),
    ...refunds.map(({ refundedAtMs, amountCents, reason }) => ({
      kind: 'refund' as const,
      timeMs: refundedAtMs,
      amountCents,
      detail: reason,
    })),
  ]
  if (status === 'overdue')
    events.push({ kind: 'due', timeMs: dueAtMs, amountCents: null, detail: 'Not paid by this day' })
  if (voidedAtMs !== null)
    events.push({
      kind: 'voided',
      timeMs: voidedAtMs,
      amountCents: null,
      detail: 'No amount is due any more',
    })
  return events.sort((one, other) => one.timeMs - other.timeMs)
}

const methods: Record<string, string> = {
  card: 'Card',
  direct_debit: 'Direct debit',
  bank_transfer: 'Bank transfer',
}

/** Returns the name of a payment method. */
export function methodName(method: string): string {
  const name = methods[method] ?? method.replaceAll('_', ' ')
  return name.charAt(0).toUpperCase() + name.slice(1)
}
