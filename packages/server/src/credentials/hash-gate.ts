/** Thrown when the queue before the gate is full; trying again after `retryAfterSeconds` can help. */
export class GateFullError extends Error {
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super('Too many passwords are being checked at once.')
    this.name = 'GateFullError'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export type HashGate = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Lets so many hashes run at once and so many wait. libuv's pool also signs tokens, reads files and looks up names: an
 * unbounded flood of sign-ins would stall all of that behind it (DESIGN section 8).
 */
export function createHashGate({
  concurrency,
  queueLength,
}: {
  concurrency: number
  queueLength: number
}): HashGate {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= concurrency) {
      if (waiting.length >= queueLength)
        throw new GateFullError(Math.max(1, Math.ceil((waiting.length * 0.03) / concurrency)))
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      // The place goes straight to the next in line, or becomes free.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
