/**
 * The columns of a session that the refresh rule reads and writes.
 *
 * Each rotation begins a new generation of refresh tokens. For a short time after the rotation (the grace period), a repeated exchange of
 * the previous token returns the same new token. If the previous token is exchanged again after the grace period, another token of the same
 * generation is issued. So one generation can have several tokens. These tokens are called siblings, and `branch` is their number, from 0.
 */
export type RefreshState = {
  /** The current generation, called g below: how often the refresh token of the session has been rotated. */
  generation: number
  /** The branch of the token of generation g−1 whose exchange began generation g; -1 before the first rotation. */
  parentBranch: number
  /** How many siblings have been issued in generation g. */
  branches: number
  /** When generation g began, in milliseconds. */
  openedAt: number
}

export type Presented = { generation: number; branch: number }

export type RefreshDecision =
  | { kind: 'rotate'; next: RefreshState; answer: Presented }
  | { kind: 'repeat'; answer: Presented }
  | { kind: 'sibling'; next: RefreshState; answer: Presented }
  | { kind: 'reuse' }
  /** The token is newer than the session in the database. So an older copy of the database was restored. */
  | { kind: 'restored' }

/** The maximum number of siblings in one generation. A request for more siblings counts as an attack. */
const maxBranches = 1000

/**
 * The refresh rule (docs/refresh.md). Decides what happens when a refresh token of the session is presented. The caller has verified the
 * MAC of the token.
 *
 * The state needs no field that says whether a token of generation g was presented, because the first such token begins generation g+1.
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
    // If the clock was set back, the time since the rotation is negative. Use the absolute difference, so that the grace period does not
    // become longer.
    if (Math.abs(now - openedAt) <= graceMs)
      return { kind: 'repeat', answer: { generation, branch: branches - 1 } }
    if (branches >= maxBranches) return { kind: 'reuse' }
    return {
      kind: 'sibling',
      next: { generation, parentBranch, branches: branches + 1, openedAt },
      answer: { generation, branch: branches },
    }
  }
  // Before a token is issued, the session with its new counts is stored. So if a genuine token is newer than the session, an older copy of
  // the database was restored. If such a token is of generation g, it is a sibling that was issued after that copy was made.
  return { kind: presented.generation >= generation ? 'restored' : 'reuse' }
}
