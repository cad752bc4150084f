import { newId } from '../database/id.ts'
import { monthlyAmountOf, type SamplePlan, samplePlans } from './plans.ts'
import type { Random } from './random.ts'

export type SampleSubscription = {
  id: string
  plan: SamplePlan
  seats: number
  monthlyAmount: number
  startedAt: number
  endedAt: number | null
}

const upgradeChance = 0.012
const moreSeatsChance = 0.05
const fewerSeatsChance = 0.015

/**
 * Returns a customer's subscriptions from `startsAt` up to `now`, without gaps. The plan and the number of seats change, and subscriptions
 * end, only on the days of renewal (see {@link renewalOf}).
 */
export function createSubscriptions(random: Random, startsAt: number, now: number) {
  let plan = random.weighted(samplePlans.map((each) => [each, each.weight] as const))
  let seats = random.integer(1, Math.ceil(plan.seatsIncluded * 1.7))
  const subscriptions: SampleSubscription[] = []
  let churnedAt: number | null = null

  const begin = (startedAt: number) =>
    subscriptions.push({
      id: newId('sub', random.bytes(20)),
      plan,
      seats,
      monthlyAmount: monthlyAmountOf(plan, seats),
      startedAt,
      endedAt: null,
    })
  const endCurrent = (endedAt: number) => {
    const current = subscriptions.at(-1)
    if (current) current.endedAt = endedAt
  }

  if (startsAt <= now) begin(startsAt)
  for (let month = 1; renewalOf(startsAt, month) <= now; month++) {
    const at = renewalOf(startsAt, month)
    if (random.chance(plan.monthlyChurn)) {
      endCurrent(at)
      churnedAt = at
      break
    }
    const [nextPlan, nextSeats] = nextChoice(random, plan, seats)
    if (nextPlan === plan && nextSeats === seats) continue
    endCurrent(at)
    plan = nextPlan
    seats = nextSeats
    begin(at)
  }
  return { subscriptions, planId: plan.id, churnedAt }
}

function nextChoice(random: Random, plan: SamplePlan, seats: number): [SamplePlan, number] {
  const bigger = samplePlans[samplePlans.indexOf(plan) + 1]
  if (bigger && random.chance(upgradeChance)) return [bigger, Math.max(seats, bigger.seatsIncluded)]
  const step = Math.max(1, Math.round(plan.seatsIncluded / 10))
  if (random.chance(moreSeatsChance)) return [plan, seats + random.integer(1, step)]
  if (random.chance(fewerSeatsChance)) return [plan, Math.max(1, seats - random.integer(1, step))]
  return [plan, seats]
}

/**
 * Returns the day of renewal in the month that is `month` months after `startsAt`. It is the same day of the month, but at most the 28th.
 */
export function renewalOf(startsAt: number, month: number): number {
  if (month === 0 || !Number.isFinite(startsAt)) return startsAt
  const date = new Date(startsAt)
  const day = Math.min(date.getUTCDate(), 28)
  return (
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + month, day) +
    (startsAt - Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()))
  )
}
