import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Side } from './compare.ts'
import type { Server } from './server.ts'
import { startWorker, type Worker } from './worker.ts'

/** One HTTP request, which the generator repeats. */
export type LoadRequest = {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
  /** The size of the body in bytes, instead of `body`. The generator creates it, because 50 bodies of 10 MB are too large for a message. */
  bodyBytes?: number
}

/** Returns the body of a request, from `body` or from `bodyBytes`. */
export function bodyOf({ body, bodyBytes }: LoadRequest): string | null {
  return body ?? (bodyBytes === undefined ? null : 'x'.repeat(bodyBytes))
}

/** Returns a request with a JSON body. Browsers send the header `origin`, and bearer clients do not. */
export function jsonPost(body: object, origin?: string): LoadRequest {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(origin && { origin }) },
    body: JSON.stringify(body),
  }
}

/** The task of the generator: these requests in turn on each connection, for some seconds or until each was sent once. */
export type Load = {
  url: string
  requests: readonly LoadRequest[]
  connections: number
} & ({ seconds: number } | { once: true })

type Outcome = {
  answers: number
  seconds: number
  refused: number
  errors: number
  statuses: readonly string[]
}

export type Generator = { run(load: Load): Promise<Outcome>; stop(): Promise<void> }

/** Starts the load generator (autocannon) in a separate process. */
export function startGenerator(logFile: string): Generator {
  const worker: Worker = startWorker(fileURLToPath(new URL('../peers/generator.mjs', import.meta.url)), {
    logFile,
  })
  return {
    stop: worker.stop,
    async run(load) {
      const outcome = await worker.ask<Outcome>(load)
      if (outcome.refused > 0 || outcome.errors > 0 || outcome.answers === 0) {
        throw new Error(
          `${load.url}: of ${outcome.answers} answers, ${outcome.refused} were not successful (statuses ${outcome.statuses.join(', ')}), and ${outcome.errors} requests failed, so there is no valid figure.`,
        )
      }
      return outcome
    },
  }
}

/** Returns one side of a comparison: a server under load, and the CPU time that it uses for each request. */
export function httpSide(generator: Generator, server: Server, load: (seconds: number) => Load): Side {
  return async (seconds) => {
    const planned = load(seconds)
    const before = await server.cpuMicros()
    const outcome = await generator.run(planned)
    const cpuMicros = (await server.cpuMicros()) - before
    await untilQuiet(server)
    return { perSecond: outcome.answers / outcome.seconds, cpuMicrosEach: cpuMicros / outcome.answers }
  }
}

/**
 * Waits until the server is idle. After a round, it may still work on requests whose connection was closed. A dozen password hashes
 * would slow down the turn of the other side.
 */
export async function untilQuiet(server: Server): Promise<void> {
  const sliceMs = 50
  for (let slices = 0; slices < 200; slices++) {
    const before = await server.cpuMicros()
    await setTimeout(sliceMs)
    if ((await server.cpuMicros()) - before < sliceMs * 100) return
  }
  throw new Error(`${server.url} is still busy ten seconds after its last request.`)
}
