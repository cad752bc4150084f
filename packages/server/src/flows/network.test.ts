import fc from 'fast-check'
import { expect, test } from 'vitest'
import { networkOf } from './network.ts'

test('A06: an IPv4 address is a network by itself', () => {
  expect(networkOf('192.0.2.7')).toBe('192.0.2.7')
})

test.each([
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8::7', '2001:db8:0:0::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ['2001:0DB8:0001::9'.toLowerCase(), '2001:db8:1:0::/64'],
])('%s is of %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('all addresses of one /64 are one network, however they are written, and those of another are not', () => {
  const group = fc.integer({ min: 0, max: 0xffff })
  const address = fc.array(group, { minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(address, address, (one, other) => {
      const text = (groups: number[]) => groups.map((value) => value.toString(16)).join(':')
      const short = (groups: number[]) => new URL(`http://[${text(groups)}]`).hostname.slice(1, -1)
      const neighbour = [...one.slice(0, 4), ...other.slice(4)]
      expect(networkOf(short(neighbour))).toBe(networkOf(text(one)))
      const isSame = one.slice(0, 4).join() === other.slice(0, 4).join()
      expect(networkOf(text(other)) === networkOf(short(one))).toBe(isSame)
    }),
  )
})
