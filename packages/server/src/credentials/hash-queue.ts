/** Thrown when the queue of hashes is full. A retry after `retryAfterSeconds` can succeed. */
export class QueueFullError extends Error {
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super('Too many passwords are being checked at once.')
    this.name = 'QueueFullError'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * Runs work when a place is free.
 *
 * @throws QueueFullError when too many wait already; the signal's reason if it is aborted while waiting.
 */
export type HashQueue = <T>(work: () => Promise<T>, signal?: AbortSignal | null) => Promise<T>

/** How many run and how many wait now, and how many were refused since the start. */
export type QueueCounts = { running: number; waiting: number; refused: number }

/** The approximate time of one hash, to estimate `Retry-After`. */
const secondsEach = 0.03

/**
 * Creates a queue with limits for running and waiting hashes. Without limits, a flood of sign-ins would use all memory and all threads of
 * libuv's pool, and its last requests would be answered long after their clients have disconnected.
 */
export function createHashQueue({
  concurrency,
  queueLength,
}: {
  concurrency: number
  queueLength: number
}): HashQueue & { counts(): QueueCounts; requireCapacity(): void } {
  // A set keeps the order of arrival and allows removal at once.
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

  /** Throws if the queue is full, before other work is done for the request. */
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
      // The next waiting work gets the place; if there is none, it becomes free.
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
