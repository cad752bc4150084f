import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forwardedAddress, parseClientAddress, parseIpv6 } from './client-address.ts'

const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
const ipv6 = fc.array(group, { minLength: 8, maxLength: 8 })
const text = (groups: number[]) => groups.map((value) => value.toString(16)).join(':')

test('returns every spelling of an IPv6 address in the form of the URL standard', () => {
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

test('accepts exactly the addresses that Node accepts', () => {
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
      // Do not compare ports and brackets, which only our function accepts, and zones, which only Node accepts.
      fc.pre(!/^[^:]+:\d+$|[[\]%]/.test(candidate) && candidate.length <= 64)
      expect(parseClientAddress(candidate) !== null).toBe(isIP(candidate) !== 0)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:0', '192.0.2.1'],
  ['192.0.2.1:65535', '192.0.2.1'],
  ['[2001:DB8::1]', '2001:db8::1'],
  ['[2001:db8::1]:65535', '2001:db8::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['[::ffff:192.0.2.1]:443', '192.0.2.1'],
  ['::fffe:192.0.2.1', '::fffe:c000:201'],
  ['1::ffff:c000:201', '1::ffff:c000:201'],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['10:0:0:1:1:1:1:1', '10::1:1:1:1:1'],
])('%s is %s', (spelling, address) => expect(parseClientAddress(spelling)).toBe(address))

test.each([
  null,
  undefined,
  '',
  '192.0.2.1:65536',
  '192.0.2.1:',
  '192.0.2.1:123456',
  '[192.0.2.1]',
  '[192.0.2.1]:80',
  '[2001:db8::1]:65536',
  '[2001:db8::1]80',
  'x[2001:db8::1]',
  '[[2001:db8::1]]',
  'fe80::1%eth0',
  '1.2.3.4.',
  '.1.2.3.4',
  '1.2.3',
  '1.2.3.4.5',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4::5:6:7:8',
  '12345::1',
  '1.2.3.4::',
  '::256.0.0.1',
  '::1.2.3',
  '::1.2.3.4.5',
  '::01.2.3.4',
  '::1.2.3.x',
  `[${'0'.repeat(61)}::]`,
  `192.0.2.1:${'0'.repeat(60)}`,
])('%j is not an address', (text) => expect(parseClientAddress(text)).toBeNull())

test('returns the eight groups of an IPv6 address', () => {
  expect(parseIpv6('2001:DB8::0a:1')).toEqual([0x2001, 0xdb8, 0, 0, 0, 0, 0xa, 1])
  expect(parseIpv6('::')).toEqual(Array(8).fill(0))
  expect(parseIpv6('::1.2.3.4')).toEqual([0, 0, 0, 0, 0, 0, 0x102, 0x304])
  expect(parseIpv6('1.2.3.4')).toBeNull()
})

test('takes the address of the client only from the outermost trusted proxy', () => {
  const header = '203.0.113.9, 192.0.2.1 ,192.0.2.2'
  expect([0, 1, 2, 3, 4].map((hops) => forwardedAddress(header, hops))).toEqual([
    null,
    '192.0.2.2',
    '192.0.2.1',
    '203.0.113.9',
    null,
  ])
  for (const none of [null, undefined, '', 'unknown', '192.0.2.1,'])
    expect(forwardedAddress(none, 1)).toBeNull()
})
