import { fileURLToPath } from 'node:url'
import type { Side } from './compare.ts'
import { type LoadRequest, untilQuiet } from './load.ts'
import type { Server } from './server.ts'
import { startWorker } from './worker.ts'

/** Requests on several parallel connections. On each connection, a request is sent after the response to the previous request. */
export type Calls = { url: string; connections: number } & (
  | { kind: 'endless' | 'each once'; requests: readonly LoadRequest[] }
  /**
   * The sessions refresh in turn, each with its newest token. The request is our JSON or, if `form` is given, an OAuth form with these
   * fields.
   */
  | { kind: 'rotating'; refreshTokens: readonly string[]; form?: Record<string, string> }
)

export type CallsOutcome = {
  answers: number
  seconds: number
  latenciesMs: number[]
  /** The current refresh tokens of the sessions. Present only after refreshes. */
  refreshTokens?: string[]
}

export type Callers = {
  /** Sends all of these calls at the same time. Any response but a success is an error. */
  run<Name extends string>(calls: Record<Name, Calls>, seconds: number): Promise<Record<Name, CallsOutcome>>
  stop(): Promise<void>
}

/** Starts the callers (undici) in a separate process. */
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
            `${name}: ${answers} answers, and ${refused} that were not successful (${refusal}), so there is no valid figure.`,
          )
      }
      return outcomes
    },
  }
}

/** Returns one side of a comparison. Sessions continue from round to round, with the tokens of the previous round. */
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
