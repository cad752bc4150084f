import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { newRecoveryCode, recoveryCodeHash } from './recovery-code.ts'

test('a code has six groups of four letters or digits, and is found by its hash', () => {
  const { code, hash } = newRecoveryCode(randomBytes)
  expect(code).toMatch(/^[a-z2-7]{4}(?:-[a-z2-7]{4}){5}$/)
  expect(hash).toMatch(/^[\w-]{43}$/)
  expect(recoveryCodeHash(code)).toBe(hash)
})

test('capital letters, spaces and other dashes make no difference', () => {
  const { code, hash } = newRecoveryCode(randomBytes)
  const typed = [
    code.toUpperCase(),
    code.replaceAll('-', ''),
    ` ${code} `,
    code.replaceAll('-', ' – '),
    code.replaceAll('-', '\u2011'),
  ]
  expect(typed.map(recoveryCodeHash)).toEqual(typed.map(() => hash))
})

test.each(['', 'a', 'aaaa-aaaa-aaaa-aaaa-aaaa-aaa', 'aaaa-aaaa-aaaa-aaaa-aaaa-aaa1', 'a'.repeat(25)])(
  '%j has not the form of a code',
  (typed) => {
    expect(recoveryCodeHash(typed)).toBeNull()
  },
)

test('all 120 bits are from the generator', () => {
  expect(newRecoveryCode((size) => Buffer.alloc(size, 0xff)).code).toBe('7777-7777-7777-7777-7777-7777')
})
