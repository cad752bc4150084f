import { dayMs } from '../calendar/day.ts'
import { newId } from '../database/id.ts'
import type { Random } from './random.ts'

export type SamplePayment = { id: string; amount: number; method: string; paidAt: number }
export type SampleRefund = { id: string; amount: number; reason: string; refundedAt: number }

/** What happened to an invoice up to now: its status, payments and refunds. */
export type Settlement = {
  status: 'draft' | 'open' | 'paid' | 'void'
  paidAt: number | null
  voidedAt: number | null
  payments: SamplePayment[]
  refunds: SampleRefund[]
}

type Bill = { amount: number; issuedAt: number; dueAt: number }

const mistakeChance = 0.007
const neverPaidChance = 0.008
const instalmentsChance = 0.04
const refundChance = 0.016
const writtenOffAfterDays = 100
const reasons = [
  'Charged twice',
  'Seats removed in mid-month',
  'Outage credit under the service agreement',
  'Cancelled within the first 14 days',
  'Goodwill',
] as const

/** Chooses what happens to an invoice: it is paid immediately, late or never, voided, or refunded. Events after `now` are left out. */
export function settle(random: Random, bill: Bill, now: number): Settlement {
  const open: Settlement = { status: 'open', paidAt: null, voidedAt: null, payments: [], refunds: [] }
  const voidAt = (voidedAt: number): Settlement =>
    voidedAt <= now ? { ...open, status: 'void', voidedAt } : open

  if (random.chance(mistakeChance)) return voidAt(bill.issuedAt + random.integer(30, 3 * 1440) * 60_000)
  if (random.chance(neverPaidChance)) return voidAt(bill.dueAt + writtenOffAfterDays * dayMs)

  const [method, minutes] = paymentHabit(random, bill)
  const paidAt = bill.issuedAt + minutes * 60_000
  const id = () => newId('pay', random.bytes(20))
  const first = random.chance(instalmentsChance) && bill.amount > 50_000 ? Math.floor(bill.amount / 2) : 0
  const payments: SamplePayment[] = [{ id: id(), amount: bill.amount - first, method, paidAt }]
  if (first > 0) {
    const earlier = bill.issuedAt + Math.floor((paidAt - bill.issuedAt) / 2)
    payments.unshift({ id: id(), amount: first, method, paidAt: earlier })
  }
  const refunds = createRefunds(random, bill, paidAt)
  if (paidAt > now) return open
  return {
    status: 'paid',
    paidAt,
    voidedAt: null,
    payments,
    refunds: refunds.filter(({ refundedAt }) => refundedAt <= now),
  }
}

/** Chooses a payment method, and how many minutes after the issue of the invoice it is paid. */
function paymentHabit(random: Random, { issuedAt, dueAt }: Bill): [method: string, minutes: number] {
  const day = 1440
  const termMinutes = (dueAt - issuedAt) / 60_000
  return random.weighted<[string, number]>([
    [['card', random.integer(1, 3 * 60)], 55],
    [['direct_debit', random.integer(2 * day, 5 * day)], 22],
    [['bank_transfer', random.integer(3 * day, termMinutes)], 16],
    [['bank_transfer', termMinutes + random.integer(day, 30 * day)], 7],
  ])
}

function createRefunds(random: Random, { amount }: Bill, paidAt: number): SampleRefund[] {
  if (!random.chance(refundChance)) return []
  const share = random.weighted([
    [1, 3],
    [0.5, 4],
    [0.2, 5],
  ])
  const refundedAt = paidAt + random.integer(1, 18) * dayMs
  const refund = { amount: Math.max(1, Math.round(amount * share)), reason: random.pick(reasons), refundedAt }
  return [{ id: newId('ref', random.bytes(20)), ...refund }]
}
