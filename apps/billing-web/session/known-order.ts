/**
 * The items in the order in which they are known; newcomers follow in the order in which they came. So nothing that somebody is about
 * to press moves away from under the pointer because a session has just been used or opened.
 */
export function inKnownOrder<T extends { id: string }>(known: readonly string[], items: readonly T[]): T[] {
  const places = new Map(known.map((id, place) => [id, place]))
  const placeOf = ({ id }: T) => places.get(id) ?? known.length
  return [...items].sort((one, other) => placeOf(one) - placeOf(other))
}
