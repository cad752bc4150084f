import { type InvoiceSummary, type InvoiceSummaryAnswer, invoiceSummaryFrom } from './invoice.ts'

export const customerStatuses = ['active', 'trial', 'churned'] as const
export type CustomerStatus = (typeof customerStatuses)[number]

export type Plan = { id: string; name: string; monthlyCents: number }

export type Customer = {
  id: string
  /** The name of the contact person. */
  name: string
  email: string
  company: string
  country: string
  plan: Plan
  status: CustomerStatus
  /** The monthly recurring revenue, in cents. */
  mrrCents: number
  createdAtMs: number
  leftAtMs: number | null
}

export type CustomerDetails = Customer & {
  /** The latest ten invoices. */
  invoices: InvoiceSummary[]
  paidCents: number
  openCents: number
  refundedCents: number
}

/** A plan in the form in which the billing API sends it. */
export type PlanAnswer = { id: string; name: string; monthlyAmount: number }
export type CustomerAnswer = {
  id: string
  name: string
  email: string
  company: string
  country: string
  plan: PlanAnswer
  status: CustomerStatus
  mrr: number
  createdAt: number
  churnedAt: number | null
}
export type CustomerDetailsAnswer = CustomerAnswer & {
  invoices: InvoiceSummaryAnswer[]
  totals: { paid: number; open: number; refunded: number }
}

export function planFrom({ id, name, monthlyAmount }: PlanAnswer): Plan {
  return { id, name, monthlyCents: monthlyAmount }
}

export function customerFrom(answer: CustomerAnswer): Customer {
  return {
    id: answer.id,
    name: answer.name,
    email: answer.email,
    company: answer.company,
    country: answer.country,
    plan: planFrom(answer.plan),
    status: answer.status,
    mrrCents: answer.mrr,
    createdAtMs: answer.createdAt,
    leftAtMs: answer.churnedAt,
  }
}

export function customerDetailsFrom(answer: CustomerDetailsAnswer): CustomerDetails {
  return {
    ...customerFrom(answer),
    invoices: answer.invoices.map(invoiceSummaryFrom),
    paidCents: answer.totals.paid,
    openCents: answer.totals.open,
    refundedCents: answer.totals.refunded,
  }
}
