import { expect, test } from 'vitest'
import { monthOf, monthsUpTo } from '../calendar/month.ts'
import { type Database, openDatabase } from '../database/database.ts'
import { reportRevenue } from '../reports/revenue.ts'
import { seed } from './seed.ts'

const now = Date.UTC(2026, 2, 14, 12)
const tables = ['plan', 'customer', 'subscription', 'invoice', 'invoice_line', 'payment', 'refund']

function seeded(at = now): Database {
  const database = openDatabase(':memory:')
  seed(database, { now: at })
  return database
}
const everything = (database: Database) => tables.map((table) => database.all(`SELECT * FROM ${table}`))
const count = (database: Database, sql: string) => database.find<{ n: number }>(sql, { now })?.n ?? 0

test('fills a database in under two seconds, once', () => {
  const database = openDatabase(':memory:')
  const started = performance.now()
  const written = seed(database, { now })
  expect(performance.now() - started).toBeLessThan(2_000)
  expect(written?.customers).toBeGreaterThanOrEqual(280)
  expect(written?.invoices).toBeGreaterThanOrEqual(3_500)
  expect(written?.invoices).toBeLessThanOrEqual(4_500)
  const before = everything(database)
  expect(seed(database, { now: now + 1 })).toBeNull()
  expect(everything(database)).toEqual(before)
})

test('the same time gives the same rows, another time other rows', () => {
  expect(everything(seeded())).toEqual(everything(seeded()))
  expect(everything(seeded(now + 40 * 86_400_000))).not.toEqual(everything(seeded()))
})

test.each([
  ['the end of January', Date.UTC(2026, 0, 31, 23, 59)],
  ['the first moment of a year', Date.UTC(2027, 0, 1)],
  ['a leap day', Date.UTC(2028, 1, 29, 8)],
])('the data is consistent on any day: %s', (_, today) => {
  const database = seeded(today)
  const none = (sql: string) => expect(database.all(sql, { now: today }), sql).toEqual([])
  none(`SELECT id FROM invoice i WHERE amount <>
        (SELECT sum(quantity * unit_amount) FROM invoice_line WHERE invoice_id = i.id)`)
  none(`SELECT id FROM invoice i WHERE status = 'paid' AND amount <>
        (SELECT sum(amount) FROM payment WHERE invoice_id = i.id)`)
  none(`SELECT id FROM invoice i WHERE status = 'paid' AND paid_at <>
        (SELECT max(paid_at) FROM payment WHERE invoice_id = i.id)`)
  none(`SELECT p.id FROM payment p JOIN invoice i ON i.id = p.invoice_id WHERE i.status <> 'paid'`)
  none(
    `SELECT i.id FROM invoice i JOIN refund r ON r.invoice_id = i.id GROUP BY i.id HAVING sum(r.amount) > i.amount`,
  )
  none(`SELECT id FROM invoice WHERE max(issued_at, coalesce(paid_at, 0), coalesce(voided_at, 0)) > :now`)
  none(`SELECT id FROM payment WHERE paid_at > :now UNION ALL SELECT id FROM refund WHERE refunded_at > :now`)
  none(`SELECT id FROM customer WHERE created_at > :now OR churned_at > :now OR churned_at < created_at`)
  none(`SELECT s.id FROM subscription s JOIN subscription o ON o.customer_id = s.customer_id AND o.id <> s.id
        AND o.started_at < coalesce(s.ended_at, :now) AND s.started_at < coalesce(o.ended_at, :now)`)
  none(`SELECT c.id FROM customer c JOIN subscription s ON s.customer_id = c.id AND s.ended_at IS NULL
        WHERE c.churned_at IS NOT NULL OR c.plan_id <> s.plan_id`)
  // Numbers increase with time, without a gap within a year.
  none(
    `SELECT id FROM (SELECT id, issued_at, lag(issued_at) OVER (ORDER BY ordinal) AS before FROM invoice) WHERE before > issued_at`,
  )
  none(
    `SELECT ordinal / 1000000 AS year FROM invoice GROUP BY year HAVING max(ordinal) % 1000000 <> count(*)`,
  )
})

test('every state occurs, and the revenue grows', () => {
  const database = seeded()
  for (const status of ['draft', 'open', 'paid', 'void'])
    expect(count(database, `SELECT count(*) AS n FROM invoice WHERE status = '${status}'`)).toBeGreaterThan(2)
  expect(
    count(database, `SELECT count(*) AS n FROM invoice WHERE status = 'open' AND due_at < :now`),
  ).toBeGreaterThan(5)
  expect(count(database, 'SELECT count(*) AS n FROM refund')).toBeGreaterThan(20)
  expect(count(database, 'SELECT count(*) AS n FROM customer WHERE churned_at IS NOT NULL')).toBeGreaterThan(
    30,
  )
  expect(count(database, 'SELECT count(DISTINCT country) AS n FROM customer')).toBeGreaterThan(12)
  expect(count(database, 'SELECT count(*) - count(DISTINCT company) AS n FROM customer')).toBe(0)
  const { months, totals } = reportRevenue(database, { months: 24 }, now)
  expect(totals.growthRate).toBeGreaterThan(0.5)
  for (const { mrr, revenue, newMrr } of months) expect(Math.min(mrr, revenue, newMrr)).toBeGreaterThan(0)
})

test('there are invoices in each of the last 24 months', () => {
  const database = seeded()
  for (const { start, end } of monthsUpTo(now, 24))
    expect(
      count(database, `SELECT count(*) AS n FROM invoice WHERE issued_at >= ${start} AND issued_at < ${end}`),
    ).toBeGreaterThan(20)
  expect(
    count(database, `SELECT count(*) AS n FROM invoice WHERE issued_at < ${monthOf(now, -23).start}`),
  ).toBe(0)
})
