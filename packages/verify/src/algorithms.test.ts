import { expect, test } from 'vitest'
import { isAlgorithmName } from './algorithms.ts'
import { createSigningKey, signBytes } from './testing/issuer.ts'
import { importVerificationKey } from './verification-key.ts'

const key = createSigningKey('key-1')
const verification = importVerificationKey(key.publicJwk)

/** The beginnings of a signature's number. The form that OpenSSL reads is different in each case. */
function beginningOf(bigEndian: Buffer): string {
  const [first = 0, second = 0] = bigEndian
  if (first === 0) return second >= 0x80 ? 'a zero, then the highest bit' : 'a zero'
  if (first === 0x80) return 'the highest bit and no other'
  return first > 0x80 ? 'the highest bit' : 'neither'
}

test('ES256: accepts a signature with every beginning of its two numbers, and refuses it with any changed bit', () => {
  const seen = new Set<string>()
  for (let signed = 0; seen.size < 10; signed += 1) {
    if (signed === 50_000) throw new Error(`Only seen: ${[...seen].join('; ')}.`)
    const data = `message ${signed}`
    const signature = signBytes(data, key)
    const shapes = [
      `r: ${beginningOf(signature.subarray(0, 32))}`,
      `s: ${beginningOf(signature.subarray(32))}`,
    ]
    if (shapes.every((shape) => seen.has(shape))) continue
    for (const shape of shapes) seen.add(shape)
    expect(verification?.verify(Buffer.from(data), signature), shapes.join(', ')).toBe(true)
    for (const at of [0, 1, 31, 32, 33, 63]) {
      const changed = Buffer.from(signature)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(verification?.verify(Buffer.from(data), changed), `${shapes.join(', ')}, byte ${at}`).toBe(false)
    }
  }
})

test('ES256: refuses numbers of only zeros, or of only the highest bits', () => {
  for (const byte of [0x00, 0x80, 0xff])
    expect(verification?.verify(Buffer.from('message'), Buffer.alloc(64, byte))).toBe(false)
})

test('accepts only strings as names of algorithms, not values that convert to one', () => {
  expect(isAlgorithmName('ES256')).toBe(true)
  for (const value of [['ES256'], { toString: () => 'ES256' }, 'es256', 'toString', '', null, undefined])
    expect(isAlgorithmName(value)).toBe(false)
})
