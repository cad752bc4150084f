/** One possible step from a state. It has a description and leads to the next state. */
export type Step<State> = {
  does: string
  to: State
  /**
   * The property that this step breaks. The search ends at the first such step, and the trace that leads to this step is the shortest one.
   */
  breaks?: string
}

export type Exploration = {
  /** The number of reachable states. If a step breaks the property, this is the number of states that were found before that step. */
  states: number
  /** The number of steps between these states. */
  steps: number
  counterexample: { breaks: string; trace: string[] } | null
}

/** Visits every reachable state, breadth first. States with the same key count as one state. */
export function explore<State>(
  start: State,
  keyOf: (state: State) => string,
  stepsOf: (state: State) => Iterable<Step<State>>,
): Exploration {
  const visited = new Set([keyOf(start)])
  /** How each state was first reached: the index of the state before it, and the description of the step. */
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
