/** Lets a test wait for a condition without polling: the condition is checked whenever `ring` is called. */
export type Bell = {
  ring(): void
  /** Resolves as soon as the condition is true. The time-out of the test is the limit. */
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
