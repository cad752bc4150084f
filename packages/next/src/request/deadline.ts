/** A timer that restarts whenever data arrives; 0 is no limit. */
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
