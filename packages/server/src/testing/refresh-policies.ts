import { decideRefresh, type Presented, type RefreshState } from '../tokens/refresh-rule.ts'
import type { RefreshPolicy } from './refresh-world.ts'

const reuse = { kind: 'reuse' } as const

function rotate({ generation }: RefreshState, { branch }: Presented, now: number): ReturnType<RefreshPolicy> {
  const next = { generation: generation + 1, parentBranch: branch, branches: 1, openedAt: now }
  return { kind: 'rotate', next, answer: { generation: generation + 1, branch: 0 } }
}

/** Refresh rules of other products. Each of them works in the normal case. */
export const otherPolicies = {
  /** A token works once. A second use of the token counts as reuse. */
  strictRotation: (row, token, now) =>
    token.generation === row.generation ? rotate(row, token, now) : reuse,

  /** For some time, the previous token also works and gets the same response. After that time, a use of this token counts as reuse. */
  graceWindow: (row, token, now, grace) => {
    if (token.generation === row.generation) return rotate(row, token, now)
    const isInside = token.generation === row.generation - 1 && now - row.openedAt <= grace
    return isInside
      ? { kind: 'repeat', answer: { generation: row.generation, branch: row.branches - 1 } }
      : reuse
  },

  /** A token works until its successor is used. A token may have any number of successors, and all of them work. */
  untilNextIsUsed: (row, token, now) => {
    if (token.generation === row.generation) return rotate(row, token, now)
    if (token.generation !== row.generation - 1) return reuse
    const { generation, branches } = row
    return {
      kind: 'sibling',
      next: { ...row, branches: branches + 1 },
      answer: { generation, branch: branches },
    }
  },
} satisfies Record<string, RefreshPolicy>

const asParent = ({ generation, parentBranch }: RefreshState) => ({
  generation: generation - 1,
  branch: parentBranch,
})

/** Copies of the real rule. Each of them is broken in one place. */
export const brokenRules = {
  'every token of g−1 counts as the parent': (row, token, now, grace) =>
    decideRefresh(row, token.generation === row.generation - 1 ? asParent(row) : token, now, grace),

  'whatever is older than g counts as the parent': (row, token, now, grace) =>
    decideRefresh(row, token.generation < row.generation ? asParent(row) : token, now, grace),

  'the grace never ends': (row, token, now) => decideRefresh(row, token, now, Number.POSITIVE_INFINITY),

  'no siblings': (row, token, now, grace) => {
    const decision = decideRefresh(row, token, now, grace)
    return decision.kind === 'sibling' ? reuse : decision
  },

  'only the newest sibling opens the next generation': (row, token, now, grace) =>
    token.generation === row.generation && token.branch !== row.branches - 1
      ? reuse
      : decideRefresh(row, token, now, grace),

  'the parent is not noted': (row, token, now, grace) => {
    const decision = decideRefresh(row, token, now, grace)
    return decision.kind === 'rotate'
      ? { ...decision, next: { ...decision.next, parentBranch: -1 } }
      : decision
  },
} satisfies Record<string, RefreshPolicy>
