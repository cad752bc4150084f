import { afterAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../database/database.ts'
import { fold } from '../database/search-key.ts'
import { seed } from '../sample-data/seed.ts'
import { exportInvoices } from './export.ts'
import { type InvoiceFilter, type InvoiceSort, invoiceSorts } from './filter.ts'
import type { InvoiceSummary } from './invoice.ts'
import { listInvoices } from './list.ts'

const now = Date.UTC(2026, 2, 14, 12)
const database = openDatabase(':memory:')
seed(database, { now })
afterAll(() => database.close())

type Row = Omit<InvoiceSummary, 'customer'> & { customerId: string; customer: string }
const rows = database.all<Row>(
  `SELECT i.id, i.number, i.amount, i.status, i.issued_at AS issuedAt, i.due_at AS dueAt, i.customer_id AS customerId,
          c.name || ' ' || c.company || ' ' || c.email AS customer
   FROM invoice i JOIN customer c ON c.id = i.customer_id`,
)
const [someCustomer = ''] = rows.map(({ customerId }) => customerId)

/** The same query, computed over every row. */
function naive(filter: InvoiceFilter, sort: InvoiceSort): Row[] {
  const key = sort.replace('-', '') as 'issuedAt' | 'dueAt' | 'amount' | 'number'
  const direction = sort.startsWith('-') ? -1 : 1
  const compare = (one: string | number, other: string | number) => (one < other ? -1 : one > other ? 1 : 0)
  return rows
    .filter((row) => {
      const status = row.status === 'open' && row.dueAt < now ? 'overdue' : row.status
      const date = new Date(row.issuedAt).toISOString().slice(0, 10)
      const text = `${fold(row.number)}\n${fold(row.customer)}`
      return (
        (filter.status === undefined || status === filter.status) &&
        (filter.customerId === undefined || row.customerId === filter.customerId) &&
        (filter.from === undefined || date >= filter.from) &&
        (filter.to === undefined || date <= filter.to) &&
        (filter.search === undefined || text.includes(fold(filter.search)))
      )
    })
    .sort((one, other) => direction * (compare(one[key], other[key]) || compare(one.id, other.id)))
}

const filters: InvoiceFilter[] = [
  {},
  { status: 'draft' },
  { status: 'open' },
  { status: 'overdue' },
  { status: 'void' },
  { customerId: someCustomer },
  { customerId: 'cus_00000000000000000000' },
  { from: '2025-06-01', to: '2025-06-30' },
  { from: '2026-03-14' },
  { to: '2024-05-01', status: 'paid' },
  { search: 'inv-2026-00' },
  { search: 'GMBH' },
  { search: 'joao' },
  { search: '%' },
  { search: 'ltd', status: 'paid', from: '2025-01-01' },
]

describe.each(filters)('%j', (filter) => {
  test.each(invoiceSorts)('sorted by %s: list, figures and export agree with a naive count', (sort) => {
    const expected = naive(filter, sort)
    const ids = expected.map(({ id }) => id)
    const page = listInvoices(database, { ...filter, sort, page: 2, pageSize: 10 }, now)
    expect(page.items.map(({ id }) => id)).toEqual(ids.slice(10, 20))
    expect(page.total).toBe(expected.length)
    expect(page.totalAmount).toBe(expected.reduce((sum, { amount }) => sum + amount, 0))
    const exported = [...exportInvoices(database, { ...filter, sort }, now)].flat()
    expect(exported.map(({ id }) => id)).toEqual(ids)
  })
})

test('a status filter finds exactly the invoices with that status', () => {
  for (const status of ['draft', 'open', 'overdue', 'paid', 'void'] as const) {
    const { items } = listInvoices(database, { status, sort: '-issuedAt', page: 1, pageSize: 100 }, now)
    expect(new Set(items.map((item) => item.status))).toEqual(new Set([status]))
  }
})

test('an invoice is overdue one millisecond after it was due', () => {
  const { items } = listInvoices(database, { status: 'open', sort: 'dueAt', page: 1, pageSize: 1 }, now)
  const [next] = items
  const statusAt = (time: number) =>
    listInvoices(database, { search: next?.number, sort: 'dueAt', page: 1, pageSize: 1 }, time).items[0]
      ?.status
  expect(statusAt(next?.dueAt ?? 0)).toBe('open')
  expect(statusAt((next?.dueAt ?? 0) + 1)).toBe('overdue')
})

test('a page after the last one is empty and has the same figures', () => {
  const page = listInvoices(database, { sort: '-amount', page: 9_999, pageSize: 100 }, now)
  expect(page).toMatchObject({ items: [], total: rows.length, page: 9_999 })
})

test('lists and summaries take a few milliseconds', () => {
  const ask = () => listInvoices(database, { search: 'an', sort: '-amount', page: 50, pageSize: 25 }, now)
  ask()
  const started = performance.now()
  for (let round = 0; round < 20; round++) ask()
  expect((performance.now() - started) / 20).toBeLessThan(25)
})
