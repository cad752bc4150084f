import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allCookieNames, cookieNames, readCookie, serializeCookie, strayCookiesCleared } from './cookies.ts'

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

describe('clearing what stands beside our cookies (CK-06)', () => {
  const wide = { hostname: 'app.example.com', pathname: '/orders/7', secure: true, domain: 'example.com' }
  const names = ['__Secure-accessToken', '__Secure-refreshToken']
  const twice = '__Secure-accessToken=a; __Secure-accessToken=b; __Secure-refreshToken=c'

  it('names every place from which the request can have brought it, and not our own', () => {
    const lines = strayCookiesCleared(twice, names, wide)
    for (const path of ['/', '/orders', '/orders/', '/orders/7'])
      for (const domain of ['', '; Domain=app.example.com', '; Domain=example.com'])
        for (const partition of ['', '; Partitioned']) {
          const line = `__Secure-accessToken=; Path=${path}; Max-Age=0${domain}; Secure${partition}`
          const isOwn = path === '/' && domain === '; Domain=example.com' && partition === ''
          expect(lines.includes(line), line).toBe(!isOwn)
        }
    expect(lines.join()).not.toContain('refreshToken')
  })

  it('does nothing where each name came once, nor for names of another topology', () => {
    expect(strayCookiesCleared('__Secure-accessToken=a', names, wide)).toEqual([])
    expect(strayCookiesCleared('accessToken=a; accessToken=b', names, wide)).toEqual([])
    expect(strayCookiesCleared(null, names, wide)).toEqual([])
  })

  it('on plain localhost: by path alone', () => {
    const place = { hostname: 'localhost', pathname: '/dashboard', secure: false }
    expect(strayCookiesCleared('accessToken=a; accessToken=b', ['accessToken'], place)).toEqual([
      'accessToken=; Path=/dashboard; Max-Age=0',
    ])
  })

  it('stays below 4 KiB whatever the address, and a path cannot write attributes of its own', () => {
    for (const path of ['/a'.repeat(100), `/${'x'.repeat(500)}`, '/a;Domain=evil.test/b', '/a%3B/b;c/d']) {
      const lines = strayCookiesCleared(`${twice}; ${twice}`, names, {
        ...wide,
        hostname: 'very.deep.app.example.com',
        pathname: path,
      })
      expect(lines.join('\r\nset-cookie: ').length).toBeLessThan(4096)
      expect(lines.join()).not.toMatch(/evil|;c/)
    }
  })
})
