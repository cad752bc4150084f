import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allCookieNames,
  clearedDuplicateCookies,
  cookieDomainsOf,
  cookieNames,
  deviceCookieMaxAgeSeconds,
  deviceCookieName,
  readCookie,
  serializeCookie,
  sessionMarkName,
} from './cookies.ts'

describe('reading', () => {
  it('returns all values of the exact name, in order [CK-06]', () => {
    expect(readCookie('a=1; b=2; a=3', 'a')).toEqual(['1', '3'])
    expect(readCookie('a=1;a=2,a=3', 'a')).toEqual(['1', '2,a=3'])
    expect(readCookie(null, 'a')).toEqual([])
    expect(readCookie(' \ta\t = \t1 2\t ;b=3', 'a')).toEqual(['1 2'])
    expect(readCookie('=1; a=', '')).toEqual(['1'])
    expect(readCookie('a=', 'a')).toEqual([''])
    expect(readCookie(';a=1', 'a')).toEqual(['1'])
    expect(readCookie(';;a=1;', 'a')).toEqual(['1'])
    expect(readCookie('b=1;aX', 'a')).toEqual([])
    expect(readCookie('a;b=1', 'a')).toEqual([])
  })

  it.each(['A=1', ' \u2000a=1', '=a=1', 'a', 'xa=1', '$a=1', '"a"=1'])(
    '%j is not the cookie a [CK-03, S04]',
    (header) => {
      expect(readCookie(header, 'a')).toEqual([])
    },
  )

  it('reads any header in linear time, without an exception [D04]', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (header) =>
        Array.isArray(readCookie(header, 'a')),
      ),
    )
    expect(readCookie('a=1;'.repeat(100_000), 'a')).toHaveLength(100_000)
  })
})

describe('writing', () => {
  it('refuses characters that could end a cookie or a header [CK-07, X03]', () => {
    for (const value of ['a;b', 'a\r\nSet-Cookie: x=y', 'a b', 'a,b', 'a"b', 'é', 'a\0']) {
      expect(() => serializeCookie('accessToken', value, { secure: true, maxAgeSeconds: 1 })).toThrow(
        TypeError,
      )
    }
    for (const name of ['a;b', '', 'a b', ' a', 'a ', 'a=b'])
      expect(() => serializeCookie(name, 'x', { secure: true, maxAgeSeconds: 1 })).toThrow(TypeError)
    for (const value of [' a', 'a ', ';a'])
      expect(() => serializeCookie('a', value, { secure: true, maxAgeSeconds: 1 })).toThrow(TypeError)
    expect(serializeCookie('a.b-c', 'a.b_c~d-e', { secure: false, maxAgeSeconds: 0 })).toBe(
      'a.b-c=a.b_c~d-e; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    )
    expect(serializeCookie('a', '', { secure: false, maxAgeSeconds: 0 })).toContain('a=; Path=/')
  })

  it('refuses a cookie that is too long for browsers [CK-04]', () => {
    expect(() =>
      serializeCookie('accessToken', 'a'.repeat(4096), { secure: true, maxAgeSeconds: 1 }),
    ).toThrow(/4,096/)
    const longest = 'a'.repeat(4096 - 'accessToken'.length)
    expect(() => serializeCookie('accessToken', longest, { secure: true, maxAgeSeconds: 1 })).not.toThrow()
    expect(() => serializeCookie('accessToken', `${longest}a`, { secure: true, maxAgeSeconds: 1 })).toThrow(
      /4,096/,
    )
  })

  it('refuses a __Host- cookie without Secure or with a Domain [CK-01]', () => {
    expect(() => serializeCookie('__Host-accessToken', 'x', { secure: false, maxAgeSeconds: 1 })).toThrow(
      TypeError,
    )
    expect(() =>
      serializeCookie('__Host-accessToken', 'x', { secure: true, domain: 'example.com', maxAgeSeconds: 1 }),
    ).toThrow(TypeError)
  })

  it('always sets SameSite [CK-09]', () => {
    expect(serializeCookie('accessToken', 'x', { secure: false, maxAgeSeconds: 5 })).toBe(
      'accessToken=x; Path=/; Max-Age=5; HttpOnly; SameSite=Strict',
    )
    expect(
      serializeCookie('__Secure-accessToken', 'x', { secure: true, domain: 'example.com', maxAgeSeconds: 5 }),
    ).toContain('; Domain=example.com; Secure')
  })

  it('is HttpOnly and SameSite=Strict unless an attribute says otherwise [CK-09]', () => {
    expect(
      serializeCookie('__Host-mark', 'x', {
        secure: true,
        maxAgeSeconds: 5,
        isReadable: true,
        sameSite: 'lax',
      }),
    ).toBe('__Host-mark=x; Path=/; Max-Age=5; SameSite=Lax; Secure')
    expect(serializeCookie('a', 'x', { secure: false, maxAgeSeconds: 5, sameSite: 'strict' })).toContain(
      'HttpOnly; SameSite=Strict',
    )
  })

  it('gives each cookie the prefix of its topology', () => {
    const topologies = [{ secure: true }, { secure: true, domain: 'example.com' }, { secure: false }]
    const prefixes = ['__Host-', '__Secure-', '']
    expect(topologies.map((topology) => cookieNames(topology))).toEqual(
      prefixes.map((prefix) => ({
        accessToken: `${prefix}accessToken`,
        refreshToken: `${prefix}refreshToken`,
      })),
    )
    expect(topologies.map(deviceCookieName)).toEqual(prefixes.map((prefix) => `${prefix}sallyport_device`))
    expect(deviceCookieMaxAgeSeconds / 86_400).toBe(400)
    expect(topologies.map(sessionMarkName)).toEqual(prefixes.map((prefix) => `${prefix}sallyport_session`))
  })

  it('lists the names of all topologies', () => {
    const all = [
      cookieNames({ secure: true }),
      cookieNames({ secure: true, domain: 'example.com' }),
      cookieNames({ secure: false }),
    ].flatMap((names) => Object.values(names))
    expect([...all].sort()).toEqual([...allCookieNames].sort())
  })
})

describe('clearing duplicates of our cookies [CK-06]', () => {
  const wide = { hostname: 'app.example.com', pathname: '/orders/7', secure: true, domain: 'example.com' }
  const names = ['__Secure-accessToken', '__Secure-refreshToken']
  const twice = '__Secure-accessToken=a; __Secure-accessToken=b; __Secure-refreshToken=c'

  it('clears all domains and paths that may have sent the duplicate, except our own', () => {
    const lines = clearedDuplicateCookies(twice, names, wide)
    for (const path of ['/', '/orders', '/orders/', '/orders/7'])
      for (const domain of ['', '; Domain=app.example.com', '; Domain=example.com'])
        for (const partition of ['', '; Partitioned']) {
          const line = `__Secure-accessToken=; Path=${path}; Max-Age=0${domain}; Secure${partition}`
          const isOwn = path === '/' && domain === '; Domain=example.com' && partition === ''
          expect(lines.includes(line), line).toBe(!isOwn)
        }
    expect(lines.join()).not.toContain('refreshToken')
    expect(new Set(lines).size).toBe(lines.length)
  })

  it('clears nothing if each name came once, or belongs to another topology', () => {
    expect(clearedDuplicateCookies('__Secure-accessToken=a', names, wide)).toEqual([])
    expect(clearedDuplicateCookies('accessToken=a; accessToken=b', names, wide)).toEqual([])
    expect(clearedDuplicateCookies(null, names, wide)).toEqual([])
  })

  it('clears on plain localhost by path only', () => {
    const place = { hostname: 'localhost', pathname: '/dashboard', secure: false }
    expect(clearedDuplicateCookies('accessToken=a; accessToken=b', ['accessToken'], place)).toEqual([
      'accessToken=; Path=/dashboard; Max-Age=0',
    ])
  })

  it('clears no __Host- cookie, which cannot have a duplicate', () => {
    const doubled = '__Host-accessToken=a; __Host-accessToken=b'
    expect(clearedDuplicateCookies(doubled, ['__Host-accessToken'], { ...wide, domain: undefined })).toEqual(
      [],
    )
  })

  it('clears the root path too if the host sets no cookies itself', () => {
    const place = { hostname: 'localhost', pathname: '/', secure: false, domain: null }
    expect(clearedDuplicateCookies('accessToken=a; accessToken=b', ['accessToken'], place)).toEqual([
      'accessToken=; Path=/; Max-Age=0',
    ])
  })

  it('reads at most five segments of a path and returns at most thirty-two lines', () => {
    const place = { hostname: 'localhost', secure: false, domain: undefined }
    const pathsOf = (pathname: string) =>
      clearedDuplicateCookies('a=1; a=2', ['a'], { ...place, pathname }).map(
        (line) => line.split(/=; Path=|;/)[1],
      )
    expect(pathsOf('/1/2/3/4/5/6')).toEqual([
      ...['/1', '/1/', '/1/2', '/1/2/', '/1/2/3', '/1/2/3/', '/1/2/3/4', '/1/2/3/4/', '/1/2/3/4/5'],
    ])
    expect(pathsOf('/1//3')).toEqual(['/1'])
    expect(pathsOf('/1/a b/3')).toEqual(['/1'])
    expect(pathsOf('/1/a\u0001b/3')).toEqual(['/1'])
    expect(pathsOf(`/${'x'.repeat(200)}`)).toHaveLength(1)
    expect(pathsOf(`/${'x'.repeat(201)}`)).toEqual([])
    expect(pathsOf(`/1/${'x'.repeat(198)}`)).toHaveLength(3)
    expect(pathsOf(`/1/${'x'.repeat(199)}`)).toEqual(['/1'])
    expect(clearedDuplicateCookies(twice, names, { ...wide, pathname: '/1/2/3/4/5' })).toHaveLength(32)
  })

  it('lists the domains whose cookies a host receives', () => {
    expect(cookieDomainsOf('a.app.example.com')).toEqual([
      'a.app.example.com',
      'app.example.com',
      'example.com',
    ])
    expect(cookieDomainsOf('localhost')).toEqual([])
  })

  it('stays below 4 KiB for any address, and a path cannot add attributes', () => {
    for (const path of ['/a'.repeat(100), `/${'x'.repeat(500)}`, '/a;Domain=evil.test/b', '/a%3B/b;c/d']) {
      const lines = clearedDuplicateCookies(`${twice}; ${twice}`, names, {
        ...wide,
        hostname: 'very.deep.app.example.com',
        pathname: path,
      })
      expect(lines.join('\r\nset-cookie: ').length).toBeLessThan(4096)
      expect(lines.join()).not.toMatch(/evil|;c/)
    }
  })
})
