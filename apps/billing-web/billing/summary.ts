import { type InvoiceSummary, type InvoiceSummaryAnswer, invoiceSummaryFrom } from './invoice.ts'

/** The key figures of the dashboard. */
export type Summary = {
  openCents: number
  overdueCents: number
  overdueCount: number
  paidThisMonthCents: number
  paidLastMonthCents: number
  activeCustomers: number
  activeCustomersLastMonth: number
  /** The revenue of each of the last twelve months, the oldest first. */
  revenueByMonth: { month: string; amountCents: number }[]
  recentInvoices: InvoiceSummary[]
}

/** The key figures in the form in which the billing API sends them. */
export type SummaryAnswer = {
  openAmount: number
  overdueAmount: number
  overdueCount: number
  paidThisMonth: number
  paidLastMonth: number
  activeCustomers: number
  activeCustomersLastMonth: number
  revenueByMonth: { month: string; amount: number }[]
  recentInvoices: InvoiceSummaryAnswer[]
}

export function summaryFrom(answer: SummaryAnswer): Summary {
  return {
    openCents: answer.openAmount,
    overdueCents: answer.overdueAmount,
    overdueCount: answer.overdueCount,
    paidThisMonthCents: answer.paidThisMonth,
    paidLastMonthCents: answer.paidLastMonth,
    activeCustomers: answer.activeCustomers,
    activeCustomersLastMonth: answer.activeCustomersLastMonth,
    revenueByMonth: answer.revenueByMonth.map(({ month, amount }) => ({ month, amountCents: amount })),
    recentInvoices: answer.recentInvoices.map(invoiceSummaryFrom),
  }
}
