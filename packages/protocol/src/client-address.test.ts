import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseClientAddress } from './client-address.ts'

const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
const ipv6 = fc.array(group, { minLength: 8, maxLength: 8 })
const text = (groups: number[]) => groups.map((value) => value.toString(16)).join(':')

test('every spelling of an IPv6 address is read as the one that the URL standard writes', () => {
  fc.assert(
    fc.property(ipv6, fc.boolean(), (groups, isUpper) => {
      const spelt = isUpper ? text(groups).toUpperCase() : text(groups)
      const standard = new URL(`http://[${spelt}]`).hostname.slice(1, -1)
      const [, high = '', low = ''] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(standard) ?? []
      const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16)
      const expected = high ? [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.') : standard
      expect(parseClientAddress(spelt)).toBe(expected)
      expect(parseClientAddress(`[${standard}]:443`)).toBe(expected)
      expect(parseClientAddress(expected)).toBe(expected)
    }),
  )
})

test('what Node takes for an address is one, and nothing else is', () => {
  const part = fc.constantFrom(
    ':',
    '::',
    '.',
    '0',
    '1',
    '25',
    '255',
    '256',
    '01',
    'f',
    'ffff',
    '1.2.3.4',
    'g',
    '%',
    '-',
    ' ',
  )
  const nearly = fc.array(part, { maxLength: 16 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(nearly, fc.ipV4(), fc.ipV6(), fc.string()), (candidate) => {
      // A port is ours to take away, and a zone ours to refuse.
      fc.pre(!/^[^:]+:\d+$|[[\]%]/.test(candidate) && candidate.length <= 64)
      expect(parseClientAddress(candidate) !== null).toBe(isIP(candidate) !== 0)
    }),
    { numRuns: 2_000 },
  )
})
