import type { Database } from '../database/database.ts'
import { searchKey } from '../database/search-key.ts'
import { createCustomers, type SampleCustomer } from './customers.ts'
import { createInvoices, type SampleInvoice } from './invoices.ts'
import { samplePlans } from './plans.ts'

/** The seed of the random generator. For the same `now`, all rows are the same, including their ids. */
const sampleSeed = 20_260_314

/**
 * Fills an empty database with two years of sample data: about 300 customers and 4,000 invoices, with payments and refunds. The invoices
 * are from the 24 months up to `now`, so the dashboard looks current. If the database already has data, it is not changed.
 *
 * It uses one transaction, so either all rows are written or none. This is also true if two processes do it at the same time.
 *
 * @returns The number of customers and invoices that were written, or null if the database already had data.
 */
export function seed(
  database: Database,
  { now }: { now: number },
): { customers: number; invoices: number } | null {
  return database.transaction(() => {
    if (database.find('SELECT 1 FROM plan LIMIT 1')) return null
    insertPlans(database)
    const customers = createCustomers(sampleSeed, now)
    const invoices: SampleInvoice[] = []
    for (const customer of customers) {
      insertCustomer(database, customer)
      invoices.push(...createInvoices(customer, now))
    }
    invoices.sort((one, other) => one.issuedAt - other.issuedAt || (one.id < other.id ? -1 : 1))
    const counts = new Map<number, number>()
    for (const invoice of invoices) {
      const year = new Date(invoice.issuedAt).getUTCFullYear()
      const count = (counts.get(year) ?? 0) + 1
      counts.set(year, count)
      insertInvoice(database, invoice, year * 1_000_000 + count)
    }
    return { customers: customers.length, invoices: invoices.length }
  })
}

function insertPlans(database: Database): void {
  samplePlans.forEach(({ id, name, monthlyAmount }, position) => {
    database.change(
      'INSERT INTO plan (id, name, monthly_amount, position) VALUES (:id, :name, :monthlyAmount, :position)',
      { id, name, monthlyAmount, position },
    )
  })
}

function insertCustomer(database: Database, { subscriptions, random, ...customer }: SampleCustomer): void {
  const { name, company, email } = customer
  database.change(
    `INSERT INTO customer (id, name, email, company, country, plan_id, search_key, created_at, churned_at)
     VALUES (:id, :name, :email, :company, :country, :planId, :searchKey, :createdAt, :churnedAt)`,
    { ...customer, searchKey: searchKey(name, company, email) },
  )
  for (const { plan, ...subscription } of subscriptions) {
    database.change(
      `INSERT INTO subscription (id, customer_id, plan_id, seats, monthly_amount, started_at, ended_at)
       VALUES (:id, :customerId, :planId, :seats, :monthlyAmount, :startedAt, :endedAt)`,
      { ...subscription, customerId: customer.id, planId: plan.id },
    )
  }
}

function insertInvoice(
  database: Database,
  { lines, payments, refunds, ...invoice }: SampleInvoice,
  ordinal: number,
): void {
  const invoiceId = invoice.id
  database.change(
    `INSERT INTO invoice (id, ordinal, customer_id, status, amount, notes, created_by, issued_at, due_at, paid_at, voided_at)
     VALUES (:id, :ordinal, :customerId, :status, :amount, :notes, 'system', :issuedAt, :dueAt, :paidAt, :voidedAt)`,
    { ...invoice, ordinal },
  )
  lines.forEach((line, position) => {
    database.change(
      `INSERT INTO invoice_line (invoice_id, position, description, quantity, unit_amount)
       VALUES (:invoiceId, :position, :description, :quantity, :unitAmount)`,
      { ...line, invoiceId, position },
    )
  })
  for (const payment of payments) {
    database.change(
      `INSERT INTO payment (id, invoice_id, amount, method, paid_at)
       VALUES (:id, :invoiceId, :amount, :method, :paidAt)`,
      { ...payment, invoiceId },
    )
  }
  for (const refund of refunds) {
    database.change(
      `INSERT INTO refund (id, invoice_id, amount, reason, refunded_at)
       VALUES (:id, :invoiceId, :amount, :reason, :refundedAt)`,
      { ...refund, invoiceId },
    )
  }
}
