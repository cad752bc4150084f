import { expect, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import { FlowError } from '../services/flow-error.ts'
import { testOptions } from '../testing/sallyport.ts'
import {
  clearedCookies,
  clearedDuplicatesOf,
  cookieNamesOf,
  deviceCookie,
  deviceCookieOf,
  readCookies,
  readSignInSecret,
  signInCookie,
  tokenCookies,
} from './cookies.ts'

const plain = readConfig(testOptions)
const secure = { ...plain, issuer: 'https://auth.example.com' }
const shared = { ...secure, cookieDomain: 'example.com' }
const names = cookieNamesOf(plain)
const [access, refresh] = [names.accessToken, names.refreshToken]
const nothing = { accessToken: null, refreshToken: null, carried: false }

test.each<[string | null, ReturnType<typeof readCookies>]>([
  [null, nothing],
  ['', nothing],
  ['theme=dark', nothing],
  [`${access}=a`, { accessToken: 'a', refreshToken: null, carried: true }],
  [`theme=dark; ${refresh}=r; ${access}=a`, { accessToken: 'a', refreshToken: 'r', carried: true }],
  [`${access}=; ${refresh}=`, { ...nothing, carried: true }],
  // A name of another topology: its value is never read, but it shows that the caller is a browser.
  [`${cookieNamesOf(secure).accessToken}=a`, { ...nothing, carried: true }],
  [`${cookieNamesOf(shared).refreshToken}=a; theme=dark`, { ...nothing, carried: true }],
])('of the header %j our cookies are %o', (header, cookies) => {
  expect(readCookies(header, plain)).toEqual(cookies)
})

test.each([`${access}=a; ${access}=a`, `${refresh}=r; ${access}=a; ${refresh}=`])(
  'duplicate cookies %j are refused and cleared [CK-06]',
  (header) => {
    const refused = expect.objectContaining({
      code: 'credential_conflict',
      refusal: expect.objectContaining({ clearCookies: true }),
    })
    const read = () => readCookies(header, plain)
    expect(read).toThrow(FlowError)
    try {
      read()
    } catch (error) {
      expect(error).toEqual(refused)
    }
  },
)

test('no other host of the domain can set the cookie of a sign-in at a provider, also if the other cookies have a domain [O09]', () => {
  expect(signInCookie('providerState', 'x', 600, shared)).toBe(
    '__Host-providerState=x; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure',
  )
  expect(signInCookie('pendingSignIn', 'x', 600, shared)).toContain('; Domain=example.com')
  const planted = '__Secure-providerState=planted; providerState=planted'
  expect(readSignInSecret('providerState', planted, shared)).toBeNull()
  expect(readSignInSecret('providerState', `${planted}; __Host-providerState=x`, shared)).toBe('x')
})

/** The attributes of a cookie, sorted. */
const parts = (cookie: string | undefined) => new Set(cookie?.split('; '))
const tokens = { accessToken: 'a', refreshToken: 'r', expiresIn: 300, refreshExpiresIn: 900 } as Parameters<
  typeof tokenCookies
>[0]

test('token cookies last as long as their tokens, and neither scripts nor other sites can use them', () => {
  const [a, r, ...others] = tokenCookies(tokens, secure)
  expect(others).toEqual([])
  const common = ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']
  expect(parts(a)).toEqual(new Set([`${cookieNamesOf(secure).accessToken}=a`, 'Max-Age=300', ...common]))
  expect(parts(r)).toEqual(new Set([`${cookieNamesOf(secure).refreshToken}=r`, 'Max-Age=900', ...common]))
  const overHttp = parts(tokenCookies(tokens, plain)[0])
  expect(overHttp).toEqual(new Set([`${access}=a`, 'Max-Age=300', 'Path=/', 'HttpOnly', 'SameSite=Strict']))
  expect(parts(tokenCookies(tokens, shared)[1])).toContain('Domain=example.com')
})

test('the device cookie lasts 400 days, and is also sent when a user follows a link', () => {
  const common = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${400 * 24 * 60 * 60}`]
  expect(parts(deviceCookie('d', plain))).toEqual(new Set([`${deviceCookieOf(plain)}=d`, ...common]))
  expect(parts(deviceCookie('d', secure))).toEqual(
    new Set([`${deviceCookieOf(secure)}=d`, 'Secure', ...common]),
  )
})

test('clears both token cookies where they were set', () => {
  const [a, r, ...others] = clearedCookies(shared)
  expect(others).toEqual([])
  for (const [cookie, name] of [
    [a, cookieNamesOf(shared).accessToken],
    [r, cookieNamesOf(shared).refreshToken],
  ])
    expect(parts(cookie)).toEqual(
      new Set([
        `${name}=`,
        'Max-Age=0',
        'Path=/',
        'HttpOnly',
        'Secure',
        'SameSite=Strict',
        'Domain=example.com',
      ]),
    )
})

test('clears duplicate cookies of a name that is read, the device cookie included, and no single ones [CK-06]', () => {
  const stray = (cookie: string | null) =>
    clearedDuplicatesOf(
      new Request('http://localhost:4000/api/auth/session', { headers: cookie === null ? {} : { cookie } }),
      plain,
    )
  expect(stray(null)).toEqual([])
  expect(stray(`${access}=a; ${refresh}=r; ${deviceCookieOf(plain)}=d`)).toEqual([])
  for (const name of [access, refresh, deviceCookieOf(plain)]) {
    const cleared = stray(`${name}=a; ${name}=b`)
    expect(cleared.length).toBeGreaterThan(0)
    for (const cookie of cleared) expect(cookie).toMatch(new RegExp(`^${name}=;.*Max-Age=0`))
    // For each parent path of the requested address.
    expect(cleared.some((cookie) => cookie.includes('Path=/api/auth'))).toBe(true)
  }
})
