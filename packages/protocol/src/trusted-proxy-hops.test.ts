import { describe, expect, it } from 'vitest'
import {
  parseTrustedProxyHops,
  readTrustedProxyHops,
  trustedProxyHopsRule,
  untrustedProxyNotice,
} from './trusted-proxy-hops.ts'

const variable = (value?: string) => ({ SALLYPORT_TRUSTED_PROXY_HOPS: value })

describe('how many proxies are trusted', () => {
  it.each([
    [0, 0],
    [10, 10],
    ['0', 0],
    ['10', 10],
    ['007', 7],
  ])('%j is %d', (value, hops) => expect(parseTrustedProxyHops(value)).toBe(hops))

  it.each([
    -1,
    11,
    1.5,
    Number.NaN,
    '',
    '11',
    '-1',
    '1.5',
    ' 1',
    '1 ',
    '1e0',
    '0x1',
    'x1',
    '1x',
    null,
    true,
    [1],
  ])('%j is refused', (value) => expect(parseTrustedProxyHops(value)).toBeNull())

  it('prefers the option to the variable, and ignores an empty variable', () => {
    expect(readTrustedProxyHops(2, variable('1'))).toBe(2)
    expect(readTrustedProxyHops(0, variable('1'))).toBe(0)
    expect(readTrustedProxyHops(undefined, variable('1'))).toBe(1)
    expect(readTrustedProxyHops(undefined, variable(''))).toBe(0)
    expect(readTrustedProxyHops(undefined, variable())).toBe(0)
    for (const read of [
      () => readTrustedProxyHops(11, variable('1')),
      () => readTrustedProxyHops(undefined, variable('many')),
    ])
      expect(read).toThrow(new TypeError(`SALLYPORT_TRUSTED_PROXY_HOPS ${trustedProxyHopsRule}.`))
  })
})

describe('the warning about a proxy that is not trusted', () => {
  it.each([
    null,
    undefined,
    '',
    ' , ',
    '127.0.0.1',
    '::1',
    '127.0.0.1, ::1',
    '[::1]:80,127.0.0.2',
    '::ffff:127.0.0.1',
  ])('%j: none, it contains only this machine', (header) => expect(untrustedProxyNotice(header)).toBeNull())

  it.each([
    '203.0.113.7',
    '127.0.0.1, 203.0.113.7',
    '203.0.113.7 127.0.0.1',
    '2001:db8::1',
    '1127.0.0.1',
    '::12',
    'hidden',
  ])('%j: names the setting and no address', (header) => {
    expect(untrustedProxyNotice(header)).toContain('SALLYPORT_TRUSTED_PROXY_HOPS')
    expect(untrustedProxyNotice(header)).not.toContain(header)
  })
})
