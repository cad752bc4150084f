import type { CheckedFactors } from './import-factors.ts'
import { type CheckedIdentity, keyOf } from './import-identities.ts'

type WithClaims = { identities: readonly CheckedIdentity[]; factors: CheckedFactors }
/** Something that only one user can have. `at` is its place in the row. */
type Claim = { key: string; at: string; what: string }

/**
 * Refuses all rows that have the same account at a provider, passkey or recovery code as another row, because it is not known whose it is.
 */
export function withoutShared<Row extends WithClaims>(checked: readonly (Row | string)[]): (Row | string)[] {
  const rowsOf = new Map<string, Set<number>>()
  for (const [index, row] of checked.entries())
    for (const { key } of typeof row === 'string' ? [] : claimsOf(row))
      rowsOf.set(key, (rowsOf.get(key) ?? new Set()).add(index + 1))
  return checked.map((row) => {
    if (typeof row === 'string') return row
    for (const { key, at, what } of claimsOf(row)) {
      const rows = [...(rowsOf.get(key) ?? [])]
      if (rows.length > 1) return `${at}: Rows ${rows.join(', ')} have the same ${what}.`
    }
    return row
  })
}

function claimsOf({ identities, factors: { passkeys, recoveryCodes } }: WithClaims): Claim[] {
  return [
    ...identities.map((identity, at) => {
      return { key: keyOf(identity), at: `identities.${at}`, what: `account of ${identity.provider}` }
    }),
    ...passkeys.map(({ id }, at) => ({ key: `passkey ${id}`, at: `passkeys.${at}`, what: 'passkey' })),
    ...recoveryCodes.map((hash, at) => {
      return { key: `code ${hash}`, at: `recoveryCodes.${at}`, what: 'recovery code' }
    }),
  ]
}
