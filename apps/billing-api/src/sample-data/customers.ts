import { dayMs } from '../calendar/day.ts'
import { monthOf, monthsUpTo } from '../calendar/month.ts'
import { newId } from '../database/id.ts'
import { companyWords, type Region, regions } from './people.ts'
import { createRandom, type Random } from './random.ts'
import { createSubscriptions, type SampleSubscription } from './subscriptions.ts'

export type SampleCustomer = {
  id: string
  name: string
  email: string
  company: string
  country: string
  planId: string
  createdAt: number
  churnedAt: number | null
  subscriptions: SampleSubscription[]
  /** The generator of this customer's random values. */
  random: Random
}

/** The number of months that have sample invoices. The current month is included. */
export const sampleMonths = 24

const customersBefore = 115
const customersSince = 180
const customersOnTrial = 9
const trialDays = 14
/** The share of trials after which the customer does not subscribe. */
const trialsLost = 0.04

/** Returns about 300 customers of a business that has grown during the two years before `now`. */
export function createCustomers(seed: number, now: number): SampleCustomer[] {
  const random = createRandom(seed)
  const companies = new Set<string>()
  return signUpTimes(random, now).map((createdAt, index) => {
    const own = createRandom(seed + 7_919 * (index + 1))
    const person = createPerson(own, companies)
    const startsAt = createdAt + trialDays * dayMs
    const staysAfterTrial = !own.chance(trialsLost)
    const id = newId('cus', own.bytes(20))
    const history = createSubscriptions(own, staysAfterTrial ? startsAt : Number.POSITIVE_INFINITY, now)
    const lostAt = staysAfterTrial || startsAt > now ? null : startsAt
    return { id, ...person, ...history, createdAt, churnedAt: history.churnedAt ?? lostAt, random: own }
  })
}

function signUpTimes(random: Random, now: number): number[] {
  const months = monthsUpTo(now, sampleMonths)
  const firstStart = months[0]?.start ?? now
  const times: number[] = []
  for (let count = 0; count < customersBefore; count++) {
    const { start } = monthOf(firstStart, -random.integer(1, 12))
    times.push(workingTime(random, start, 28))
  }
  // Each month has more new customers than the month before, so that the revenue grows.
  const weights = months.map(({ start, end }, index) => {
    const passed = Math.min(1, (now - start) / (end - start))
    return [start, (1 + index * 0.05 + random.next() * 0.4) * passed] as const
  })
  for (let count = 0; count < customersSince; count++) {
    const time = workingTime(random, random.weighted(weights), 28)
    times.push(time < now ? time : now - random.integer(1, 20) * dayMs)
  }
  for (let count = 0; count < customersOnTrial; count++) {
    times.push(now - random.integer(60, (trialDays - 1) * 1440) * 60_000)
  }
  return times.sort((one, other) => one - other)
}

/** Returns a random time from 07:00 to 19:00 (UTC), on one of the `days` days that begin with `start`. */
function workingTime(random: Random, start: number, days: number): number {
  return start + random.integer(0, days - 1) * dayMs + random.integer(7 * 60, 19 * 60) * 60_000
}

function createPerson(random: Random, companies: Set<string>) {
  const region = random.weighted(regions.map((each) => [each, each.weight] as const))
  const given = random.pick(region.givenNames)
  const family = random.pick(region.familyNames)
  let base = companyBase(random, region)
  while (companies.has(base)) base = companyBase(random, region)
  companies.add(base)
  const form = random.chance(0.6) ? random.pick(region.companyForms) : ''
  return {
    name: `${given} ${family}`,
    email: `${addressPart(given)}.${addressPart(family)}@${addressPart(base)}.example`,
    company: form ? `${base} ${form}` : base,
    country: region.country,
  }
}

function companyBase(random: Random, region: Region): string {
  const family = () => random.pick(region.familyNames)
  const second = random.pick(companyWords.second)
  return random.weighted([
    [`${random.pick(companyWords.first)} ${second}`, 6],
    [`${family()} ${second}`, 3],
    [`${family()} & ${family()} ${second}`, 1],
  ])
}

/** Converts a name to a part of an email address. The domains end in `.example`, which receives no mail (RFC 2606). */
function addressPart(name: string): string {
  return name
    .replaceAll('ß', 'ss')
    .replace(/[łŁ]/g, 'l')
    .replaceAll('ı', 'i')
    .replaceAll('&', 'and')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '')
}
