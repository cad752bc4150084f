/** Thrown when the queue of hashes is full; trying again after `retryAfterSeconds` can help. */
export class QueueFullError extends Error {
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super('Too many passwords are being checked at once.')
    this.name = 'QueueFullError'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * Runs work when its turn comes.
 *
 * @throws QueueFullError when too many wait already; the signal's reason when it is aborted before the turn comes.
 */
export type HashQueue = <T>(work: () => Promise<T>, signal?: AbortSignal | null) => Promise<T>

/** How many are at work and how many wait right now, and how many were turned away since the start. */
export type QueueCounts = { running: number; waiting: number; refused: number }

/** About what one hash takes; only for the guess at when to come again. */
const secondsEach = 0.03

/**
 * Lets so many hashes run at once and so many wait. An unbounded flood of sign-ins would take all memory and every thread
 * of libuv's pool, and would answer the last of it long after its caller has gone.
 */
export function createHashQueue({
  concurrency,
  queueLength,
}: {
  concurrency: number
  queueLength: number
}): HashQueue & { counts(): QueueCounts; requireCapacity(): void } {
  // A set keeps the order of arrival, and whoever leaves leaves at once.
  const waiting = new Set<() => void>()
  let running = 0
  let refused = 0

  function turn(signal: AbortSignal | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        waiting.delete(begin)
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        waiting.delete(begin)
        reject(signal?.reason)
      }
      waiting.add(begin)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  /** Turns away whoever would be turned away in the end, before more work is done for them. */
  function requireCapacity(): void {
    if (running < concurrency || waiting.size < queueLength) return
    refused += 1
    throw new QueueFullError(Math.max(1, Math.ceil((waiting.size * secondsEach) / concurrency)))
  }

  async function pass<T>(work: () => Promise<T>, signal: AbortSignal | null = null): Promise<T> {
    signal?.throwIfAborted()
    requireCapacity()
    if (running < concurrency) running++
    else await turn(signal)
    try {
      return await work()
    } finally {
      // The place goes straight to the next in line, or becomes free.
      const [next] = waiting
      if (next) next()
      else running--
    }
  }
  return Object.assign(pass, {
    counts: () => ({ running, waiting: waiting.size, refused }),
    requireCapacity,
  })
}
