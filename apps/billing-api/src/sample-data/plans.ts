export type SamplePlan = {
  id: 'starter' | 'team' | 'business' | 'enterprise'
  name: string
  monthlyAmount: number
  seatsIncluded: number
  extraSeatAmount: number
  /** The probability that a customer leaves at the end of a month. */
  monthlyChurn: number
  /** How many of a hundred new customers choose this plan. */
  weight: number
}

/** The four plans, the cheapest first. Amounts are in cents. */
export const samplePlans: readonly SamplePlan[] = [
  {
    id: 'starter',
    name: 'Starter',
    monthlyAmount: 2_900,
    seatsIncluded: 3,
    extraSeatAmount: 700,
    monthlyChurn: 0.021,
    weight: 40,
  },
  {
    id: 'team',
    name: 'Team',
    monthlyAmount: 9_900,
    seatsIncluded: 10,
    extraSeatAmount: 900,
    monthlyChurn: 0.012,
    weight: 35,
  },
  {
    id: 'business',
    name: 'Business',
    monthlyAmount: 29_900,
    seatsIncluded: 25,
    extraSeatAmount: 1_100,
    monthlyChurn: 0.007,
    weight: 19,
  },
  {
    id: 'enterprise',
    name: 'Enterprise',
    monthlyAmount: 119_900,
    seatsIncluded: 100,
    extraSeatAmount: 1_000,
    monthlyChurn: 0.004,
    weight: 6,
  },
]

/** Returns the monthly price of a plan with this number of seats, in cents. */
export function monthlyAmountOf(plan: SamplePlan, seats: number): number {
  return plan.monthlyAmount + Math.max(0, seats - plan.seatsIncluded) * plan.extraSeatAmount
}
