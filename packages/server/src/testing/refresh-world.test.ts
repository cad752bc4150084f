import { describe, expect, test } from 'vitest'
import { decideRefresh, type Presented, type RefreshState } from '../tokens/refresh-rule.ts'
import { explore, type Step } from './explore.ts'
import { brokenRules, otherPolicies } from './refresh-policies.ts'
import { newTheft, theftKeyOf, theftStepsOf } from './refresh-theft.ts'
import { keyOf, newWorld, type RefreshPolicy, standing, stepsOf } from './refresh-world.ts'

describe('counting equivalent states as one hides nothing', () => {
  const policies = Object.entries<RefreshPolicy>({ decideRefresh, ...otherPolicies, ...brokenRules })

  test.each(policies)('%s depends only on the standing of a token and the age of the row', (_, policy) => {
    const outcomes = new Map<string, Set<string>>()
    for (const state of smallStates())
      for (let generation = 0; generation <= state.generation; generation++)
        for (let branch = 0; branch < 4; branch++) {
          const isCurrent = generation === state.generation
          if (isCurrent && branch >= state.branches) continue
          for (const age of [0, 1, 2, 3]) {
            const token = { generation, branch }
            const now = state.openedAt + age
            const seen = `${standing(state, token)} ${Math.min(age, 2)}`
            const outcome = relative(state, token, now, policy(state, token, now, 1))
            outcomes.set(seen, (outcomes.get(seen) ?? new Set()).add(outcome))
          }
        }
    expect(outcomes.size).toBe(15)
    for (const [seen, all] of outcomes) expect([seen, [...all]]).toEqual([seen, [expect.any(String)]])
  })

  test('with every state counted separately, the same states are reached in as many steps', () => {
    // Due sooner than the condition allows, and continuing after refusals, so that few steps reach many states.
    const world = { graceTicks: 0, responseTicks: 1, dueTicks: 1, requestsAtOnce: 2 }
    const theft = { graceTicks: 0, isShared: () => false }
    for (const policy of [decideRefresh, otherPolicies.untilNextIsUsed]) {
      expectSameReach(newWorld(world), keyOf(world), stepsOf(policy, world), 10)
      expectSameReach(newTheft(), theftKeyOf(theft), theftStepsOf(policy, theft), 8)
    }
    const restored = { ...world, requestsAtOnce: 1, restores: true }
    expectSameReach(newWorld(restored), keyOf(restored), stepsOf(decideRefresh, restored), 9)
  })
})

function* smallStates(): Generator<RefreshState> {
  for (const generation of [0, 1, 2, 3])
    for (const branches of [1, 2, 3])
      for (const parentBranch of generation === 0 ? [-1] : [0, 1, 2])
        for (const openedAt of [5, 50]) yield { generation, parentBranch, branches, openedAt }
}

/** A decision without absolute numbers. */
function relative(
  state: RefreshState,
  token: Presented,
  now: number,
  decision: ReturnType<RefreshPolicy>,
): string {
  if (!('answer' in decision)) return decision.kind
  const next = 'next' in decision ? decision.next : state
  const isNew = next.generation !== state.generation
  const isOpenedByToken = token.generation === state.generation && token.branch === next.parentBranch
  return JSON.stringify({
    kind: decision.kind,
    answer: [decision.answer.generation - next.generation, decision.answer.branch - next.branches],
    generation: next.generation - state.generation,
    branches: isNew ? [next.branches] : next.branches - state.branches,
    parent: isNew ? isOpenedByToken || next.parentBranch : [next.parentBranch - state.parentBranch],
    openedAt: isNew ? [next.openedAt - now] : next.openedAt - state.openedAt,
  })
}

/** Explores `depth` steps far, once by key and once with every state on its own, and compares the keys met. */
function expectSameReach<State>(
  start: State,
  key: (state: State) => string,
  steps: (state: State) => Iterable<Step<State>>,
  depth: number,
) {
  const reached = (keyOfState: (state: State) => string) => {
    const keys = new Set<string>()
    const result = explore<{ state: State; left: number }>(
      { state: start, left: depth },
      ({ state }) => {
        keys.add(key(state))
        return keyOfState(state)
      },
      function* ({ state, left }) {
        if (left > 0)
          for (const { does, to } of steps(state)) yield { does, to: { state: to, left: left - 1 } }
      },
    )
    return { keys: [...keys].sort(), states: result.states }
  }
  const asOne = reached(key)
  const eachOnItsOwn = reached((state) => JSON.stringify(state))
  expect(asOne.keys).toEqual(eachOnItsOwn.keys)
  expect(eachOnItsOwn.states).toBeGreaterThan(asOne.states)
}
