import { createHash } from 'node:crypto'
import type { ReadRow } from '../../import/read-rows.ts'
import { type Candidate, UnreadableRow } from '../../import/template.ts'
import { type TemplateName, templates } from '../../import/templates.ts'
import { namesOf, repeatedIdentities } from './repeated-identities.ts'

/** A function that returns the canonical form of an email address, or null if the value is not an address. */
export type Canonical = (email: unknown) => string | null

export const repeatRule =
  'the first row whose user is not disabled is imported or, if all are disabled, the first row'

/**
 * Reads a file to its end and finds the addresses, and the accounts at providers, that occur more than once. For each address, it stores only a short hash and a line
 * number. So a million rows need little memory.
 */
export async function findRepeats(rows: AsyncIterable<ReadRow>, from: TemplateName, canonical: Canonical) {
  /** For each address, the number of the line that will be imported. The number is negative if this line has a disabled user. */
  const taken = new Map<string, number>()
  const lines = new Map<string, number[]>()
  const identities = repeatedIdentities()
  for await (const read of rows) {
    const candidate = 'row' in read ? candidateOf(from, read.row) : null
    const email = candidate && canonical(candidate.email)
    if (!email) continue
    identities.note(read.line, candidate?.identities)
    const key = keyOf(email)
    const known = taken.get(key)
    if (known !== undefined) lines.set(key, [...(lines.get(key) ?? [Math.abs(known)]), read.line])
    if (known === undefined || (known < 0 && !candidate?.disabled))
      taken.set(key, candidate?.disabled ? -read.line : read.line)
  }
  return {
    /** If another row has the same address and is imported, or has the same account, returns why this row is refused. Otherwise returns null. */
    refusalOf(line: number, { email: address, identities: own }: Candidate): string | null {
      const email = canonical(address)
      const repeated = email === null ? undefined : lines.get(keyOf(email))
      const chosen = email === null ? undefined : taken.get(keyOf(email))
      if (repeated === undefined || chosen === undefined || Math.abs(chosen) === line)
        return identities.refusalOf(own)
      return `email: ${namesOf(repeated)} have the same address. Only line ${Math.abs(chosen)} is imported, because ${repeatRule}.`
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
    // Ignore the row here. The import refuses it for this error later.
    if (error instanceof UnreadableRow) return null
    throw error
  }
}

/** Returns a hash of 96 bits. For a million addresses, the probability that two have the same hash is below 10^-16. */
function keyOf(email: string): string {
  return createHash('sha256').update(email).digest('base64').slice(0, 16)
}
