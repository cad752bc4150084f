/** A small random generator (mulberry32). Its numbers depend only on its seed. Use it for sample data and not for secrets. */
export type Random = {
  /** Returns a number from 0 to below 1. */
  next(): number
  /** Returns a whole number. Both limits are possible results. */
  integer(from: number, to: number): number
  /** Returns true with this probability. */
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** Picks an item with a probability proportional to its weight. */
  weighted<Item>(items: readonly (readonly [item: Item, weight: number])[]): Item
  bytes(count: number): Uint8Array
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (items) => itemAt(items, integer(0, items.length - 1)),
    weighted(items) {
      let left = next() * items.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [item, weight] of items) {
        left -= weight
        if (left < 0) return item
      }
      return itemAt(items, items.length - 1)[0]
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => integer(0, 255)),
  }
}

function itemAt<Item>(items: readonly Item[], index: number): Item {
  if (items.length === 0) throw new RangeError('The list is empty.')
  return items[index] as Item
}
