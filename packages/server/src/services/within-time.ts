/** The error of a function that took too long. */
export class TookTooLong extends Error {
  constructor(timeoutMs: number) {
    super(`The function took more than ${timeoutMs} ms.`)
    this.name = 'TookTooLong'
  }
}

/**
 * Runs a function of the app with a time limit.
 *
 * @throws the error of the function, or {@link TookTooLong} when the time limit is reached.
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
