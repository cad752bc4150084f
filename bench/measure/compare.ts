/** The result of one side in one round. */
export type Round = { perSecond: number; cpuMicrosEach: number }

/** Works for some seconds and returns the result. */
export type Side = (seconds: number) => Promise<Round>

export type Plan = { rounds: number; seconds: number; warmUpSeconds: number }

/**
 * The medians of both sides. `share` is the median of the ratios of the two sides in each round. So it does not matter if the machine
 * becomes slower during the run.
 */
export type Comparison = {
  measured: Round
  baseline: Round
  share: number
  lowestShare: number
  highestShare: number
  /**
   * How much more CPU time a request takes on the measured side than on the baseline, in microseconds. It is the median of the differences
   * of the rounds.
   */
  addedCpuMicros: number
  lowestAddedCpuMicros: number
  highestAddedCpuMicros: number
}

/** Runs both sides in turns (A B, B A, A B …) after a warm-up that is not counted. With zero seconds, there is no warm-up. */
export async function compare(measured: Side, baseline: Side, plan: Plan): Promise<Comparison> {
  if (plan.warmUpSeconds > 0) {
    await baseline(plan.warmUpSeconds)
    await measured(plan.warmUpSeconds)
  }
  const pairs: RoundPair[] = []
  for (let round = 0; round < plan.rounds; round++) {
    if (round % 2 === 0) {
      const first = await baseline(plan.seconds)
      pairs.push({ baseline: first, measured: await measured(plan.seconds) })
    } else {
      const first = await measured(plan.seconds)
      pairs.push({ measured: first, baseline: await baseline(plan.seconds) })
    }
  }
  return comparisonOf(pairs)
}

export type RoundPair = { measured: Round; baseline: Round }

/** Evaluates rounds that belong together in pairs. */
export function comparisonOf(pairs: readonly RoundPair[]): Comparison {
  const shares = pairs.map((pair) => pair.measured.perSecond / pair.baseline.perSecond)
  const added = pairs.map((pair) => pair.measured.cpuMicrosEach - pair.baseline.cpuMicrosEach)
  return {
    measured: medianRound(pairs.map((pair) => pair.measured)),
    baseline: medianRound(pairs.map((pair) => pair.baseline)),
    share: median(shares),
    lowestShare: Math.min(...shares),
    highestShare: Math.max(...shares),
    addedCpuMicros: median(added),
    lowestAddedCpuMicros: Math.min(...added),
    highestAddedCpuMicros: Math.max(...added),
  }
}

function medianRound(rounds: readonly Round[]): Round {
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    cpuMicrosEach: median(rounds.map(({ cpuMicrosEach }) => cpuMicrosEach)),
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
