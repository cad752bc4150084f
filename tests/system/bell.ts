/** Lets a test wait for what happens elsewhere without a clock: it looks again whenever somebody rings. */
export type Bell = {
  ring(): void
  /** Resolves as soon as this holds. The test's own time-out bounds it. */
  until(condition: () => boolean): Promise<void>
}

export function createBell(): Bell {
  let rung = Promise.withResolvers<void>()
  return {
    ring() {
      rung.resolve()
      rung = Promise.withResolvers<void>()
    },
    async until(condition) {
      while (!condition()) await rung.promise
    },
  }
}
