/** A timer for a timeout. `start` restarts it, for example when data arrives. With 0 ms there is no limit. */
export type Deadline = { start(ms: number): void; stop(): void }

export function createDeadline(passed: () => void): Deadline {
  let timer: NodeJS.Timeout | undefined
  const stop = () => clearTimeout(timer)
  return {
    start(ms) {
      stop()
      if (ms > 0) timer = setTimeout(passed, ms)
    },
    stop,
  }
}
