/** The error when the queue of hashes is full. The client can try again after `retryAfterSeconds`. */
export class QueueFullError extends Error {
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super('Too many passwords are being hashed at the same time.')
    this.name = 'QueueFullError'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * Runs work. If too many hashes are running already, the work waits for its turn.
 *
 * @throws QueueFullError when too much work is waiting already. If the signal is aborted while the work waits, throws the reason of the
 * signal.
 */
export type HashQueue = <T>(work: () => Promise<T>, signal?: AbortSignal | null) => Promise<T>

/** How much work runs and how much waits now, and how much was refused since the start. */
export type QueueCounts = { running: number; waiting: number; refused: number }

/** The approximate time of one hash in seconds. It is used to estimate `Retry-After`. */
const secondsEach = 0.03

/**
 * Creates a queue with limits for hashes that run and hashes that wait. Without limits, a flood of sign-ins would use all memory and all
 * threads of libuv's pool. The last of these sign-ins would be answered long after their clients have disconnected.
 */
export function createHashQueue({
  concurrency,
  queueLength,
}: {
  concurrency: number
  queueLength: number
}): HashQueue & { counts(): QueueCounts; requireCapacity(): void } {
  // A set keeps the order of arrival, and an entry can be removed without a search.
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

  /** Throws if the queue is full. Call this before any other work for the request. */
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
      // If other work is waiting, it gets the place of this work. Otherwise the place becomes free.
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
