import { createHash } from 'node:crypto'

/**
 * Finds the accounts at providers that occur on more than one line of a file. It is not known whose these are, so all of these lines are
 * refused. Only a short hash and a line number of each account are stored.
 */
export function repeatedIdentities() {
  const first = new Map<string, number>()
  const lines = new Map<string, number[]>()
  return {
    note(line: number, identities: unknown): void {
      for (const key of new Set(keysOf(identities).map(({ key }) => key))) {
        const known = first.get(key)
        if (known === undefined) first.set(key, line)
        else lines.set(key, [...(lines.get(key) ?? [known]), line])
      }
    },
    /** If another line has one of these accounts, returns the reason why this line is refused. Otherwise returns null. */
    refusalOf(identities: unknown): string | null {
      for (const { at, key } of keysOf(identities)) {
        const repeated = lines.get(key)
        if (repeated !== undefined)
          return `identities.${at}: ${namesOf(repeated)} have the same account of a provider. None of them is imported.`
      }
      return null
    },
  }
}

/** Returns the names of lines for a sentence: `Lines 1, 3 and 5`. */
export function namesOf(lines: readonly number[]): string {
  return `Lines ${lines
    .slice(0, 20)
    .join(', ')
    .replace(/, (\d+)$/, ' and $1')}`
}

/** Returns a hash of 96 bits for each identity. Identities that the server refuses for their form are left out. */
function keysOf(identities: unknown): { at: number; key: string }[] {
  if (!Array.isArray(identities)) return []
  return identities.flatMap((identity: unknown, at) => {
    const { provider, subject, issuer } = (identity ?? {}) as Record<string, unknown>
    if (typeof provider !== 'string' || typeof subject !== 'string') return []
    const parts = JSON.stringify([provider, subject, issuer ?? null])
    return [{ at, key: createHash('sha256').update(parts).digest('base64').slice(0, 16) }]
  })
}
