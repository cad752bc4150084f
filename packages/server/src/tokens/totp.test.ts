import { expect, test } from 'vitest'
import { fromBase32, toBase32 } from './base32.ts'
import { newTotpSecret, totpCode, totpStep, totpStepsOf, totpUri } from './totp.ts'

/** The secret of RFC 6238 Appendix B for SHA-1. */
const secret = toBase32(Buffer.from('12345678901234567890'))

test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('the code at second %i is the one of RFC 6238 Appendix B, in six digits', (seconds, code) => {
  expect(totpCode(secret, totpStep(seconds * 1000))).toBe(code)
})

// The vectors of RFC 4648 section 10.
test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('base32 of %j is as in the standard, without padding', (plain, encoded) => {
  expect(toBase32(Buffer.from(plain))).toBe(encoded)
  expect(fromBase32(encoded).toString()).toBe(plain)
})

test('accepts the codes of the previous, the current and the next step, and no others', () => {
  const now = 1_234_567_890_000
  const step = totpStep(now)
  const accepted = [-3, -2, -1, 0, 1, 2, 3].filter((by) =>
    totpStepsOf(secret, totpCode(secret, step + by), now).includes(step + by),
  )
  expect(accepted).toEqual([-1, 0, 1])
})

test.each(['', '05924', '0005924', '00592４', '-05924', 'abcdef'])('the code %j is never right', (code) => {
  expect(totpStepsOf(secret, code, 1_234_567_890_000)).toEqual([])
})

test('a space in the middle of a code makes no difference', () => {
  expect(totpStepsOf(secret, ' 005 924 ', 1_234_567_890_000)).toEqual([totpStep(1_234_567_890_000)])
})

test('a new secret has 160 bits from the generator', () => {
  expect(fromBase32(newTotpSecret((size) => Buffer.alloc(size, 7)))).toEqual(Buffer.alloc(20, 7))
})

test('issuer and account are encoded, and a colon in them does not move the border between the two', () => {
  const uri = totpUri({ secret, issuer: 'Müller & Söhne: Bücher', account: 'ada+x?secret=EVIL@example.com' })
  const { protocol, host, pathname, searchParams } = new URL(uri)
  expect([protocol, host]).toEqual(['otpauth:', 'totp'])
  expect(decodeURIComponent(pathname)).toBe('/Müller & Söhne  Bücher:ada+x?secret=EVIL@example.com')
  expect(pathname.split(':')).toHaveLength(2)
  expect(Object.fromEntries(searchParams)).toEqual({
    secret,
    issuer: 'Müller & Söhne  Bücher',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  })
})
