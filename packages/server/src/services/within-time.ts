/**
 * Runs a product's function, for so long and no longer.
 *
 * @throws what it throws, or that it took too long.
 */
export async function withinTime<T>(
  timeoutMs: number,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took more than ${timeoutMs} ms.`)), timeoutMs)
  })
  try {
    return await Promise.race([(async () => work(stopping.signal))(), late])
  } finally {
    clearTimeout(timer)
    stopping.abort()
  }
}
