import { afterAll, describe, expect, test } from 'vitest'
import { type Month, monthOf, monthsUpTo } from '../calendar/month.ts'
import { openDatabase } from '../database/database.ts'
import { seed } from '../sample-data/seed.ts'
import { reportRevenue } from './revenue.ts'
import { summarize } from './summary.ts'

const now = Date.UTC(2026, 2, 14, 12)
const database = openDatabase(':memory:')
seed(database, { now })
afterAll(() => database.close())

// Subscriptions that begin and end exactly at month boundaries, which the sample data may not contain.
const [january, february] = [monthOf(now, -2), monthOf(now, -1)]
for (const [index, [startedAt, endedAt]] of [
  [january.start, february.start],
  [january.start - 1, february.start - 1],
  [january.start + 1, february.start + 1],
  [january.start - 1, january.start],
  [january.start, january.start],
  [february.start, null],
  [now, null],
].entries()) {
  const id = `edge-${index}`
  database.change(
    `INSERT INTO customer (id, name, email, company, country, plan_id, search_key, created_at, churned_at)
     VALUES (:id, '', '', '', 'GB', 'team', '', 0, :endedAt)`,
    { id, endedAt: endedAt ?? null },
  )
  database.change(
    `INSERT INTO subscription (id, customer_id, plan_id, seats, monthly_amount, started_at, ended_at)
     VALUES (:id, :id, 'team', 1, :amount, :startedAt, :endedAt)`,
    { id, amount: 10 ** index, startedAt: startedAt ?? 0, endedAt: endedAt ?? null },
  )
}

type Subscription = {
  customer_id: string
  plan_id: string
  monthly_amount: number
  started_at: number
  ended_at: number | null
}
type Money = { amount: number; time: number }

const subscriptions = database.all<Subscription>('SELECT * FROM subscription')
const payments = database.all<Money>('SELECT amount, paid_at AS time FROM payment')
const refunds = database.all<Money>('SELECT amount, refunded_at AS time FROM refund')
const invoices = database.all<{ status: string; amount: number; due_at: number }>('SELECT * FROM invoice')

/** Returns what each customer pays per month just before `time`, computed over every row. */
function payingBefore(time: number, rows = subscriptions): Map<string, number> {
  const paying = new Map<string, number>()
  for (const row of rows) {
    const endedAt = row.ended_at ?? Number.POSITIVE_INFINITY
    if (row.started_at < time && endedAt >= time)
      paying.set(row.customer_id, (paying.get(row.customer_id) ?? 0) + row.monthly_amount)
  }
  return paying
}
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)
const within = (rows: Money[], start: number, end: number) =>
  sum(rows.filter(({ time }) => time >= start && time < end).map(({ amount }) => amount))
const rounded = (value: number) => Math.round(value * 10_000) / 10_000

function naiveMonth({ month, start, end }: Month, asOf = now) {
  const until = Math.min(end, asOf + 1)
  const before = payingBefore(start)
  const after = payingBefore(until)
  const lost = [...before].filter(([customer]) => !after.has(customer))
  return {
    month,
    mrr: sum(after.values()),
    newMrr: sum([...after].filter(([customer]) => !before.has(customer)).map(([, amount]) => amount)),
    churnedMrr: sum(lost.map(([, amount]) => amount)),
    churnRate: before.size === 0 ? 0 : rounded(lost.length / before.size),
    customers: after.size,
    revenue: within(payments, start, until),
    refunds: within(refunds, start, until),
  }
}

describe('the revenue report, against a naive count over the raw rows', () => {
  test.each([1, 2, 12, 24, 36])('%i months', (count) => {
    const { months } = reportRevenue(database, { months: count }, now)
    expect(months).toEqual(monthsUpTo(now, count).map((month) => naiveMonth(month)))
  })

  test('a report for a past moment does not count later events', () => {
    for (const asOf of [january.start - 1, january.start, january.start + 9 * 86_400_000]) {
      const { months } = reportRevenue(database, { months: 6 }, asOf)
      expect(months).toEqual(monthsUpTo(asOf, 6).map((month) => naiveMonth(month, asOf)))
    }
  })

  test('by plan', () => {
    const { byPlan, totals } = reportRevenue(database, { months: 12 }, now)
    expect(byPlan.map(({ plan }) => plan)).toEqual(['Starter', 'Team', 'Business', 'Enterprise'])
    for (const { plan, customers, mrr, share } of byPlan) {
      const paying = payingBefore(
        now + 1,
        subscriptions.filter(({ plan_id }) => plan_id === plan.toLowerCase()),
      )
      expect({ customers, mrr, share }).toEqual({
        customers: paying.size,
        mrr: sum(paying.values()),
        share: rounded(sum(paying.values()) / totals.mrr),
      })
    }
  })

  test('totals', () => {
    const { totals } = reportRevenue(database, { months: 12 }, now)
    const months = monthsUpTo(now, 12)
    const mrr = sum(payingBefore(now + 1).values())
    const mrrBefore = sum(payingBefore(months[0]?.start ?? 0).values())
    const lost = months.map(({ start, end }) => {
      const after = payingBefore(Math.min(end, now + 1))
      return [...payingBefore(start).keys()].filter((customer) => !after.has(customer)).length
    })
    expect(totals).toEqual({
      mrr,
      arr: 12 * mrr,
      churnRate: rounded(sum(lost) / sum(months.map(({ start }) => payingBefore(start).size))),
      averageRevenuePerCustomer: Math.round(mrr / payingBefore(now + 1).size),
      growthRate: rounded((mrr - mrrBefore) / mrrBefore),
    })
  })

  test('an empty database is all zeros, not NaN', () => {
    const empty = openDatabase(':memory:')
    const { months, byPlan, totals } = reportRevenue(empty, { months: 3 }, now)
    expect(months.map(({ month }) => month)).toEqual(['2026-01', '2026-02', '2026-03'])
    for (const { month: _, ...figures } of months)
      expect(new Set(Object.values(figures))).toEqual(new Set([0]))
    expect(byPlan).toEqual([])
    expect(new Set(Object.values(totals))).toEqual(new Set([0]))
  })
})

describe('the summary, against a naive count over the raw rows', () => {
  const summary = summarize(database, now)

  test('what is open and overdue', () => {
    const open = invoices.filter(({ status }) => status === 'open')
    const overdue = open.filter(({ due_at }) => due_at < now)
    expect(overdue.length).toBeGreaterThan(0)
    expect(summary).toMatchObject({
      openAmount: sum(open.map(({ amount }) => amount)),
      overdueAmount: sum(overdue.map(({ amount }) => amount)),
      overdueCount: overdue.length,
    })
  })

  test('what was paid', () => {
    const months = monthsUpTo(now, 12)
    expect(summary.revenueByMonth).toEqual(
      months.map(({ month, start, end }) => ({ month, amount: within(payments, start, end) })),
    )
    expect(summary.paidThisMonth).toBe(summary.revenueByMonth[11]?.amount)
    expect(summary.paidLastMonth).toBe(summary.revenueByMonth[10]?.amount)
  })

  test('who pays', () => {
    expect(summary.activeCustomers).toBe(payingBefore(now + 1).size)
    expect(summary.activeCustomersLastMonth).toBe(payingBefore(monthOf(now).start).size)
  })

  test('the five latest invoices', () => {
    const latest = database.all<{ id: string }>(
      'SELECT id FROM invoice ORDER BY issued_at DESC, id DESC LIMIT 5',
    )
    expect(summary.recentInvoices.map(({ id }) => ({ id }))).toEqual(latest)
  })
})
