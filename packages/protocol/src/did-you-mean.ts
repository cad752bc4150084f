/**
 * Returns the end of an error message about an unknown name, such as ` Did you mean manager?`. If no known name is similar, returns an
 * empty text. A name is similar if at most a third of its characters (rounded up, and at most three) are wrong, missing, extra, or swapped
 * with the next one.
 */
export function didYouMean(name: string, known: Iterable<string>): string {
  const most = Math.min(3, Math.ceil(name.length / 3))
  let nearest: string | null = null
  let fewest = most + 1
  for (const candidate of known) {
    // If the lengths differ by more than `most`, more than `most` changes are needed. This check also limits the work for long names that
    // callers send.
    if (candidate === name || Math.abs(candidate.length - name.length) > most) continue
    const changes = changesBetween(name.toLowerCase(), candidate.toLowerCase())
    if (changes < fewest) [nearest, fewest] = [candidate, changes]
  }
  return nearest === null ? '' : ` Did you mean ${nearest}?`
}

/**
 * Returns the optimal string alignment distance. An insertion, a deletion, a replacement and a swap of two neighbours each count as one.
 */
function changesBetween(one: string, other: string): number {
  let before: number[] = []
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1]
      let least = Math.min(at(row, j) + 1, at(next, j - 1) + 1, at(row, j - 1) + (isSame ? 0 : 1))
      if (one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
        least = Math.min(least, at(before, j - 2) + 1)
      next.push(least)
    }
    ;[before, row] = [row, next]
  }
  return at(row, other.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
