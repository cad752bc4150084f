import { expect, it } from 'vitest'
import type { Invoice } from './invoice.ts'
import { methodName, timelineOf } from './invoice-timeline.ts'

const invoice: Invoice = {
  id: 'inv_1',
  number: 'INV-1',
  status: 'paid',
  customerId: 'cus_1',
  customerName: 'Ada',
  company: 'Engines',
  currency: 'USD',
  amountCents: 300,
  issuedAtMs: 1000,
  dueAtMs: 5000,
  paidAtMs: 3000,
  lines: [],
  payments: [
    { id: 'pay_2', amountCents: 200, method: 'card', paidAtMs: 3000 },
    { id: 'pay_1', amountCents: 100, method: 'bank_transfer', paidAtMs: 2000 },
  ],
  refunds: [{ id: 'ref_1', amountCents: 50, reason: 'Goodwill', refundedAtMs: 6000 }],
  notes: '',
  voidedAtMs: null,
  createdBy: 'system',
}

it('lists events in order', () => {
  expect(timelineOf(invoice, 'me').map(({ kind, timeMs }) => [kind, timeMs])).toEqual([
    ['issued', 1000],
    ['payment', 2000],
    ['payment', 3000],
    ['refund', 6000],
  ])
})

it('lists a due date only if it was missed', () => {
  const overdue = timelineOf(
    { ...invoice, status: 'overdue', payments: [], refunds: [], paidAtMs: null },
    'me',
  )
  expect(overdue.map(({ kind }) => kind)).toEqual(['issued', 'due'])
  expect(timelineOf(invoice, 'me').some(({ kind }) => kind === 'due')).toBe(false)
})

it('ends when the invoice was voided', () => {
  const voided = timelineOf({ ...invoice, status: 'void', payments: [], refunds: [], voidedAtMs: 9000 }, 'me')
  expect(voided.at(-1)).toMatchObject({ kind: 'voided', timeMs: 9000 })
})

it('shows the name of an unknown payment method', () => {
  expect(methodName('direct_debit')).toBe('Direct debit')
  expect(methodName('carrier_pigeon')).toBe('Carrier pigeon')
})

it('shows the creator, without ids of other users', () => {
  const madeBy = (createdBy: string) => timelineOf({ ...invoice, createdBy }, 'me')[0]?.detail
  expect([madeBy('system'), madeBy('me'), madeBy('user-7')]).toEqual([
    'Monthly billing',
    'You',
    'A colleague',
  ])
})
