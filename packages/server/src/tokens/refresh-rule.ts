/** The part of a session's row that the rule reads and writes. */
export type RefreshState = {
  /** The generation g: how often the session has been rotated. */
  generation: number
  /** The sibling of g−1 whose use began g; -1 before the first rotation. */
  parentBranch: number
  /** How many siblings have been issued in g. */
  branches: number
  /** When g began, in milliseconds. */
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

/** More siblings than this within one generation count as an attack. */
const maxBranches = 1000

/**
 * The refresh rule (docs/refresh.md): decides what happens to a session when one of its tokens, with a valid MAC, is presented.
 *
 * The state needs no field for "a token of g was presented", because the first such token begins g+1.
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
    // The absolute difference, so that a slow or put back clock does not make the grace longer.
    if (Math.abs(now - openedAt) <= graceMs)
      return { kind: 'repeat', answer: { generation, branch: branches - 1 } }
    if (branches >= maxBranches) return { kind: 'reuse' }
    return {
      kind: 'sibling',
      next: { generation, parentBranch, branches: branches + 1, openedAt },
      answer: { generation, branch: branches },
    }
  }
  // The row includes every issued token, so a genuine token that is newer shows that the row was put back. A token of g that gets here is a
  // sibling that the row does not have.
  return { kind: presented.generation >= generation ? 'restored' : 'reuse' }
}
