import { afterAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../database/database.ts'
import { fold } from '../database/search-key.ts'
import { seed } from '../sample-data/seed.ts'
import type { Customer } from './customer.ts'
import { findCustomer } from './find.ts'
import { type CustomerQuery, customerSorts, listCustomers } from './list.ts'
import { listPlans } from './plans.ts'

const now = Date.UTC(2026, 2, 14, 12)
const database = openDatabase(':memory:')
seed(database, { now })
afterAll(() => database.close())

const all: Customer[] = []
for (let page = 1; page <= 4; page++)
  all.push(...listCustomers(database, { sort: 'createdAt', page, pageSize: 100 }).items)

type Filter = Pick<CustomerQuery, 'search' | 'plan' | 'status'>
const filters: Filter[] = [
  {},
  { status: 'active' },
  { status: 'churned' },
  { status: 'trial' },
  { plan: 'team' },
  { plan: 'none' },
  { search: 'studio' },
  { search: 'GARCIA' },
  { search: '.example', status: 'active', plan: 'business' },
  { search: '_' },
]

describe.each(filters)('%j', (filter) => {
  test.each(customerSorts)('sorted by %s', (sort) => {
    const key = sort.replace('-', '') as 'name' | 'mrr' | 'createdAt'
    const direction = sort.startsWith('-') ? -1 : 1
    const keyOf = (customer: Customer) =>
      key === 'name' ? customer.name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : customer[key]
    const expected = all
      .filter(
        (customer) =>
          (filter.status === undefined || customer.status === filter.status) &&
          (filter.plan === undefined || customer.plan.id === filter.plan) &&
          (filter.search === undefined ||
            fold(`${customer.name} ${customer.company} ${customer.email}`).includes(fold(filter.search))),
      )
      .sort((one, other) => {
        const [first, second] = [keyOf(one), keyOf(other)]
        const order = first < second ? -1 : first > second ? 1 : one.id < other.id ? -1 : 1
        return direction * order
      })
    const found = listCustomers(database, { ...filter, sort, page: 1, pageSize: 100 })
    expect(found.items.map(({ id }) => id)).toEqual(expected.slice(0, 100).map(({ id }) => id))
    expect(found.total).toBe(expected.length)
  })
})

test('an active customer pays, a trial or churned customer does not', () => {
  const counts = { active: 0, trial: 0, churned: 0 }
  for (const { status, mrr, churnedAt, plan } of all) {
    counts[status]++
    expect(churnedAt !== null).toBe(status === 'churned')
    if (status === 'active') expect(mrr).toBeGreaterThanOrEqual(plan.monthlyAmount)
    else expect(mrr).toBe(0)
  }
  expect(Math.min(counts.active, counts.churned)).toBeGreaterThan(30)
  expect(counts.trial).toBeGreaterThan(3)
})

test('returns a customer with the latest ten invoices and totals of all', () => {
  for (const { id } of all.slice(0, 40)) {
    const customer = findCustomer(database, id, now)
    const sum = (sql: string) => database.find<{ n: number }>(sql, { id })?.n
    expect(customer?.totals).toEqual({
      paid: sum(
        `SELECT coalesce(sum(amount), 0) AS n FROM invoice WHERE customer_id = :id AND status = 'paid'`,
      ),
      open: sum(
        `SELECT coalesce(sum(amount), 0) AS n FROM invoice WHERE customer_id = :id AND status = 'open'`,
      ),
      refunded: sum(
        'SELECT coalesce(sum(r.amount), 0) AS n FROM refund r, invoice i WHERE i.id = r.invoice_id AND i.customer_id = :id',
      ),
    })
    const dates = customer?.invoices.map(({ issuedAt }) => issuedAt) ?? []
    expect(dates).toEqual([...dates].sort((one, other) => other - one))
    expect(dates.length).toBeLessThanOrEqual(10)
    for (const invoice of customer?.invoices ?? []) expect(invoice.customer.id).toBe(id)
  }
  expect(findCustomer(database, 'cus_unknown', now)).toBeNull()
})

test('there are four plans, cheapest first', () => {
  expect(listPlans(database)).toEqual([
    { id: 'starter', name: 'Starter', monthlyAmount: 2_900 },
    { id: 'team', name: 'Team', monthlyAmount: 9_900 },
    { id: 'business', name: 'Business', monthlyAmount: 29_900 },
    { id: 'enterprise', name: 'Enterprise', monthlyAmount: 119_900 },
  ])
})
