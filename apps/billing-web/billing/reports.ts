import { api } from '../auth.ts'
import { addressOf, choiceOf, type Query } from './query.ts'

export type RevenueMonth = {
  month: string
  mrrCents: number
  newMrrCents: number
  lostMrrCents: number
  churnRate: number
  customers: number
  revenueCents: number
  refundsCents: number
}

export type PlanShare = { plan: string; customers: number; mrrCents: number; share: number }

export type RevenueReport = {
  months: RevenueMonth[]
  byPlan: PlanShare[]
  mrrCents: number
  arrCents: number
  churnRate: number
  revenuePerCustomerCents: number
  growthRate: number
}

type RevenueAnswer = {
  months: {
    month: string
    mrr: number
    newMrr: number
    churnedMrr: number
    churnRate: number
    customers: number
    revenue: number
    refunds: number
  }[]
  byPlan: { plan: string; customers: number; mrr: number; share: number }[]
  totals: {
    mrr: number
    arr: number
    churnRate: number
    averageRevenuePerCustomer: number
    growthRate: number
  }
}

export const reportSpans = ['6', '12', '24'] as const
export type ReportSpan = (typeof reportSpans)[number]

/** Reads the number of months of the report from the URL. */
export function parseReportSpan(query: Query): ReportSpan {
  return choiceOf(query, 'months', reportSpans) ?? '12'
}

/** Returns the address of the report. With `download`, the page starts the download of the report as a file. */
export function reportAddress(span: ReportSpan, { download = false } = {}): string {
  return addressOf('/reports', { months: span === '12' ? null : span, download: download ? '1' : null })
}

/** Returns the address of the page that checks the user, and then sends the report as a file. */
export function exportAddress(span: ReportSpan): string {
  return addressOf('/reports/export', { months: span })
}

/** Returns the address of the report as a file. The API refuses the download if the user has entered the password too long ago. */
export function reportFile(span: ReportSpan): string {
  return addressOf('/api/reports/revenue.csv', { months: span })
}

/** Returns the revenue report. The API allows it only for the roles owner and finance. */
export async function readRevenueReport(span: ReportSpan): Promise<RevenueReport> {
  const { months, byPlan, totals } = await api.get<RevenueAnswer>('/reports/revenue', {
    search: { months: span },
  })
  return {
    months: months.map((month) => ({
      month: month.month,
      mrrCents: month.mrr,
      newMrrCents: month.newMrr,
      lostMrrCents: month.churnedMrr,
      churnRate: month.churnRate,
      customers: month.customers,
      revenueCents: month.revenue,
      refundsCents: month.refunds,
    })),
    byPlan: byPlan.map(({ plan, customers, mrr, share }) => ({ plan, customers, mrrCents: mrr, share })),
    mrrCents: totals.mrr,
    arrCents: totals.arr,
    churnRate: totals.churnRate,
    revenuePerCustomerCents: totals.averageRevenuePerCustomer,
    growthRate: totals.growthRate,
  }
}
