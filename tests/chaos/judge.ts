/** What a client knows of a session: it is open, it has ended, or the outcome of a request that may have ended it is unknown. */
export type Belief = 'live' | 'ended' | 'unknown'

/** What responses to clients have confirmed, and what the server reports after the last kill. */
export type Evidence =
  /** Passwords that may be right according to the responses, and those that work. */
  | {
      kind: 'password'
      email: string
      possible: readonly string[]
      opens: readonly string[]
      maybeUnregistered: boolean
    }
  /** Whether the newest tokens of a session are accepted. */
  | {
      kind: 'session'
      id: string
      believed: Belief
      refreshes: boolean
      isActive: boolean
      isKnownToVerifier: boolean
    }
  /** A refresh that was refused although nobody had ended the session. */
  | { kind: 'refusal'; id: string; code: string }
  /** A refresh token that was used, and its successor, as generation and branch. */
  | { kind: 'rotation'; id: string; from: Place; to: Place }

export type Place = { generation: number; branch: number }

/** Returns a sentence for each violated guarantee. If the result is empty, everything is correct. */
export function violationsIn(evidence: readonly Evidence[]): string[] {
  return [...evidence.flatMap(violationOf), ...twoSuccessors(evidence)]
}

function violationOf(piece: Evidence): string[] {
  if (piece.kind === 'password') {
    const { email, possible, opens, maybeUnregistered } = piece
    const strange = opens.filter((password) => !possible.includes(password))
    if (strange.length > 0)
      return [`${email}: a password opens that was replaced, and that was acknowledged.`]
    if (opens.length > 1) return [`${email}: two passwords open one account.`]
    if (opens.length === 0 && !maybeUnregistered)
      return [`${email}: an acknowledged account or password is lost.`]
    return []
  }
  if (piece.kind === 'session') {
    const { id, believed, refreshes, isActive, isKnownToVerifier } = piece
    if (believed === 'ended' && (refreshes || isActive)) return [`${id}: a revoked session is alive.`]
    if (believed === 'ended' && isKnownToVerifier) return [`${id}: a verifier accepts a revoked session.`]
    if (believed === 'live' && !refreshes) return [`${id}: an acknowledged session is lost.`]
    return []
  }
  if (piece.kind === 'refusal') return [`${piece.id}: an honest client was signed out (${piece.code}).`]
  return []
}

/**
 * Returns a sentence for each generation of a session in which more than one refresh token has successors. At most one of these tokens may
 * have successors.
 */
function twoSuccessors(evidence: readonly Evidence[]): string[] {
  const leading = new Map<string, number>()
  const found = new Set<string>()
  for (const piece of evidence) {
    if (piece.kind !== 'rotation' || piece.to.generation !== piece.from.generation + 1) continue
    const key = `${piece.id} ${piece.from.generation}`
    const known = leading.get(key) ?? piece.from.branch
    leading.set(key, known)
    if (known !== piece.from.branch)
      found.add(`${piece.id}: two successors of generation ${piece.from.generation} lead on.`)
  }
  return [...found]
}
