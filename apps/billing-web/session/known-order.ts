/**
 * Returns the items in the order in which they were shown before. New items follow at the end. So even if a session was just used or
 * opened, the rows do not move while the user wants to press a button.
 */
export function inKnownOrder<T extends { id: string }>(known: readonly string[], items: readonly T[]): T[] {
  const places = new Map(known.map((id, place) => [id, place]))
  const placeOf = ({ id }: T) => places.get(id) ?? known.length
  return [...items].sort((one, other) => placeOf(one) - placeOf(other))
}
