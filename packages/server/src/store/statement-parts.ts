/** Splits a list into parts for one statement each, because the databases limit the number of parameters of a statement. */
export function* statementParts<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += 500) yield list.slice(at, at + 500)
}
