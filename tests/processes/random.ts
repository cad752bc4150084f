/** Chance that can be repeated: the same seed, the same choices. */
export type Random = {
  /** A whole number from 0 to below this. */
  below(limit: number): number
  chance(share: number): boolean
  pick<T>(choices: readonly T[]): T
  shuffle<T>(items: readonly T[]): T[]
}

/** Mulberry32: small, and good enough to mix up the order of things. */
export function randomFrom(seed: number): Random {
  let state = (seed * 0x9e3779b1) >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    chance: (share) => next() < share,
    pick<T>(choices: readonly T[]): T {
      return choices[below(choices.length)] as T
    },
    shuffle<T>(items: readonly T[]): T[] {
      const rest = [...items]
      return items.map(() => rest.splice(below(rest.length), 1)[0] as T)
    },
  }
}
