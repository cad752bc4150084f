import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideRefresh, type Presented, type RefreshDecision, type RefreshState } from './refresh-rule.ts'

const graceMs = 10_000
const openedAt = 1_000_000
/** A session in its fifth generation, opened by sibling 2 of the fourth, with three siblings handed out. */
const state: RefreshState = { generation: 5, parentBranch: 2, branches: 3, openedAt }

function decide(generation: number, branch: number, afterMs = 60_000, from = state): RefreshDecision {
  return decideRefresh(from, { generation, branch }, from.openedAt + afterMs, graceMs)
}

describe('the refresh rule, branch by branch', () => {
  test.each([0, 1, 2])('sibling %i of the current generation rotates', (branch) => {
    expect(decide(5, branch)).toEqual({
      kind: 'rotate',
      next: { generation: 6, parentBranch: branch, branches: 1, openedAt: openedAt + 60_000 },
      answer: { generation: 6, branch: 0 },
    })
  })

  test.each([0, 1, 10_000])(
    'the token just used, %i ms later, repeats the newest response [R02]',
    (afterMs) => {
      expect(decide(4, 2, afterMs)).toEqual({ kind: 'repeat', answer: { generation: 5, branch: 2 } })
    },
  )

  test('a clock put back is not theft: some seconds count as within the grace, more as a lost response [D08]', () => {
    expect(decide(4, 2, -10_000).kind).toBe('repeat')
    expect(decide(4, 2, -10_001).kind).toBe('sibling')
    expect(decide(4, 2, -3_600_000).kind).toBe('sibling')
    expect(decide(5, 2, -3_600_000).kind).toBe('rotate')
  })

  test('the token just used gets a sibling after the grace, because the response was lost [R04]', () => {
    expect(decide(4, 2, 10_001)).toEqual({
      kind: 'sibling',
      next: { ...state, branches: 4 },
      answer: { generation: 5, branch: 3 },
    })
  })

  test('the state to store has only the four columns, whatever else the row holds [R04]', () => {
    const row = { ...state, id: 'x', methods: ['pwd'] }
    for (const decision of [decide(5, 0, 60_000, row), decide(4, 2, 60_000, row)])
      expect('next' in decision && Object.keys(decision.next).sort()).toEqual(Object.keys(state).sort())
  })

  test.each([
    ['a sibling of the one that was used', 4, 0],
    ['another sibling of the one that was used', 4, 1],
    ['a token two generations old', 3, 0],
    ['the first token', 0, 0],
    ['an old token of more siblings than there are now', 4, 3],
    ['a very old token of more siblings than there are now', 1, 900],
  ])('%s is reuse, also within the grace [R01]', (_, generation, branch) => {
    for (const afterMs of [0, 5_000, 60_000])
      expect(decide(generation, branch, afterMs)).toEqual({ kind: 'reuse' })
  })

  test.each([
    ['a sibling that the row does not have', 5, 3],
    ['a token of the next generation', 6, 0],
    ['a token of a much later one', 500, 2],
  ])(
    '%s shows that the store was put back: the session ends without a notice of theft',
    (_, generation, branch) => {
      for (const afterMs of [0, 5_000, 60_000])
        expect(decide(generation, branch, afterMs)).toEqual({ kind: 'restored' })
    },
  )

  test('before the first rotation, nothing can be repeated', () => {
    const fresh: RefreshState = { generation: 0, parentBranch: -1, branches: 1, openedAt }
    expect(decide(0, 0, 0, fresh).kind).toBe('rotate')
    expect(decide(-1, -1, 0, fresh).kind).not.toBe('rotate')
    expect(decide(0, 1, 0, fresh).kind).toBe('restored')
  })

  test('a thousand lost responses in succession count as reuse', () => {
    expect(decide(4, 2, 60_000, { ...state, branches: 999 }).kind).toBe('sibling')
    expect(decide(4, 2, 60_000, { ...state, branches: 1000 }).kind).toBe('reuse')
  })
})

/** A stored session, and a clock. */
class Session {
  state: RefreshState = { generation: 0, parentBranch: -1, branches: 1, openedAt: 0 }
  now = 0
  isEnded = false

  present(token: Presented): Presented | null {
    if (this.isEnded) return null
    const decision = decideRefresh(this.state, token, this.now, graceMs)
    if (!('answer' in decision)) {
      this.isEnded = true
      return null
    }
    if (decision.kind !== 'repeat') this.state = decision.next
    return decision.answer
  }
}

const firstToken: Presented = { generation: 0, branch: 0 }
/** One due refresh: its delay, how many requests send the jar's token, and which responses arrive. */
const due = fc.record({
  afterMs: fc.integer({ min: 0, max: 600_000 }),
  gapsMs: fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 4 }),
  arrives: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
})

describe('any history', () => {
  test('an honest jar is never signed out, with any number of doubled requests and lost responses [R02, R04]', () => {
    fc.assert(
      fc.property(fc.array(due, { maxLength: 30 }), (steps) => {
        const session = new Session()
        let jar = firstToken
        for (const { afterMs, gapsMs, arrives } of steps) {
          session.now += afterMs
          const sent = jar
          for (const [index, gapMs] of gapsMs.entries()) {
            session.now += gapMs
            const answer = session.present(sent)
            expect(answer).not.toBeNull()
            if (answer !== null && arrives[index]) jar = answer
          }
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('thief and owner cannot both complete two rounds outside the grace [R01]', () => {
    const beyondGrace = fc.integer({ min: graceMs + 1, max: 10_000_000 })
    fc.assert(
      fc.property(
        fc.array(due, { maxLength: 10 }),
        fc.array(beyondGrace, { minLength: 4, maxLength: 4 }),
        fc.boolean(),
        (history, waitsMs, thiefIsFirst) => {
          const session = new Session()
          let jar = firstToken
          for (const { afterMs } of history) {
            session.now += afterMs
            jar = session.present(jar) ?? jar
          }
          const jars = [jar, jar]
          let refusals = 0
          for (const [turn, waitMs] of waitsMs.entries()) {
            session.now += waitMs
            const who = (turn + Number(thiefIsFirst)) % 2
            const answer = session.present(jars[who] ?? firstToken)
            if (answer === null) refusals += 1
            else jars[who] = answer
          }
          expect(refusals).toBeGreaterThan(0)
          expect(session.isEnded).toBe(true)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('every response begins the next round, and the row stays small', () => {
    fc.assert(
      fc.property(fc.array(due, { maxLength: 30 }), (steps) => {
        const session = new Session()
        let jar = firstToken
        for (const { afterMs } of steps) {
          const before = session.state
          session.now += afterMs
          jar = session.present(jar) ?? jar
          expect(session.state.generation).toBeGreaterThanOrEqual(before.generation)
          expect(jar.generation).toBe(session.state.generation)
          expect(jar.branch).toBeLessThan(session.state.branches)
        }
      }),
    )
  })
})
