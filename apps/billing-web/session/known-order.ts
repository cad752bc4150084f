/**
 * Returns the items in their known order; new items follow. So a row does not move while the user is about to press its button, even if a
 * session was just used or opened.
 */
export function inKnownOrder<T extends { id: string }>(known: readonly string[], items: readonly T[]): T[] {
  const places = new Map(known.map((id, place) => [id, place]))
  const placeOf = ({ id }: T) => places.get(id) ?? known.length
  return [...items].sort((one, other) => placeOf(one) - placeOf(other))
}
