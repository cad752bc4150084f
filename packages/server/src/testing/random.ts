/** Random choices that can be repeated. The same seed gives the same choices on every machine. */
export type Random = {
  /** Returns a number from 0 to 1. It is never 1. */
  next(): number
  /** Returns a whole number from 0 to `limit` - 1. */
  below(limit: number): number
  chance(share: number): boolean
  pick<T>(choices: readonly T[]): T
  shuffle<T>(items: readonly T[]): T[]
}

/** Returns the generator that all tests use. Its algorithm is mulberry32. */
export function seededRandom(seed: number): Random {
  let state = (seed * 0x9e3779b1) >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (share) => next() < share,
    pick<T>(choices: readonly T[]): T {
      if (choices.length === 0) throw new RangeError('There is nothing to pick from.')
      return choices[below(choices.length)] as T
    },
    shuffle<T>(items: readonly T[]): T[] {
      const rest = [...items]
      return items.map(() => rest.splice(below(rest.length), 1)[0] as T)
    },
  }
}
