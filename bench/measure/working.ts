import type { Side } from './compare.ts'
import type { Worker } from './worker.ts'

/** Returns one side of a comparison: a worker that gets a number of seconds, and returns how much it has done. */
export function workingSide(worker: Worker): Side {
  return async (seconds) => {
    const before = await worker.cpuMicros()
    const outcome = await worker.ask<{ answers: number; seconds: number }>({ seconds })
    const cpuMicros = (await worker.cpuMicros()) - before
    return { perSecond: outcome.answers / outcome.seconds, cpuMicrosEach: cpuMicros / outcome.answers }
  }
}
