import { describe, expect, test } from 'vitest'
import { type Exploration, explore } from '../testing/explore.ts'
import { brokenRules, otherPolicies } from '../testing/refresh-policies.ts'
import {
  bothGoOn,
  fourTurns,
  newTheft,
  overtakenIsAnswered,
  type TheftOptions,
  theftKeyOf,
  theftStepsOf,
  threeTurns,
  twoRoundsEach,
} from '../testing/refresh-theft.ts'
import {
  aTickPasses,
  honestIsRefused,
  keyOf,
  newWorld,
  type RefreshPolicy,
  stepsOf,
  type WorldOptions,
} from '../testing/refresh-world.ts'
import { isWide } from '../testing/wide.ts'
import { decideRefresh } from './refresh-rule.ts'

const graces = isWide ? [0, 1, 2, 3] : [0, 2]
const responses = isWide ? [1, 2, 3] : [1, 2]

/**
 * The exact condition of docs/refresh.md. A request and everything that results from it (copies on the way to the server, responses on the
 * way to the jar) has arrived or is lost `responseTicks` after it was sent; and a pair of tokens becomes due more than twice that time after
 * the request that fetched it was sent. Twice, because a second request with the old token may be sent just before the first response
 * arrives.
 *
 * Due means that a request may be sent at any time from then on. So longer waits and faster networks are included.
 */
const condition = { graceTicks: 1, responseTicks: 1, dueTicks: 3, requestsAtOnce: 3 }

function exploreWorld(policy: RefreshPolicy, options: WorldOptions): Exploration {
  return explore(newWorld(options), keyOf(options), stepsOf(policy, options))
}

function exploreTheft(policy: RefreshPolicy, options: TheftOptions): Exploration {
  return explore(newTheft(), theftKeyOf(options), theftStepsOf(policy, options))
}

/** Prints how much was explored. Returns the counter-example, with successive ticks as one step. */
function told(scenario: string, { states, steps, counterexample }: Exploration) {
  console.log(`${scenario}: ${states} states, ${steps} steps${counterexample ? ', counter-example' : ''}`)
  expect(states).toBeGreaterThan(1)
  expect(steps).toBeGreaterThanOrEqual(states - 1)
  if (counterexample === null) return null
  const trace: string[] = []
  let ticks = 0
  for (const does of [...counterexample.trace, '']) {
    if (does === aTickPasses) ticks += 1
    else {
      if (ticks > 0) trace.push(`${ticks} ${ticks === 1 ? 'tick passes' : 'ticks pass'}`)
      ticks = 0
      if (does !== '') trace.push(does)
    }
  }
  return { breaks: counterexample.breaks, trace }
}

describe('the honest user [R02, R04]', () => {
  test('is never refused while a refresh is due more than two responses after the last', () => {
    for (const graceTicks of graces)
      for (const responseTicks of isWide ? [1, 2] : [1]) {
        const options = { ...condition, graceTicks, responseTicks, dueTicks: 2 * responseTicks + 1 }
        const scenario = `honest, three at once, grace ${graceTicks}, response ${responseTicks}, due ${options.dueTicks}`
        expect(told(scenario, exploreWorld(decideRefresh, options))).toBeNull()
      }
  })

  test('may be refused one tick sooner: the condition is exact', () => {
    for (const graceTicks of graces)
      for (const responseTicks of responses)
        for (let dueTicks = 0; dueTicks <= 2 * responseTicks + 1; dueTicks++) {
          const options = { graceTicks, responseTicks, dueTicks, requestsAtOnce: 2 }
          const { counterexample } = exploreWorld(decideRefresh, options)
          expect([options, counterexample?.breaks]).toEqual([
            options,
            dueTicks > 2 * responseTicks ? undefined : honestIsRefused,
          ])
        }
  })

  const anyTime = Number.POSITIVE_INFINITY
  test.each<[string, Partial<WorldOptions>, string[]]>([
    [
      'a refresh is due no more than two responses after the last',
      { dueTicks: 2 },
      [
        'A is sent with 0.0',
        'A is handled: rotate 1.0',
        '1 tick passes',
        'B is sent with 0.0',
        "A's answer 1.0 arrives",
        '1 tick passes',
        'C is sent with 1.0',
        'C is handled: rotate 2.0',
        'B is handled: reuse',
      ],
    ],
    [
      'a copy may reach the server at any time',
      { responseTicks: anyTime },
      [
        'A is sent with 0.0',
        'A is handled: rotate 1.0',
        "A's answer 1.0 arrives",
        '3 ticks pass',
        'B is sent with 1.0',
        'B is handled: rotate 2.0',
        'A is handled again: reuse',
      ],
    ],
    [
      'requests reach the server in time, but an answer may arrive at any time',
      { responseTicks: anyTime, handledTicks: 1 },
      [
        'A is sent with 0.0',
        'A is handled: rotate 1.0',
        '2 ticks pass',
        'B is sent with 0.0',
        "A's answer 1.0 arrives",
        '1 tick passes',
        'C is sent with 1.0',
        'C is handled: rotate 2.0',
        'B is handled: reuse',
      ],
    ],
    [
      'a role changes while a message of the last refresh is still on its way',
      { rolesChange: true },
      [
        'A is sent with 0.0',
        'A is handled: rotate 1.0',
        "A's answer 1.0 arrives",
        'a role changes',
        'B is sent with 1.0',
        'B is handled: rotate 2.0',
        'A is handled again: reuse',
      ],
    ],
  ])('may be refused outside the condition: %s', (scenario, change, trace) => {
    const found = told(`honest, ${scenario}`, exploreWorld(decideRefresh, { ...condition, ...change }))
    expect(found).toEqual({ breaks: honestIsRefused, trace })
  })
})

describe('a store that was put back to an earlier copy [S16]', () => {
  test('at most ends the session, and never counts as theft for an honest user', () => {
    for (const graceTicks of [0, 1])
      for (const responseTicks of isWide ? [1, 2] : [1]) {
        const options = {
          ...condition,
          graceTicks,
          responseTicks,
          dueTicks: 2 * responseTicks + 1,
          requestsAtOnce: 2,
          restores: true,
        }
        const scenario = `put back, grace ${graceTicks}, response ${responseTicks}`
        expect(told(scenario, exploreWorld(decideRefresh, options))).toBeNull()
      }
  })

  test('a rule that treats a newer token as reuse fails this', () => {
    const strict: RefreshPolicy = (row, token, now, grace) => {
      const decision = decideRefresh(row, token, now, grace)
      return decision.kind === 'restored' ? { kind: 'reuse' } : decision
    }
    const options = { ...condition, requestsAtOnce: 2, restores: true }
    expect(told('put back, newer is reuse', exploreWorld(strict, options))).toEqual({
      breaks: honestIsRefused,
      trace: [
        'the store is copied',
        'A is sent with 0.0',
        'A is handled: rotate 1.0',
        "A's answer 1.0 arrives",
        'the copy is put back',
        '3 ticks pass',
        'B is sent with 1.0',
        'B is handled: reuse',
      ],
    })
  })
})

describe('thief and owner [R01]', () => {
  const never = (rounds: string, answered: string) =>
    twoRoundsEach(rounds) || threeTurns(rounds) || overtakenIsAnswered(rounds, answered)

  test('never both complete two rounds outside each other’s grace: the first to be overtaken ends the session', () => {
    for (const graceTicks of graces)
      expect(
        told(`theft, grace ${graceTicks}`, exploreTheft(decideRefresh, { graceTicks, isShared: never })),
      ).toBeNull()
  })

  test('can complete one round each: the claim cannot be stricter', () => {
    const oneRoundEach = (rounds: string) => rounds.includes('o') && rounds.includes('t')
    const found = told(
      'theft, one round each',
      exploreTheft(decideRefresh, { graceTicks: 1, isShared: oneRoundEach }),
    )
    expect(found).toEqual({
      breaks: bothGoOn,
      trace: [
        '0.0 is stolen',
        'the owner sends 0.0: rotate 1.0',
        '2 ticks pass',
        'the thief sends 0.0: sibling 1.1',
        'the thief sends 1.1: rotate 2.0',
      ],
    })
  })

  test('a thief who meets the owner within every grace is not detected, which the claim excludes', () => {
    const options = { graceTicks: 1, isShared: fourTurns, meetingsCount: false }
    const found = told('theft, meetings ignored', exploreTheft(decideRefresh, options))
    expect(found).toEqual({
      breaks: bothGoOn,
      trace: [
        '0.0 is stolen',
        'the owner sends 0.0: rotate 1.0',
        'the thief sends 0.0: repeat 1.0',
        '2 ticks pass',
        'the thief sends 1.0: rotate 2.0',
        'the owner sends 1.0: repeat 2.0',
        '2 ticks pass',
        'the owner sends 2.0: rotate 3.0',
        'the thief sends 2.0: repeat 3.0',
        '2 ticks pass',
        'the thief sends 3.0: rotate 4.0',
      ],
    })
  })
})

describe('other rules fail one of the two', () => {
  test.each<[keyof typeof otherPolicies, string[] | null, string[] | null]>([
    ['strictRotation', ['A is sent with 0.0', 'A is handled: rotate 1.0', 'A is handled again: reuse'], null],
    [
      'graceWindow',
      [
        'A is sent with 0.0',
        'A is handled: rotate 1.0',
        '1 tick passes',
        'B is sent with 0.0',
        '1 tick passes',
        'B is handled: reuse',
      ],
      null,
    ],
    [
      'untilNextIsUsed',
      null,
      [
        '0.0 is stolen',
        'the owner sends 0.0: rotate 1.0',
        'the thief sends 0.0: sibling 1.1',
        '2 ticks pass',
        'the thief sends 1.1: rotate 2.0',
        'the owner sends 1.0: sibling 2.1',
        '2 ticks pass',
        'the owner sends 2.1: rotate 3.0',
        'the thief sends 2.0: sibling 3.1',
        '2 ticks pass',
        'the thief sends 3.1: rotate 4.0',
      ],
    ],
  ])('%s', (name, honest, theft) => {
    const policy = otherPolicies[name]
    expect(told(`${name}, honest`, exploreWorld(policy, condition))).toEqual(
      honest && { breaks: honestIsRefused, trace: honest },
    )
    expect(told(`${name}, theft`, exploreTheft(policy, { graceTicks: 1, isShared: fourTurns }))).toEqual(
      theft && { breaks: bothGoOn, trace: theft },
    )
  })

  test.each(Object.entries<RefreshPolicy>(brokenRules))('our rule, broken on purpose: %s', (name, policy) => {
    const found = [
      told(`${name}, honest`, exploreWorld(policy, condition)),
      told(`${name}, theft`, exploreTheft(policy, { graceTicks: 1, isShared: fourTurns })),
    ]
    expect(found.filter((one) => one !== null)).toHaveLength(1)
  })
})
