import type { decideRefresh, Presented, RefreshState } from '../tokens/refresh-rule.ts'
import type { Step } from './explore.ts'

/** A refresh rule: the real rule or another one. */
export type RefreshPolicy = typeof decideRefresh

/**
 * The limits of the events that can happen to one honest user who has one cookie jar. Times are numbers of ticks. A tick is the unit of
 * time of this model. Within one tick, steps can happen in any order.
 */
export type WorldOptions = {
  graceTicks: number
  /** How long a request and its responses may take. After this time, messages that have not arrived are lost. */
  responseTicks: number
  /** How long after it was sent a request can reach the server. Default: `responseTicks`. */
  handledTicks?: number
  /**
   * The age of a pair of tokens (access token and refresh token) at which it must be refreshed. In the Next SDK, this is the lifetime of
   * the access token minus 60 seconds.
   */
  dueTicks: number
  /** The maximum number of requests that are open at the same time. */
  requestsAtOnce: number
  /** Whether a role may change at any time. After a change, a refresh is due immediately. */
  rolesChange?: boolean
  /** Whether the database may be copied at any time, and whether the copy may be restored once at any later time. */
  restores?: boolean
}

export const honestIsRefused = 'the honest user is refused'
export const endsWithoutCause = 'a session ends as restored, and no copy was put back'

/** A request. It reaches the server once, twice (if the network sends it again) or not at all. Each response arrives or is lost. */
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
  /** The refresh token in the cookie jar, and the age of its pair of tokens. */
  jar: { token: Presented; ageTicks: number }
  requests: readonly Request[]
  /** The number of requests that were sent. It is used only to name the requests. */
  started: number
  /** The copy of the database: `none` before it is made, the copied row, or `put back` after it was restored. */
  copy: RefreshState | 'none' | 'put back'
  /** Whether the session has ended without a notice of theft. */
  isEnded: boolean
}

const maxTimesHandled = 2

/** Returns the first state: the user signed in long ago, and the first refresh is due. */
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

/** Yields all steps that are possible in a state. */
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
    // The servers are stopped while the copy is restored, so open requests are lost.
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
            // The server may have issued a pair of tokens as soon as its request was sent. So assume the greatest possible age. With this
            // age, the next refresh is due as early as possible.
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
 * Returns a key of everything in a state that can affect later states. With this key, a session that is rotated without end has a finite
 * number of states. In the key, a time is an age, up to the last threshold of the rule. A token is represented by the facts that a rule can
 * use (see {@link standing}). The names of requests are left out.
 */
export function keyOf({ graceTicks }: WorldOptions): (world: World) => string {
  return ({ now, row, jar, requests, copy, isEnded }) => {
    if (isEnded) return 'ended'
    const tokens = [jar.token, ...requests.flatMap(({ token, answers }) => [token, ...answers])]
    const current = tokens.filter(({ generation }) => generation === row.generation)
    const ranks = [...new Set(current.map(({ branch }) => branch))].sort((a, b) => a - b)
    // If a later step can depend on which tokens are equal, distinguish tokens that the rule treats in the same way now.
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
      // The number of siblings since the copy has an effect only while the session is in the generation of the copy.
      const siblings = generations === 0 ? Math.min(row.branches - copy.branches, 2) : ''
      return [age, generations, siblings].join(' ')
    }
  }
}

/** Returns the facts about a token that a rule can use. The result does not distinguish several tokens with the same facts. */
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

/** Returns a token in the form for traces: its generation and its branch. */
export function written({ generation, branch }: Presented): string {
  return `${generation}.${branch}`
}
