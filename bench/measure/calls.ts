import { fileURLToPath } from 'node:url'
import type { Side } from './compare.ts'
import { type LoadRequest, untilQuiet } from './load.ts'
import type { Server } from './server.ts'
import { startWorker } from './worker.ts'

/** Requests that one answer after the other comes back to, on some connections at once. */
export type Calls = { url: string; connections: number } & (
  | { kind: 'endless' | 'each once'; requests: readonly LoadRequest[] }
  /** Every session refreshes in turn, with its newest token: as JSON of ours, or as OAuth's form with these fields. */
  | { kind: 'rotating'; refreshTokens: readonly string[]; form?: Record<string, string> }
)

export type CallsOutcome = {
  answers: number
  seconds: number
  latenciesMs: number[]
  /** Where sessions were refreshed: the tokens that they have now. */
  refreshTokens?: string[]
}

export type Callers = {
  /** Makes all of these calls at the same time. Any answer that is no success is an error. */
  run<Name extends string>(calls: Record<Name, Calls>, seconds: number): Promise<Record<Name, CallsOutcome>>
  stop(): Promise<void>
}

/** Starts the callers (undici) in a process of their own. */
export function startCallers(logFile: string): Callers {
  const worker = startWorker(fileURLToPath(new URL('../peers/callers.mjs', import.meta.url)), { logFile })
  return {
    stop: worker.stop,
    async run<Name extends string>(calls: Record<Name, Calls>, seconds: number) {
      type Answer = CallsOutcome & { refused: number; refusal: string | null }
      const outcomes = await worker.ask<Record<Name, Answer>>({ calls, seconds })
      for (const [name, { answers, refused, refusal }] of Object.entries<Answer>(outcomes)) {
        if (refused > 0 || answers === 0)
          throw new Error(
            `${name}: ${answers} answers, and ${refused} that were no success (${refusal}). A figure would mean nothing.`,
          )
      }
      return outcomes
    },
  }
}

/** One side of a comparison. Sessions go on, from round to round, with the tokens that the last one left them. */
export function callsSide(callers: Callers, server: Server, calls: Calls): Side {
  let next = calls
  return async (seconds) => {
    const before = await server.cpuMicros()
    const { outcome } = await callers.run({ outcome: next }, seconds)
    const cpuMicros = (await server.cpuMicros()) - before
    if (next.kind === 'rotating') next = { ...next, refreshTokens: outcome.refreshTokens ?? [] }
    await untilQuiet(server)
    return { perSecond: outcome.answers / outcome.seconds, cpuMicrosEach: cpuMicros / outcome.answers }
  }
}
