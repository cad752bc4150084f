import fc from 'fast-check'
import { expect, test } from 'vitest'
import { networksOf } from './network.ts'

const names = (address: string | null) => networksOf(address).map(({ of }) => of)

test.each([
  ['192.0.2.7', ['192.0.2.7', '192.0.2.0/24']],
  ['::ffff:192.0.2.7', ['192.0.2.7', '192.0.2.0/24']],
  ['64:ff9b::192.0.2.7', ['192.0.2.7', '192.0.2.0/24']],
  ['2001:db8:1:2:3:4:5:6', ['2001:db8:1:2::/64', '2001:db8:1:0::/56', '2001:db8:1:0::/48']],
  ['2001:DB8:1:abcd::', ['2001:db8:1:abcd::/64', '2001:db8:1:ab00::/56', '2001:db8:1:0::/48']],
  ['::1', ['0:0:0:0::/64', '0:0:0:0::/56', '0:0:0:0::/48']],
  [null, ['unknown']],
  ['', ['unknown']],
  ['garbage', ['unknown']],
])('%s belongs to %s, narrowest first [A06]', (address, expected) => {
  expect(names(address)).toEqual(expected)
})

test('wider networks have a few times the limit of a single one', () => {
  expect(networksOf('192.0.2.7').map(({ times }) => times)).toEqual([1, 4])
  expect(networksOf('2001:db8::7').map(({ times }) => times)).toEqual([1, 2, 4])
  expect(networksOf(null).map(({ times }) => times)).toEqual([1])
})

test('every spelling of an address in a /64, /56 or /48 belongs to that network, and no other address does', () => {
  const group = fc.integer({ min: 0, max: 0xffff })
  const address = fc
    .array(group, { minLength: 8, maxLength: 8 })
    // Leave out forms of IPv4 addresses.
    .filter(([first]) => first !== 0 && first !== 0x64)
  fc.assert(
    fc.property(address, address, fc.constantFrom(64, 56, 48), (one, other, bits) => {
      const text = (groups: number[]) => groups.map((value) => value.toString(16)).join(':')
      const short = (groups: number[]) => new URL(`http://[${text(groups)}]`).hostname.slice(1, -1)
      const of = (spelt: string) => names(spelt).find((name) => name.endsWith(`/${bits}`))
      const bit = (groups: number[]) => groups.map((value) => value.toString(2).padStart(16, '0')).join('')
      const mixed = bit(one).slice(0, bits) + bit(other).slice(bits)
      const neighbour = Array.from({ length: 8 }, (_, at) =>
        Number.parseInt(mixed.slice(at * 16, at * 16 + 16), 2),
      )
      expect(of(short(neighbour))).toBe(of(text(one)))
      expect(of(text(other)) === of(short(one))).toBe(bit(one).slice(0, bits) === bit(other).slice(0, bits))
    }),
  )
})

test.each([
  '64:ff9b:1::c000:207',
  '64:0:0:0:0:0:c000:207',
  '2001:ff9b::c000:207',
  '64:ff9b:0:0:0:1:c000:207',
])('%s is not in the NAT64 prefix and has a /64 of its own [A06]', (address) => {
  const networks = networksOf(address)
  expect(networks.map(({ kind }) => kind)).toEqual(['network', 'network_56', 'network_48'])
})
