import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/**
 * Rows J01 to J32 of the attack catalogue, section 1. Each is tried on the verifier by tests that carry its id, except for
 * what is not the verifier's to refuse:
 *
 * | row | where |
 * |---|---|
 * | J24 | Here: other kinds of JWT signed with the same key. The other cells (refresh, reset, invitation tokens at each endpoint) are the server's. |
 * | J25 | Likewise: a pending second factor is refused here by its type. |
 * | J28 | No HMAC is accepted here at all (J02), so there is no secret to guess. The server refuses weak secrets at its start. |
 * | J30 | What the JWKS must not contain is the server's; here a key published with its private half is refused. |
 * | J31 | Encoding a name into JSON is the server's; here a claim in a string stays a string (J17), and a claim named twice is refused (J16). |
 * | J32 | Here work is counted, in cryptographic operations; the bench measures time under load. |
 */
const elsewhere = new Set(['J28'])

test('every row of the catalogue is tried here, or is listed as somebody else', () => {
  const names = globSync('**/*.test.ts', { cwd: import.meta.dirname })
    .filter((file) => file !== 'catalogue.test.ts')
    .map((file) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8'))
    .flatMap((text) => text.match(/(?<=['"`])(?:[JACD]\d\d |[A-Z]+-\d\d )*J\d\d\b[^'"`\n]*/g) ?? [])
    .join('\n')
  const rows = Array.from({ length: 32 }, (_, index) => `J${String(index + 1).padStart(2, '0')}`)
  expect(rows.filter((row) => !names.includes(row))).toEqual([...elsewhere])
})
