import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allCookieNames, cookieNames, readCookie, serializeCookie } from './cookies.ts'

describe('reading', () => {
  it('CK-06: gives every value under the exact name, in order', () => {
    expect(readCookie('a=1; b=2; a=3', 'a')).toEqual(['1', '3'])
    expect(readCookie('a=1;a=2,a=3', 'a')).toEqual(['1', '2,a=3'])
    expect(readCookie(null, 'a')).toEqual([])
  })

  it.each(['A=1', ' \u2000a=1', '=a=1', 'a', 'xa=1', '$a=1', '"a"=1'])(
    'CK-03, S04: %j is not the cookie a',
    (header) => {
      expect(readCookie(header, 'a')).toEqual([])
    },
  )

  it('D04: any header at all is read in one pass, without an exception', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (header) =>
        Array.isArray(readCookie(header, 'a')),
      ),
    )
    expect(readCookie('a=1;'.repeat(100_000), 'a')).toHaveLength(100_000)
  })
})

describe('writing', () => {
  it('CK-07, X03: nothing that could end a cookie or a header gets into one', () => {
    for (const value of ['a;b', 'a\r\nSet-Cookie: x=y', 'a b', 'a,b', 'a"b', 'é', 'a\0']) {
      expect(() => serializeCookie('accessToken', value, { secure: true, maxAgeSeconds: 1 })).toThrow(
        TypeError,
      )
    }
    expect(() => serializeCookie('a;b', 'x', { secure: true, maxAgeSeconds: 1 })).toThrow(TypeError)
  })

  it('CK-04: a cookie that browsers would drop whole is refused', () => {
    expect(() =>
      serializeCookie('accessToken', 'a'.repeat(4096), { secure: true, maxAgeSeconds: 1 }),
    ).toThrow(/4,096/)
  })

  it('CK-01: a __Host- cookie without Secure or with a Domain is never built', () => {
    expect(() => serializeCookie('__Host-accessToken', 'x', { secure: false, maxAgeSeconds: 1 })).toThrow(
      TypeError,
    )
    expect(() =>
      serializeCookie('__Host-accessToken', 'x', { secure: true, domain: 'example.com', maxAgeSeconds: 1 }),
    ).toThrow(TypeError)
  })

  it('CK-09: SameSite is always explicit', () => {
    expect(serializeCookie('accessToken', 'x', { secure: false, maxAgeSeconds: 5 })).toBe(
      'accessToken=x; Path=/; Max-Age=5; HttpOnly; SameSite=Strict',
    )
    expect(
      serializeCookie('__Secure-accessToken', 'x', { secure: true, domain: 'example.com', maxAgeSeconds: 5 }),
    ).toContain('; Domain=example.com; Secure')
  })

  it('names follow the topology, and all of them are known', () => {
    const all = [
      cookieNames({ secure: true }),
      cookieNames({ secure: true, domain: 'example.com' }),
      cookieNames({ secure: false }),
    ].flatMap((names) => Object.values(names))
    expect([...all].sort()).toEqual([...allCookieNames].sort())
  })
})
