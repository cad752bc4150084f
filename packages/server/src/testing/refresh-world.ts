import type { decideRefresh, Presented, RefreshState } from '../tokens/refresh-rule.ts'
import type { Step } from './explore.ts'

/** A refresh rule: the real one or another. */
export type RefreshPolicy = typeof decideRefresh

/** What is possible in the world of one honest cookie jar. Times are whole ticks; within one tick, steps happen in any order. */
export type WorldOptions = {
  graceTicks: number
  /** How long a request and its responses may take; messages that are still on their way then are lost. */
  responseTicks: number
  /** How long after it was sent a request may still reach the server. Default: `responseTicks`. */
  handledTicks?: number
  /** How old a pair of tokens is when a refresh is due: the access token's life less the 60 s of lead. */
  dueTicks: number
  /** The maximum number of open requests. */
  requestsAtOnce: number
  /** Whether a role may change at any time, which makes a refresh due at once. */
  rolesChange?: boolean
  /** Whether the store may be copied at any time, and the copy be put back once at any later time. */
  restores?: boolean
}

export const honestIsRefused = 'the honest user is refused'
export const endsWithoutCause = 'a session ends as restored, and no copy was put back'

/** A request. It reaches the server never, once or twice (a retry in the network), and each response arrives or is lost. */
type Request = {
  name: string
  token: Presented
  ageTicks: number
  timesHandled: number
  answers: readonly Presented[]
}

export type World = {
  now: number
  row: RefreshState
  /** The refresh token in the jar, and the age of its pair of tokens. */
  jar: { token: Presented; ageTicks: number }
  requests: readonly Request[]
  /** The number of requests so far, only for their names. */
  started: number
  /** The copy of the store: not made yet, made, or put back. */
  copy: RefreshState | 'none' | 'put back'
  /** Whether the session has ended without a notice of theft. */
  isEnded: boolean
}

const maxTimesHandled = 2

/** Returns the initial world: signed in long ago, and the first refresh is due. */
export function newWorld({ dueTicks, graceTicks }: WorldOptions): World {
  return {
    now: graceTicks + 1,
    row: { generation: 0, parentBranch: -1, branches: 1, openedAt: 0 },
    jar: { token: { generation: 0, branch: 0 }, ageTicks: dueTicks },
    requests: [],
    started: 0,
    copy: 'none',
    isEnded: false,
  }
}

/** Yields all possible steps in a world. */
export function stepsOf(
  policy: RefreshPolicy,
  options: WorldOptions,
): (world: World) => Iterable<Step<World>> {
  const { graceTicks, responseTicks, handledTicks = responseTicks, dueTicks } = options
  const oldestAge = Math.max(...[responseTicks, handledTicks + 1, dueTicks].filter(Number.isFinite))

  return function* (world) {
    const { now, row, jar, requests, started, copy } = world
    if (world.isEnded) return
    if (options.restores && copy === 'none')
      yield { does: 'the store is copied', to: { ...world, copy: row } }
    // Servers are stopped for this, so open requests are lost.
    if (typeof copy === 'object')
      yield { does: 'the copy is put back', to: { ...world, row: copy, copy: 'put back', requests: [] } }
    if (jar.ageTicks >= dueTicks && requests.length < options.requestsAtOnce) {
      const name = String.fromCharCode(65 + (started % 26))
      const request = { name, token: jar.token, ageTicks: 0, timesHandled: 0, answers: [] }
      yield {
        does: `${name} is sent with ${written(jar.token)}`,
        to: { ...world, requests: [...requests, request], started: started + 1 },
      }
    }
    for (const request of requests) {
      const { name, token, ageTicks, timesHandled, answers } = request
      const replaced = (by: Request | null) => requests.flatMap((one) => (one === request ? (by ?? []) : one))

      if (timesHandled < maxTimesHandled && ageTicks <= handledTicks) {
        const decision = policy(row, token, now, graceTicks)
        const does = `${name} is handled${timesHandled > 0 ? ' again' : ''}: ${inWords(decision)}`
        if (decision.kind === 'reuse') yield { does, to: world, breaks: honestIsRefused }
        else if (decision.kind === 'restored')
          yield {
            does,
            to: { ...world, isEnded: true },
            ...(copy !== 'put back' && { breaks: endsWithoutCause }),
          }
        else {
          const answered = {
            ...request,
            timesHandled: timesHandled + 1,
            answers: [...answers, decision.answer],
          }
          const next = 'next' in decision ? decision.next : row
          yield { does, to: { ...world, row: next, requests: replaced(answered) } }
        }
      }
      for (const [index, answer] of answers.entries()) {
        const rest = answers.toSpliced(index, 1)
        const isOver = rest.length === 0 && timesHandled === maxTimesHandled
        yield {
          does: `${name}'s answer ${written(answer)} arrives`,
          to: {
            ...world,
            // A pair may have been issued when its request was sent, so the next refresh is due as early as possible.
            jar: { token: answer, ageTicks: Math.min(ageTicks, dueTicks) },
            requests: replaced(isOver ? null : { ...request, answers: rest }),
          },
        }
      }
      yield { does: `${name} is lost`, to: { ...world, requests: replaced(null) } }
    }
    if (options.rolesChange && jar.ageTicks < dueTicks)
      yield { does: 'a role changes', to: { ...world, jar: { ...jar, ageTicks: dueTicks } } }
    yield {
      does: aTickPasses,
      to: {
        ...world,
        now: now + 1,
        jar: { ...jar, ageTicks: Math.min(jar.ageTicks + 1, dueTicks) },
        requests: requests
          .filter(({ ageTicks }) => ageTicks < responseTicks)
          .map((request) => ({ ...request, ageTicks: Math.min(request.ageTicks + 1, oldestAge) })),
      },
    }
  }
}

/**
 * Returns a key of everything in a world that can affect its future, so that a session that is rotated for ever has finitely many states. Times
 * are ages up to their last threshold, tokens are their standing, and requests have no names.
 */
export function keyOf({ graceTicks }: WorldOptions): (world: World) => string {
  return ({ now, row, jar, requests, copy, isEnded }) => {
    if (isEnded) return 'ended'
    const tokens = [jar.token, ...requests.flatMap(({ token, answers }) => [token, ...answers])]
    const current = tokens.filter(({ generation }) => generation === row.generation)
    const ranks = [...new Set(current.map(({ branch }) => branch))].sort((a, b) => a - b)
    // Tokens of the same standing are distinguished where it can matter later which of them are the same.
    const nameOf = (token: Presented) => {
      const inCopy = typeof copy === 'object' ? standing(copy, token) : ''
      const rank = token.generation === row.generation ? ranks.indexOf(token.branch) : ''
      return `${standing(row, token)}${rank}${inCopy}`
    }
    const underWay = requests.map(({ token, ageTicks, timesHandled, answers }) =>
      [nameOf(token), ageTicks, timesHandled, ...answers.map(nameOf).sort()].join(' '),
    )
    const rowAge = Math.min(now - row.openedAt, graceTicks + 1)
    return [rowAge, copyKey(), nameOf(jar.token), jar.ageTicks, ...underWay.sort()].join(';')

    function copyKey(): string {
      if (typeof copy === 'string') return copy
      const age = Math.min(now - copy.openedAt, graceTicks + 1)
      const generations = Math.min(row.generation - copy.generation, 2)
      // The number of siblings since then matters only while the copy is of this generation.
      const siblings = generations === 0 ? Math.min(row.branches - copy.branches, 2) : ''
      return [age, generations, siblings].join(' ')
    }
  }
}

/** Returns what a rule can know of a token, except which of several it is. */
export function standing(row: RefreshState, { generation, branch }: Presented): string {
  if (generation > row.generation || (generation === row.generation && branch >= row.branches)) return 'newer'
  if (generation === row.generation) return branch === row.branches - 1 ? 'newest' : 'sibling'
  if (generation < row.generation - 1) return 'old'
  return branch === row.parentBranch ? 'parent' : 'aside'
}

export const aTickPasses = 'a tick passes'

export function inWords(decision: ReturnType<RefreshPolicy>): string {
  return 'answer' in decision ? `${decision.kind} ${written(decision.answer)}` : decision.kind
}

/** A token in traces: generation and branch. */
export function written({ generation, branch }: Presented): string {
  return `${generation}.${branch}`
}
