import { setTimeout as wait } from 'node:timers/promises'
import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { bearer, password, startSallyport } from '../../packages/server/src/testing/sallyport.ts'

/**
 * Pairs of requests in one comparison: a known address and an unknown one, one after the other, in changing order. There are as many as
 * are needed to detect ten milliseconds: more on a busy machine.
 */
const samples = [100, 200, 400, 800]
/** Chance alone exceeds this once in 150,000 comparisons, and a suspicion must occur three times in a row. */
const suspicious = 4.5
/** Milliseconds. A smaller leak (one more row in an index) needs a thousand tries, and the throttles do not allow that many. */
const telling = 2
const comparisons = 3

type Ask = (address: string) => Promise<unknown>

/** How far pairs differ in one direction by Wilcoxon's signed-rank test, in standard deviations. A delay of both requests cancels out. */
function signedRank(differences: readonly number[]): number {
  const byRank = differences.toSorted((left, right) => Math.abs(left) - Math.abs(right))
  const sum = byRank.reduce((total, difference, index) => total + Math.sign(difference) * (index + 1), 0)
  const n = differences.length
  return sum / Math.sqrt((n * (n + 1) * (2 * n + 1)) / 6)
}

async function timeOf(ask: Ask, address: string): Promise<number> {
  const began = performance.now()
  await ask(address)
  return performance.now() - began
}

/** The difference that half of the pairs exceed, in milliseconds. */
function median(differences: readonly number[]): number {
  const sorted = differences.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

type Comparison = { known: readonly string[]; ask: Ask; askKnown: Ask; pairs: number }

async function compare({ known, ask, askKnown, pairs }: Comparison): Promise<number[]> {
  const differences: number[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    const address = known[pair % known.length] ?? ''
    const other = `nobody-${crypto.randomUUID()}@example.com`
    if (pair % 2 === 0) {
      const ofKnown = await timeOf(askKnown, address)
      differences.push(ofKnown - (await timeOf(ask, other)))
    } else {
      const ofOther = await timeOf(ask, other)
      differences.push((await timeOf(askKnown, address)) - ofOther)
    }
  }
  return differences
}

/** Whether known addresses take a different time than unknown ones, in each of the comparisons. */
async function isTold(comparison: Comparison): Promise<boolean> {
  const distances: number[] = []
  while (distances.length < comparisons) {
    const differences = await compare(comparison)
    const distance = signedRank(differences)
    if (Math.abs(distance) < suspicious || Math.abs(median(differences)) < telling) return false
    distances.push(distance)
  }
  return new Set(distances.map(Math.sign)).size === 1
}

/** Returns the sample size with which a leak of ten milliseconds is found on this machine under its current load. */
async function sampleThatTells(known: readonly string[], ask: Ask): Promise<number> {
  const leaking: Ask = async (address) => {
    await wait(10)
    return ask(address)
  }
  for (const pairs of samples) if (await isTold({ known, ask, askKnown: leaking, pairs })) return pairs
  throw new Error(
    'This machine is too busy: the test cannot detect a leak of ten milliseconds, so it would show nothing. Run it on an idle machine.',
  )
}

async function started() {
  const server = await startSallyport({
    developmentInbox: true,
    emailVerification: 'sign-in',
    mailedSignIn: 'on',
    throttleScale: 1_000,
  })
  const known: string[] = []
  // So many accounts that none gets more wrong passwords than are free of a wait.
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
      // The waits of throttles are not measured: here nobody waits.
      server.clock.advance(3_600)
      return post(paths.signIn, { email, password: 'not the one', transport: 'bearer' })
    },
    register: (email) => post(paths.signUp, { email, password, name: 'Ada', transport: 'bearer' }),
    'register-passkey': (email) => post(paths.requestPasskeySignUp, { email, name: 'Ada' }),
    forgot: (email) => post(paths.forgotPassword, { email }),
    resend: (email) => post(paths.resendVerification, { email }),
    mailed: (email) => post(paths.requestSignInMail, { email, transport: 'bearer' }),
    // A wrong code is tried after each request, because the account and no account have a row each.
    code: async (email) => {
      server.clock.advance(3_600)
      const answer = await server.post(paths.requestSignInMail, { email, transport: 'bearer' })
      const { mailedSignIn } = (await answer.json()) as { mailedSignIn: string }
      return post(paths.signInWithMailedCode, { code: '000000', mailedSignIn, transport: 'bearer' })
    },
    'change-address': (newEmail) => post(paths.changeAddress, { newEmail, password }, bearer(accessToken)),
  }
  return { known, asks }
}

test.each(['login', 'register', 'register-passkey', 'forgot', 'resend', 'mailed', 'code', 'change-address'])(
  'the time of %s does not reveal whether an email address is known [A02]',
  { timeout: 600_000 },
  async (name) => {
    const { known, asks } = await started()
    const ask = asks[name] as Ask
    const pairs = await sampleThatTells(known, ask)
    expect(await isTold({ known, ask, askKnown: ask, pairs })).toBe(false)
  },
)

test('the signed-rank test ignores random differences and finds a shift', () => {
  const byChance = Array.from({ length: 100 }, (_, at) => ((at * 37) % 100) - 49.5)
  expect(Math.abs(signedRank(byChance))).toBeLessThan(1)
  expect(signedRank(byChance.map((ms) => ms + 20))).toBeGreaterThan(suspicious)
  expect(signedRank(byChance.map((ms) => ms - 20))).toBeLessThan(-suspicious)
})
