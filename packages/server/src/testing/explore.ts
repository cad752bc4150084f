/** One thing that may happen in a state: in words, and what it leads to. */
export type Step<State> = {
  does: string
  to: State
  /** The property that this step breaks. The search ends with the first one found, and no other trace is shorter. */
  breaks?: string
}

export type Exploration = {
  /** How many states can be reached, or were seen before the counter-example. */
  states: number
  /** How many steps were tried between them. */
  steps: number
  counterexample: { breaks: string; trace: string[] } | null
}

/** Visits every state that can be reached, breadth first. Two states with one key count as one, and are visited once. */
export function explore<State>(
  start: State,
  keyOf: (state: State) => string,
  stepsOf: (state: State) => Iterable<Step<State>>,
): Exploration {
  const visited = new Set([keyOf(start)])
  /** How each state was reached first: the index of the one before it, and the step in words. */
  const cameFrom: { before: number; does: string }[] = [{ before: -1, does: '' }]
  let frontier = [{ index: 0, state: start }]
  let steps = 0
  while (frontier.length > 0) {
    const next: typeof frontier = []
    for (const { index, state } of frontier) {
      for (const { does, to, breaks } of stepsOf(state)) {
        steps += 1
        if (breaks !== undefined) {
          const trace = [does]
          for (let at = index; at > 0; at = cameFrom[at]?.before ?? 0) trace.unshift(cameFrom[at]?.does ?? '')
          return { states: visited.size, steps, counterexample: { breaks, trace } }
        }
        const key = keyOf(to)
        if (visited.has(key)) continue
        visited.add(key)
        next.push({ index: cameFrom.length, state: to })
        cameFrom.push({ before: index, does })
      }
    }
    frontier = next
  }
  return { states: visited.size, steps, counterexample: null }
}
