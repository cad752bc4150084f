import { monthOf, monthsUpTo } from '../calendar/month.ts'
import type { Database } from '../database/database.ts'
import type { InvoiceSummary } from '../invoices/invoice.ts'
import { listInvoices } from '../invoices/list.ts'

/** The key figures of the dashboard. Amounts are in cents. Months are in UTC. */
export type Summary = {
  /** The sum of all unpaid invoices, including overdue ones. */
  openAmount: number
  overdueAmount: number
  overdueCount: number
  /** The payments that were received. Refunds are not subtracted. */
  paidThisMonth: number
  paidLastMonth: number
  /** The number of paying customers now, and at the end of last month. */
  activeCustomers: number
  activeCustomersLastMonth: number
  /** The payments that were received in each of the last 12 months. The current month is the last one. */
  revenueByMonth: { month: string; amount: number }[]
  recentInvoices: InvoiceSummary[]
}

export function summarize(database: Database, now: number): Summary {
  const months = monthsUpTo(now, 12)
  const open = database.find<Pick<Summary, 'openAmount' | 'overdueAmount' | 'overdueCount'>>(
    `SELECT coalesce(sum(amount), 0) AS openAmount,
            coalesce(sum(amount) FILTER (WHERE due_at < :now), 0) AS overdueAmount,
            count(*) FILTER (WHERE due_at < :now) AS overdueCount
     FROM invoice WHERE status = 'open'`,
    { now },
  )
  const revenueByMonth = database.all<{ month: string; amount: number }>(
    `SELECT m.value ->> 'month' AS month,
            (SELECT coalesce(sum(amount), 0) FROM payment
             WHERE paid_at >= m.value ->> 'start' AND paid_at < m.value ->> 'end') AS amount
     FROM json_each(:months) m ORDER BY m.key`,
    { months: JSON.stringify(months) },
  )
  const latest = { sort: '-issuedAt', page: 1, pageSize: 5 } as const
  return {
    openAmount: open?.openAmount ?? 0,
    overdueAmount: open?.overdueAmount ?? 0,
    overdueCount: open?.overdueCount ?? 0,
    paidThisMonth: revenueByMonth.at(-1)?.amount ?? 0,
    paidLastMonth: revenueByMonth.at(-2)?.amount ?? 0,
    activeCustomers: payingCustomers(database, now + 1),
    activeCustomersLastMonth: payingCustomers(database, monthOf(now).start),
    revenueByMonth,
    recentInvoices: listInvoices(database, latest, now).items,
  }
}

/** Returns how many customers had an active subscription immediately before `time`. */
function payingCustomers(database: Database, time: number): number {
  const row = database.find<{ count: number }>(
    `SELECT count(DISTINCT customer_id) AS count FROM subscription
     WHERE started_at < :time AND (ended_at IS NULL OR ended_at >= :time)`,
    { time },
  )
  return row?.count ?? 0
}
