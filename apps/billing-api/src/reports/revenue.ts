import { type Month, monthsUpTo } from '../calendar/month.ts'
import type { Database } from '../database/database.ts'

/** One month of the revenue report. Amounts are in cents. Rates are fractions: 0.25 means 25 %. */
export type RevenueMonth = {
  month: string
  /** The monthly recurring revenue (MRR) at the end of the month. For the current month, it is the revenue now. */
  mrr: number
  /** The part of `mrr` from customers who paid nothing at the beginning of the month. */
  newMrr: number
  /** The lost revenue: the former MRR of the customers who paid at the beginning of the month and pay nothing at its end. */
  churnedMrr: number
  /** Of the customers who paid at the beginning of the month, the share who pay nothing at its end. */
  churnRate: number
  /** The number of paying customers at the end of the month. */
  customers: number
  /** The payments that were received in the month. Refunds are not subtracted. */
  revenue: number
  refunds: number
}

export type RevenueReport = {
  months: RevenueMonth[]
  /** The current paying customers of each plan. `share` is the plan's part of `totals.mrr`. */
  byPlan: { plan: string; customers: number; mrr: number; share: number }[]
  totals: {
    mrr: number
    /** The annual recurring revenue: twelve times `mrr`. */
    arr: number
    /**
     * The average churn rate: the sum of the lost customers of all months, divided by the sum of the customers at each month's beginning.
     */
    churnRate: number
    averageRevenuePerCustomer: number
    /** The growth of `mrr` since the beginning of the first month. 0.25 means 25 % more. If `mrr` was 0 at that time, the growth is 0. */
    growthRate: number
  }
}

type MonthRow = Omit<RevenueMonth, 'churnRate'> & { mrrBefore: number; customersBefore: number; lost: number }

/** Returns the revenue report for `months` months. The current month is the last one. */
export function reportRevenue(
  database: Database,
  { months }: { months: number },
  now: number,
): RevenueReport {
  const rows = revenueRows(database, monthsUpTo(now, months), now)
  const byPlan = database.all<{ plan: string; customers: number; mrr: number }>(
    `SELECT p.name AS plan, count(s.id) AS customers, coalesce(sum(s.monthly_amount), 0) AS mrr
     FROM plan p LEFT JOIN subscription s ON s.plan_id = p.id AND s.ended_at IS NULL
     GROUP BY p.id ORDER BY p.position`,
  )
  const mrr = rows.at(-1)?.mrr ?? 0
  const customers = rows.at(-1)?.customers ?? 0
  const mrrBefore = rows[0]?.mrrBefore ?? 0
  return {
    months: rows.map(({ mrrBefore: _, customersBefore, lost, ...month }) => ({
      ...month,
      churnRate: share(lost, customersBefore),
    })),
    byPlan: byPlan.map((plan) => ({ ...plan, share: share(plan.mrr, mrr) })),
    totals: {
      mrr,
      arr: mrr * 12,
      churnRate: share(sum(rows, 'lost'), sum(rows, 'customersBefore')),
      averageRevenuePerCustomer: customers === 0 ? 0 : Math.round(mrr / customers),
      growthRate: share(mrr - mrrBefore, mrrBefore),
    },
  }
}

/**
 * Returns the figures of each month. A subscription counts at a moment if it began before that moment and did not end before it. If a
 * customer changes the plan, one row of `subscription` ends and another begins in the same millisecond. So at each moment, only one of the
 * two rows counts.
 */
function revenueRows(database: Database, months: readonly Month[], now: number): MonthRow[] {
  return database.all<MonthRow>(
    `WITH month AS (
       SELECT key AS position, value ->> 'month' AS month, value ->> 'start' AS start, min(value ->> 'end', :now + 1) AS end
       FROM json_each(:months)
     ),
     held AS (
       SELECT m.position, s.customer_id,
         sum(s.monthly_amount) FILTER (WHERE s.started_at < m.start) AS before,
         sum(s.monthly_amount) FILTER (WHERE s.ended_at IS NULL OR s.ended_at >= m.end) AS after
       FROM month m JOIN subscription s
         ON s.started_at < m.end AND (s.ended_at IS NULL OR s.ended_at >= m.start)
       GROUP BY m.position, s.customer_id
     )
     SELECT m.month,
       coalesce(sum(h.after), 0) AS mrr,
       coalesce(sum(h.after) FILTER (WHERE h.before IS NULL), 0) AS newMrr,
       coalesce(sum(h.before) FILTER (WHERE h.after IS NULL), 0) AS churnedMrr,
       count(h.after) AS customers,
       (SELECT coalesce(sum(amount), 0) FROM payment WHERE paid_at >= m.start AND paid_at < m.end) AS revenue,
       (SELECT coalesce(sum(amount), 0) FROM refund WHERE refunded_at >= m.start AND refunded_at < m.end) AS refunds,
       coalesce(sum(h.before), 0) AS mrrBefore,
       count(h.before) AS customersBefore,
       count(h.before) FILTER (WHERE h.after IS NULL) AS lost
     FROM month m LEFT JOIN held h ON h.position = m.position
     GROUP BY m.position ORDER BY m.position`,
    { months: JSON.stringify(months), now },
  )
}

function sum(rows: readonly MonthRow[], field: 'lost' | 'customersBefore'): number {
  return rows.reduce((total, row) => total + row[field], 0)
}

/** Returns a fraction, rounded to four digits (a hundredth of a percent). */
function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000
}
