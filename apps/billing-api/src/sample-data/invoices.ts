import { dayMs } from '../calendar/day.ts'
import { monthOf } from '../calendar/month.ts'
import { newId } from '../database/id.ts'
import { type SampleCustomer, sampleMonths } from './customers.ts'
import type { Random } from './random.ts'
import { type Settlement, settle } from './settlement.ts'
import { renewalOf, type SampleSubscription } from './subscriptions.ts'

export type SampleLine = { description: string; quantity: number; unitAmount: number }
export type SampleInvoice = Settlement & {
  id: string
  customerId: string
  amount: number
  notes: string
  issuedAt: number
  dueAt: number
  lines: SampleLine[]
}

const extras: readonly SampleLine[] = [
  { description: 'Onboarding workshop, remote', quantity: 1, unitAmount: 75_000 },
  { description: 'Data migration', quantity: 1, unitAmount: 120_000 },
  { description: 'Training day', quantity: 1, unitAmount: 90_000 },
  { description: 'Priority support, one month', quantity: 1, unitAmount: 24_900 },
  { description: 'Security questionnaire and review', quantity: 1, unitAmount: 45_000 },
]
const notes = [
  'Thank you for your business.',
  'Please state the invoice number with your transfer.',
  'Sent to accounts payable as agreed.',
  'Purchase order on file.',
] as const
const extraChance = 0.025
const overageChance = 0.06
const noteChance = 0.1
const draftChance = 0.05

/** Returns all invoices of a customer that were issued in the sample months, up to `now`. */
export function createInvoices(customer: SampleCustomer, now: number): SampleInvoice[] {
  const { random, subscriptions } = customer
  const since = monthOf(now, 1 - sampleMonths).start
  const firstStart = subscriptions[0]?.startedAt ?? Number.POSITIVE_INFINITY
  const until = customer.churnedAt ?? now + 1
  const invoices: SampleInvoice[] = []

  for (let month = 0; renewalOf(firstStart, month) < until; month++) {
    const issuedAt = renewalOf(firstStart, month)
    const subscription = subscriptions.findLast(({ startedAt }) => startedAt <= issuedAt)
    if (issuedAt < since || !subscription) continue
    const lines = renewalLines(random, subscription, issuedAt, renewalOf(firstStart, month + 1))
    invoices.push(createInvoice(customer, subscription, lines, issuedAt, now))
    const extraAt = issuedAt + random.integer(2, 25) * dayMs
    if (random.chance(extraChance) && extraAt < now)
      invoices.push(createInvoice(customer, subscription, [random.pick(extras)], extraAt, now))
  }
  const current = subscriptions.at(-1)
  if (current?.endedAt === null && random.chance(draftChance)) {
    const draftedAt = Math.max(current.startedAt, now - random.integer(60, 6 * 1440) * 60_000)
    const draft = createInvoice(customer, current, [random.pick(extras)], draftedAt, now)
    invoices.push({ ...draft, status: 'draft', paidAt: null, voidedAt: null, payments: [], refunds: [] })
  }
  return invoices
}

function createInvoice(
  { id: customerId, random }: SampleCustomer,
  { plan }: SampleSubscription,
  lines: SampleLine[],
  issuedAt: number,
  now: number,
): SampleInvoice {
  const amount = lines.reduce((sum, { quantity, unitAmount }) => sum + quantity * unitAmount, 0)
  const dueAt = issuedAt + (plan.id === 'enterprise' ? 30 : 14) * dayMs
  const note = random.chance(noteChance) ? random.pick(notes) : ''
  const settlement = settle(random, { amount, issuedAt, dueAt }, now)
  const invoice = {
    id: newId('inv', random.bytes(20)),
    customerId,
    amount,
    issuedAt,
    dueAt,
    lines,
    notes: note,
  }
  return { ...invoice, ...settlement }
}

function renewalLines(
  random: Random,
  { plan, seats }: SampleSubscription,
  from: number,
  until: number,
): SampleLine[] {
  const description = `${plan.name} plan, ${readableDate(from)} to ${readableDate(until - dayMs)}`
  const lines: SampleLine[] = [{ description, quantity: 1, unitAmount: plan.monthlyAmount }]
  const extraSeats = seats - plan.seatsIncluded
  if (extraSeats > 0)
    lines.push({ description: 'Additional seats', quantity: extraSeats, unitAmount: plan.extraSeatAmount })
  if (random.chance(overageChance))
    lines.push({
      description: 'API requests beyond the plan, per 10,000',
      quantity: random.integer(1, 40),
      unitAmount: 500,
    })
  return lines
}

const dateFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})
function readableDate(time: number): string {
  return dateFormat.format(time)
}
