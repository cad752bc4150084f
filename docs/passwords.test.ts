import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settings } from '../packages/server/src/config/settings/settings.ts'
import { commonestWords } from '../packages/server/src/credentials/common-passwords.ts'
import {
  maxArgon2Kibibytes,
  maxBcryptCost,
  maxPbkdf2Work,
  maxScryptBytes,
} from '../packages/server/src/credentials/foreign/check.ts'
import { minOwnLetters } from '../packages/server/src/credentials/password-policy.ts'
import { root } from '../scripts/install.mjs'

test('every setting and number on the page of passwords is what the code says', () => {
  const page = readFileSync(join(root, 'docs/passwords.md'), 'utf8')
  const known = new Set<string>(Object.values(settings).map(({ env }) => env))
  const named = [...page.matchAll(/SALLYPORT_[A-Z\d_]+/g)].map(([name]) => name)
  expect(named.filter((name) => !known.has(name))).toEqual([])
  const standard = (schema: { safeParse(value: unknown): { data?: unknown } }) =>
    schema.safeParse(undefined).data
  expect(page).toContain(`| shortest | ${standard(settings.minimumPasswordLength.schema)} characters`)
  expect(page).toContain(
    `default ${Number(standard(settings.breachTimeoutMs.schema)).toLocaleString('en')}) or its response is not valid`,
  )
  const memory = Number(standard(settings.hashMemoryKibibytes.schema)) / 1024
  const passes = standard(settings.hashIterations.schema)
  expect(page).toContain(`argon2id, ${memory} MiB and ${passes} passes by default`)
  expect(page).toContain(`\`SALLYPORT_BREACH_FAILURE=${standard(settings.breachFailure.schema)}\` (default)`)
  const count = (value: number) => value.toLocaleString('en')
  expect(page).toContain(`PBKDF2 up to ${count(maxPbkdf2Work)} rounds`)
  expect(page).toContain(
    `The memory multiplied by the number of passes may be up to ${maxArgon2Kibibytes / 1024 / 1024} GiB`,
  )
  expect(page).toContain(`up to ${maxScryptBytes / 1024 / 1024} MiB of memory (128 × N × r × p bytes)`)
  expect(page).toContain(`cost 4 to ${maxBcryptCost};`)
  expect(page).toContain(`the ${count(commonestWords)} commonest words`)
  expect(page).toContain(`fewer than ${minOwnLetters} letters are left`)
})
