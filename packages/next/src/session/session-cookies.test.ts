import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../config/config.ts'
import { testCredentials } from '../testing/credentials.ts'
import {
  appendClearedDuplicates,
  appendCookies,
  clearedCookies,
  cookieHeaderAfter,
  cookiesFor,
  readSessionCookies,
} from './session-cookies.ts'

const common = { server: 'http://localhost:4000', audience: 'billing-web', ...testCredentials }
const secure = readConfig({ ...common, app: 'https://app.example.com' }, {})
const local = readConfig({ ...common, app: 'http://localhost:3000' }, {})
const wide = readConfig({ ...common, app: 'https://app.example.com', cookieDomain: 'example.com' }, {})
const tokens = { accessToken: 'aaa.bbb.ccc', refreshToken: 'rrr', expiresIn: 600 }

const markPair = (of: typeof tokens) => {
  const mark = cookiesFor(of, secure)[2]
  return `${mark?.name}=${mark?.value}`
}

function written(changes: ReturnType<typeof cookiesFor>, config = secure): string[] {
  const headers = new Headers()
  appendCookies(headers, changes, config)
  expect(headers.get('cache-control')).toBe('private, no-store')
  return headers.getSetCookie()
}

describe('the cookies of a session', () => {
  it('over https are __Host-, HttpOnly, Secure, SameSite=Strict, Path=/, without Domain [CK-01, BFF-02, BFF-03]', () => {
    expect(written(cookiesFor(tokens, secure)).slice(0, 2)).toEqual([
      '__Host-accessToken=aaa.bbb.ccc; Path=/; Max-Age=600; HttpOnly; SameSite=Strict; Secure',
      '__Host-refreshToken=rrr; Path=/; Max-Age=7776000; HttpOnly; SameSite=Strict; Secure',
    ])
  })

  it('on http://localhost have plain names and no Secure', () => {
    expect(written(cookiesFor(tokens, local), local)[0]).toBe(
      'accessToken=aaa.bbb.ccc; Path=/; Max-Age=600; HttpOnly; SameSite=Strict',
    )
  })

  it('with a shared parent domain are __Secure- with that Domain [CK-01]', () => {
    expect(written(cookiesFor(tokens, wide), wide).slice(0, 2)).toEqual([
      '__Secure-accessToken=aaa.bbb.ccc; Path=/; Max-Age=600; HttpOnly; SameSite=Strict; Domain=example.com; Secure',
      '__Secure-refreshToken=rrr; Path=/; Max-Age=7776000; HttpOnly; SameSite=Strict; Domain=example.com; Secure',
    ])
    expect(written(clearedCookies(wide), wide)[0]).toBe(
      '__Secure-accessToken=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Domain=example.com; Secure',
    )
    expect(readSessionCookies('__Host-accessToken=a', wide)).toEqual({ kind: 'none' })
  })

  it('are cleared at every domain and path if duplicates exist [S03, CK-06]', () => {
    const headers = new Headers()
    const twice = (name: string) => `${name}=a; ${name}=b`
    const sent = [wide.cookies.accessToken, wide.deviceCookie, wide.sessionMark].map(twice).join('; ')
    appendClearedDuplicates(headers, sent, '/dashboard', wide)
    for (const name of ['__Secure-accessToken', '__Secure-sallyport_device', '__Secure-sallyport_session'])
      for (const domain of ['; Domain=app.example.com', ''])
        for (const path of ['/', '/dashboard'])
          expect(headers.getSetCookie()).toContain(`${name}=; Path=${path}; Max-Age=0${domain}; Secure`)
    expect(headers.get('cache-control')).toBe('private, no-store')
    appendClearedDuplicates(headers, twice('__Host-accessToken'), '//evil.test/', secure)
    expect(headers.getSetCookie().join()).not.toContain('__Host-')
  })

  it('include one marker that scripts can read', () => {
    expect(written(cookiesFor(tokens, secure))[2]).toMatch(
      /^__Host-sallyport_session=[\w-]{8}; Path=\/; Max-Age=7776000; SameSite=Strict; Secure$/,
    )
    expect(written(cookiesFor({ ...tokens, refreshToken: null }, local), local)[2]).toMatch(
      /^sallyport_session=[\w-]{8}; Path=\/; Max-Age=600; SameSite=Strict$/,
    )
    expect(written(clearedCookies(secure))[2]).toBe(
      '__Host-sallyport_session=; Path=/; Max-Age=0; SameSite=Strict; Secure',
    )
  })

  it('have a marker for each token, which reveals nothing of it', () => {
    expect(markPair(tokens)).toBe(markPair({ ...tokens, expiresIn: 1 }))
    expect(markPair(tokens)).not.toBe(markPair({ ...tokens, accessToken: 'another' }))
    for (const digest of ['base64url', 'hex'] as const)
      expect(createHash('sha256').update(tokens.accessToken).digest(digest)).not.toContain(
        markPair(tokens).split('=')[1],
      )
  })

  it('are cleared with the same attributes and Max-Age=0 [CK-08]', () => {
    expect(written(clearedCookies(secure))[1]).toBe(
      '__Host-refreshToken=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure',
    )
  })

  it('are in conflict if a name occurs twice [CK-06, S03]', () => {
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
  ])('do not include the similar name %j [CK-03, S04]', (header) =>
    expect(readSessionCookies(header, secure)).toEqual({ kind: 'none' }),
  )

  it('are read as they were written', () => {
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

it('keeps Cache-Control of a response that sets no cookie', () => {
  const headers = new Headers({ 'cache-control': 'max-age=60' })
  appendCookies(headers, [], secure)
  appendClearedDuplicates(headers, '__Host-accessToken=a; theme=dark; theme=light', '/', secure)
  expect(Object.fromEntries(headers)).toEqual({ 'cache-control': 'max-age=60' })
})

describe('the Cookie header that a render sees after a change', () => {
  it('keeps foreign cookies, replaces ours, and drops cleared ones', () => {
    const header = 'theme=dark; __Host-accessToken=old; __Host-refreshToken=old'
    expect(cookieHeaderAfter(header, cookiesFor(tokens, secure))).toBe(
      `theme=dark; __Host-accessToken=aaa.bbb.ccc; __Host-refreshToken=rrr; ${markPair(tokens)}`,
    )
    expect(cookieHeaderAfter(header, clearedCookies(secure))).toBe('theme=dark')
    expect(cookieHeaderAfter(null, [])).toBe('')
    expect(cookieHeaderAfter(';a=1;; b=2 ;', [])).toBe('a=1; b=2')
    expect(cookieHeaderAfter('__Host-accessToken =old; a', clearedCookies(secure))).toBe('a')
  })
})
