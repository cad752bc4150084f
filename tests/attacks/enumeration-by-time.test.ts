import { setTimeout as wait } from 'node:timers/promises'
import { paths } from '@sallyport/protocol'
import { expect, test } from 'vitest'
import { bearer, password, startSallyport } from '../../packages/server/src/testing/sallyport.ts'

/** Pairs of requests of one comparison: a known address and an unknown one, one after the other, in an order that changes. */
const pairs = 100
/** Beyond this, chance alone does it once in 150,000 comparisons; and a suspicion has to come three times in a row. */
const suspicious = 4.5
const comparisons = 3

type Ask = (address: string) => Promise<unknown>

/** How far apart two samples are by the rank-sum test of Mann and Whitney, in standard deviations. */
function rankSum(one: readonly number[], other: readonly number[]): number {
  const all = [...one.map((ms) => ({ ms, isOne: true })), ...other.map((ms) => ({ ms, isOne: false }))].sort(
    (left, right) => left.ms - right.ms,
  )
  const sum = all.reduce((total, { isOne }, index) => total + (isOne ? index + 1 : 0), 0)
  const [n, m] = [one.length, other.length]
  return (sum - (n * (n + m + 1)) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12)
}

async function timeOf(ask: Ask, address: string): Promise<number> {
  const began = performance.now()
  await ask(address)
  return performance.now() - began
}

async function compare(known: readonly string[], ask: Ask, askKnown: Ask): Promise<number> {
  const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] }
  for (let pair = 0; pair < pairs; pair += 1) {
    const address = known[pair % known.length] ?? ''
    const other = `nobody-${crypto.randomUUID()}@example.com`
    const isKnownFirst = pair % 2 === 0
    if (isKnownFirst) times.known.push(await timeOf(askKnown, address))
    times.unknown.push(await timeOf(ask, other))
    if (!isKnownFirst) times.known.push(await timeOf(askKnown, address))
  }
  return rankSum(times.known, times.unknown)
}

/** Whether known addresses take another time than unknown ones, each time that one looks. */
async function isTold(known: readonly string[], ask: Ask, askKnown: Ask = ask): Promise<boolean> {
  const distances: number[] = []
  while (distances.length < comparisons) {
    const distance = await compare(known, ask, askKnown)
    if (Math.abs(distance) < suspicious) return false
    distances.push(distance)
  }
  return new Set(distances.map(Math.sign)).size === 1
}

async function started() {
  const server = await startSallyport({
    developmentInbox: true,
    emailVerification: 'sign-in',
    throttleScale: 1_000,
  })
  const known: string[] = []
  // So many that no account gets more wrong passwords than cost nothing.
  for (let count = 0; count < 60; count += 1) {
    const email = `person-${count}@example.com`
    await server.addUser(email)
    known.push(email)
  }
  const { accessToken } = await server.signIn(known[0])
  const post = (path: string, body: object, headers = {}) =>
    server.post(path, body, headers).then((answer) => answer.text())
  const asks: Record<string, Ask> = {
    login: (email) => {
      // The waits of a throttle are another matter: here nobody waits.
      server.clock.advance(3_600)
      return post(paths.login, { email, password: 'not the one', transport: 'bearer' })
    },
    register: (email) => post(paths.register, { email, password, name: 'Ada', transport: 'bearer' }),
    forgot: (email) => post(paths.passwordForgot, { email }),
    resend: (email) => post(paths.emailVerification, { email }),
    'change-address': (newEmail) => post(paths.emailChange, { newEmail, password }, bearer(accessToken)),
  }
  return { known, asks }
}

test.each(['login', 'register', 'forgot', 'resend', 'change-address'])(
  'A02: the time of %s tells nobody whether an address is known, and a leak of ten milliseconds would be found',
  { timeout: 180_000 },
  async (name) => {
    const { known, asks } = await started()
    const ask = asks[name] as Ask
    const leaking: Ask = async (address) => {
      await wait(10)
      return ask(address)
    }
    expect(await isTold(known, ask, leaking)).toBe(true)
    expect(await isTold(known, ask)).toBe(false)
  },
)

test('the rank sum: equal samples are not apart, shifted ones are, to the side where they stand', () => {
  const sample = Array.from({ length: 100 }, (_, at) => (at * 37) % 100)
  const shifted = sample.map((ms) => ms + 40)
  expect(Math.abs(rankSum(sample, sample.toReversed()))).toBeLessThan(2)
  expect(rankSum(shifted, sample)).toBeGreaterThan(suspicious)
  expect(rankSum(sample, shifted)).toBeLessThan(-suspicious)
})
