/** A function did not end in time. */
export class TookTooLong extends Error {
  constructor(timeoutMs: number) {
    super(`It took more than ${timeoutMs} ms.`)
    this.name = 'TookTooLong'
  }
}

/**
 * Runs a function of the product with a time limit.
 *
 * @throws its error, or an Error after the time limit.
 */
export async function withinTime<T>(
  timeoutMs: number,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TookTooLong(timeoutMs)), timeoutMs)
  })
  try {
    return await Promise.race([(async () => work(stopping.signal))(), late])
  } finally {
    clearTimeout(timer)
    stopping.abort()
  }
}
