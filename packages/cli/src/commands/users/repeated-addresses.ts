import { createHash } from 'node:crypto'
import type { ReadRow } from '../../import/read-rows.ts'
import { type Candidate, UnreadableRow } from '../../import/template.ts'
import { type TemplateName, templates } from '../../import/templates.ts'

/** The canonical form of an address; null for what is none. */
export type Canonical = (email: unknown) => string | null

export const repeatRule =
  'of several rows with one address, the first that is not disabled is taken, else the first'

/**
 * Reads a file to its end and finds the addresses that stand in it more than once. Of an address it keeps a short hash and a line, so that
 * a million people need little memory.
 */
export async function findRepeats(rows: AsyncIterable<ReadRow>, from: TemplateName, canonical: Canonical) {
  /** The line that is taken; negative while that is of somebody disabled. */
  const taken = new Map<string, number>()
  const lines = new Map<string, number[]>()
  for await (const read of rows) {
    const candidate = 'row' in read ? candidateOf(from, read.row) : null
    const email = candidate && canonical(candidate.email)
    if (!email) continue
    const key = keyOf(email)
    const known = taken.get(key)
    if (known !== undefined) lines.set(key, [...(lines.get(key) ?? [Math.abs(known)]), read.line])
    if (known === undefined || (known < 0 && !candidate?.disabled))
      taken.set(key, candidate?.disabled ? -read.line : read.line)
  }
  return {
    /** Why a row is refused whose address stands in another row too, which is taken; null for every other row. */
    refusalOf(line: number, address: unknown): string | null {
      const email = canonical(address)
      const repeated = email === null ? undefined : lines.get(keyOf(email))
      const chosen = email === null ? undefined : taken.get(keyOf(email))
      if (repeated === undefined || chosen === undefined || Math.abs(chosen) === line) return null
      const shown = repeated
        .slice(0, 20)
        .join(', ')
        .replace(/, (\d+)$/, ' and $1')
      return `email: Lines ${shown} have the same address. Line ${Math.abs(chosen)} is taken: ${repeatRule}.`
    },
  }
}

function candidateOf(
  from: TemplateName,
  row: Parameters<(typeof templates)[TemplateName]>[0],
): Candidate | null {
  try {
    return templates[from](row)
  } catch (error) {
    // It is refused for that later.
    if (error instanceof UnreadableRow) return null
    throw error
  }
}

/** 96 bits: two of a million addresses share one less often than a disk returns a wrong bit. */
function keyOf(email: string): string {
  return createHash('sha256').update(email).digest('base64').slice(0, 16)
}
