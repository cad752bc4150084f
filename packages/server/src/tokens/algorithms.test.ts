import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { sideBySide } from './algorithms.ts'

const der = (...numbers: number[][]) => {
  const content = numbers.flatMap((number) => [0x02, number.length, ...number])
  return Buffer.from([0x30, content.length, ...content])
}
const hex = (signature: Buffer) => signature.toString('hex')

test('each number has 32 bytes, with leading zeros removed or added by DER', () => {
  const long = Array.from({ length: 31 }, (_, at) => at + 1)
  expect(hex(sideBySide(der([0x7f, ...long], [0x01])))).toBe(
    `7f${hex(Buffer.from(long))}${'00'.repeat(31)}01`,
  )
  expect(hex(sideBySide(der([0x00, 0xff, ...long], [0x00, 0x80, ...long])))).toBe(
    `ff${hex(Buffer.from(long))}80${hex(Buffer.from(long))}`,
  )
  expect(hex(sideBySide(der([0x05], [0x00, 0x81])))).toBe(`${'00'.repeat(31)}05${'00'.repeat(31)}81`)
})

test('OpenSSL verifies each of a thousand converted signatures', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  for (let at = 0; at < 1000; at += 1) {
    const data = Buffer.from(`payload ${at}`)
    const signature = sideBySide(sign('sha256', data, privateKey))
    expect(signature).toHaveLength(64)
    expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
  }
})
