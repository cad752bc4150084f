import { describe, expect, it } from 'vitest'
import { resolveConfiguration } from '../config/configuration.ts'
import { testCredentials } from '../testing/credentials.ts'
import {
  appendCookies,
  appendStrayCookies,
  clearedCookies,
  cookieHeaderAfter,
  cookiesFor,
  readSessionCookies,
} from './session-cookies.ts'

const common = { server: 'http://localhost:4000', audience: 'billing-web', ...testCredentials }
const secure = resolveConfiguration({ ...common, app: 'https://app.example.com' }, {})
const local = resolveConfiguration({ ...common, app: 'http://localhost:3000' }, {})
const wide = resolveConfiguration(
  { ...common, app: 'https://app.example.com', cookieDomain: 'example.com' },
  {},
)
const tokens = { accessToken: 'aaa.bbb.ccc', refreshToken: 'rrr', expiresIn: 600 }

function written(changes: ReturnType<typeof cookiesFor>, config = secure): string[] {
  const headers = new Headers()
  appendCookies(headers, changes, config)
  expect(headers.get('cache-control')).toBe('private, no-store')
  return headers.getSetCookie()
}

describe('the two cookies', () => {
  it('CK-01, BFF-02, BFF-03: over https they are __Host-, HttpOnly, Secure, SameSite=Strict, Path=/ without a Domain', () => {
    expect(written(cookiesFor(tokens, secure))).toEqual([
      '__Host-accessToken=aaa.bbb.ccc; Path=/; Max-Age=600; HttpOnly; SameSite=Strict; Secure',
      '__Host-refreshToken=rrr; Path=/; Max-Age=7776000; HttpOnly; SameSite=Strict; Secure',
    ])
  })

  it('on http://localhost they have plain names and no Secure', () => {
    expect(written(cookiesFor(tokens, local), local)[0]).toBe(
      'accessToken=aaa.bbb.ccc; Path=/; Max-Age=600; HttpOnly; SameSite=Strict',
    )
  })

  it('CK-01: below a shared parent domain they are __Secure- with that Domain, and cleared there', () => {
    expect(written(cookiesFor(tokens, wide), wide)).toEqual([
      '__Secure-accessToken=aaa.bbb.ccc; Path=/; Max-Age=600; HttpOnly; SameSite=Strict; Domain=example.com; Secure',
      '__Secure-refreshToken=rrr; Path=/; Max-Age=7776000; HttpOnly; SameSite=Strict; Domain=example.com; Secure',
    ])
    expect(written(clearedCookies(wide), wide)[0]).toBe(
      '__Secure-accessToken=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Domain=example.com; Secure',
    )
    expect(readSessionCookies('__Host-accessToken=a', wide)).toEqual({ kind: 'none' })
  })

  it('S03, CK-06: second ones are cleared wherever they may stand, the device cookie’s too', () => {
    const headers = new Headers()
    const twice = (name: string) => `${name}=a; ${name}=b`
    const sent = [wide.cookies.accessToken, wide.deviceCookie].map(twice).join('; ')
    appendStrayCookies(headers, sent, '/dashboard', wide)
    for (const name of ['__Secure-accessToken', '__Secure-sallyport_device'])
      for (const domain of ['; Domain=app.example.com', ''])
        for (const path of ['/', '/dashboard'])
          expect(headers.getSetCookie()).toContain(`${name}=; Path=${path}; Max-Age=0${domain}; Secure`)
    expect(headers.get('cache-control')).toBe('private, no-store')
    appendStrayCookies(headers, twice('__Host-accessToken'), '//evil.test/', secure)
    expect(headers.getSetCookie().join()).not.toContain('__Host-')
  })

  it('CK-08: clearing repeats the attributes with Max-Age=0', () => {
    expect(written(clearedCookies(secure))[1]).toBe(
      '__Host-refreshToken=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure',
    )
  })

  it('CK-06, S03: a name that comes twice is a conflict, whatever the values', () => {
    expect(readSessionCookies('__Host-accessToken=a; x=1; __Host-accessToken=b', secure)).toEqual({
      kind: 'conflict',
    })
    expect(readSessionCookies('__Host-refreshToken=a; __Host-refreshToken=a', secure)).toEqual({
      kind: 'conflict',
    })
  })

  it.each([
    '__HOST-accessToken=a',
    '\u2000__Host-accessToken=a',
    '=__Host-accessToken=a',
    'accessToken=a',
    '__Secure-accessToken=a',
    '__Host-accessToken',
  ])('CK-03, S04: the look-alike %j is not ours', (header) =>
    expect(readSessionCookies(header, secure)).toEqual({ kind: 'none' }),
  )

  it('reads what it wrote', () => {
    expect(
      readSessionCookies(
        cookieHeaderAfter('theme=dark; __Host-accessToken=old', cookiesFor(tokens, secure)),
        secure,
      ),
    ).toEqual({
      kind: 'tokens',
      accessToken: 'aaa.bbb.ccc',
      refreshToken: 'rrr',
    })
  })
})

describe('the Cookie header that a render sees after a change', () => {
  it('keeps foreign cookies, replaces ours, and drops cleared ones', () => {
    const header = 'theme=dark; __Host-accessToken=old; __Host-refreshToken=old'
    expect(cookieHeaderAfter(header, cookiesFor(tokens, secure))).toBe(
      'theme=dark; __Host-accessToken=aaa.bbb.ccc; __Host-refreshToken=rrr',
    )
    expect(cookieHeaderAfter(header, clearedCookies(secure))).toBe('theme=dark')
    expect(cookieHeaderAfter(null, [])).toBe('')
  })
})
