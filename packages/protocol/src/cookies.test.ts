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
  it('CK-06: gives every value under the exact name, in order', () => {
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
    for (const name of ['a;b', '', 'a b', ' a', 'a ', 'a=b'])
      expect(() => serializeCookie(name, 'x', { secure: true, maxAgeSeconds: 1 })).toThrow(TypeError)
    for (const value of [' a', 'a ', ';a'])
      expect(() => serializeCookie('a', value, { secure: true, maxAgeSeconds: 1 })).toThrow(TypeError)
    expect(serializeCookie('a.b-c', 'a.b_c~d-e', { secure: false, maxAgeSeconds: 0 })).toBe(
      'a.b-c=a.b_c~d-e; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    )
    expect(serializeCookie('a', '', { secure: false, maxAgeSeconds: 0 })).toContain('a=; Path=/')
  })

  it('CK-04: a cookie that browsers would drop whole is refused', () => {
    expect(() =>
      serializeCookie('accessToken', 'a'.repeat(4096), { secure: true, maxAgeSeconds: 1 }),
    ).toThrow(/4,096/)
    const longest = 'a'.repeat(4096 - 'accessToken'.length)
    expect(() => serializeCookie('accessToken', longest, { secure: true, maxAgeSeconds: 1 })).not.toThrow()
    expect(() => serializeCookie('accessToken', `${longest}a`, { secure: true, maxAgeSeconds: 1 })).toThrow(
      /4,096/,
    )
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

  it('CK-09: scripts can read only what is meant for them, and Lax is for what asks for it', () => {
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

  it('each of our cookies has the prefix that its topology allows', () => {
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

  it('does nothing where each name came once, nor for names of another topology', () => {
    expect(clearedDuplicateCookies('__Secure-accessToken=a', names, wide)).toEqual([])
    expect(clearedDuplicateCookies('accessToken=a; accessToken=b', names, wide)).toEqual([])
    expect(clearedDuplicateCookies(null, names, wide)).toEqual([])
  })

  it('on plain localhost: by path alone', () => {
    const place = { hostname: 'localhost', pathname: '/dashboard', secure: false }
    expect(clearedDuplicateCookies('accessToken=a; accessToken=b', ['accessToken'], place)).toEqual([
      'accessToken=; Path=/dashboard; Max-Age=0',
    ])
  })

  it('a __Host- cookie has one place only, so nothing of it can stand twice', () => {
    const doubled = '__Host-accessToken=a; __Host-accessToken=b'
    expect(clearedDuplicateCookies(doubled, ['__Host-accessToken'], { ...wide, domain: undefined })).toEqual(
      [],
    )
  })

  it('where the host sets no cookies itself, its own place is cleared too', () => {
    const place = { hostname: 'localhost', pathname: '/', secure: false, domain: null }
    expect(clearedDuplicateCookies('accessToken=a; accessToken=b', ['accessToken'], place)).toEqual([
      'accessToken=; Path=/; Max-Age=0',
    ])
  })

  it('takes five segments of a path, and thirty-two lines', () => {
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

  it('the domains under which a host may have been given a cookie', () => {
    expect(cookieDomainsOf('a.app.example.com')).toEqual([
      'a.app.example.com',
      'app.example.com',
      'example.com',
    ])
    expect(cookieDomainsOf('localhost')).toEqual([])
  })

  it('stays below 4 KiB whatever the address, and a path cannot write attributes of its own', () => {
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
