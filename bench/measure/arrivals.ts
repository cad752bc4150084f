import { fileURLToPath } from 'node:url'
import type { LoadRequest } from './load.ts'
import { startWorker } from './worker.ts'

/** The outcomes of the requests of a flood. Sent requests that are counted in neither outcome were still waiting when the flood ended. */
export type FloodOutcome = {
  seconds: number
  sent: number
  accepted: number
  /** The number of requests that got 503 with `Retry-After`. */
  turnedAway: number
}

/** A process that sends a burst of requests, and then requests at a steady rate. It does not wait for responses. */
export type Arrivals = {
  /** Sends `burst` requests at the same time, and then `perSecond` requests each second. */
  start(flood: {
    url: string
    perSecond: number
    burst: number
    requests: readonly LoadRequest[]
  }): Promise<void>
  /** Returns the outcomes so far. */
  counts(): Promise<FloodOutcome>
  stop(): Promise<FloodOutcome>
  end(): Promise<void>
}

export function startArrivals(logFile: string): Arrivals {
  const worker = startWorker(fileURLToPath(new URL('../peers/arrivals.mjs', import.meta.url)), { logFile })
  return {
    async start(flood) {
      await worker.ask(flood)
    },
    counts: () => worker.ask<FloodOutcome>('counts'),
    async stop() {
      type Answer = FloodOutcome & { otherwise: number; firstOther: string | null }
      const { otherwise, firstOther, ...outcome } = await worker.ask<Answer>('stop')
      if (otherwise > 0)
        throw new Error(
          `The flood: ${otherwise} requests were neither accepted nor turned away properly (${firstOther}).`,
        )
      return outcome
    },
    end: worker.stop,
  }
}
