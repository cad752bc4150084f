/** The part of a session's row that the rule reads and writes. */
export type RefreshState = {
  /** g: how often the session has been rotated. */
  generation: number
  /** The sibling of g−1 whose use opened g; -1 before the first rotation. */
  parentBranch: number
  /** How many siblings have been handed out in g. */
  branches: number
  /** When g was opened, in milliseconds. */
  openedAt: number
}

export type Presented = { generation: number; branch: number }

export type RefreshDecision =
  | { kind: 'rotate'; next: RefreshState; answer: Presented }
  | { kind: 'repeat'; answer: Presented }
  | { kind: 'sibling'; next: RefreshState; answer: Presented }
  | { kind: 'reuse' }
  /** The token is newer than the row: the store was put back to an earlier state. */
  | { kind: 'restored' }

/** More lost answers than this within one generation are not bad luck. */
const maxBranches = 1000

/**
 * The refresh rule (docs/refresh.md), and nothing else: what becomes of a session when one of its tokens, whose MAC is genuine, is
 * presented.
 *
 * "No token of g has been presented yet" needs no field of its own: a token of g that is presented opens g+1, so while
 * the row says g, none has been.
 */
export function decideRefresh(
  state: RefreshState,
  presented: Presented,
  now: number,
  graceMs: number,
): RefreshDecision {
  const { generation, parentBranch, branches, openedAt } = state
  if (presented.generation === generation && presented.branch < branches) {
    const next = { generation: generation + 1, parentBranch: presented.branch, branches: 1, openedAt: now }
    return { kind: 'rotate', next, answer: { generation: generation + 1, branch: 0 } }
  }
  if (presented.generation === generation - 1 && presented.branch === parentBranch) {
    // Whether the clock is behind the one that opened g, or has been put back since: the grace is no longer for that.
    if (Math.abs(now - openedAt) <= graceMs)
      return { kind: 'repeat', answer: { generation, branch: branches - 1 } }
    if (branches >= maxBranches) return { kind: 'reuse' }
    return {
      kind: 'sibling',
      next: { generation, parentBranch, branches: branches + 1, openedAt },
      answer: { generation, branch: branches },
    }
  }
  // Every token that was ever handed out is in the row by then: only a row that was put back is older than a genuine token. One of g
  // itself that comes this far is a sibling that the row does not know.
  return { kind: presented.generation >= generation ? 'restored' : 'reuse' }
}
