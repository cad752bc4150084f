import { describe, expect, it, vi } from 'vitest'
import { configAt } from '../request/config-at.ts'
import { isForeign, isOwnOrigin } from '../request/origin.ts'
import { testCredentials } from '../testing/credentials.ts'
import { readConfig } from './config.ts'

const base = { ...testCredentials, server: 'http://localhost:4000', audience: 'web' }
const list = 'https://app.example.com, https://*.preview.example.com,https://my-app-*-team.vercel.app'
const resolve = (app: string | string[], more = {}) => readConfig({ ...base, app, ...more }, {})

describe('allows plain http only on this machine', () => {
  it.each(['http://localhost:3000', 'http://app.localhost', 'http://127.10.20.30:3000', 'http://[::1]:3000'])(
    'accepts %s',
    (app) => expect(resolve(app).appUrl.origin).toBe(app),
  )

  it.each(['http://10.0.0.1:3000', 'http://127.0.0.1.example.com', 'http://localhost.example.com'])(
    'refuses %s',
    (app) => expect(() => resolve(app)).toThrow(/Use https/),
  )
})

describe('refuses an invalid list of origins', () => {
  it.each([
    ['https://*.com', /anybody can register/],
    ['https://*.vercel.app', /the name of your project/],
    ['http://*.example.com', /plain http/],
    ['https://app.*.example.com', /left-most label/],
    ['https://app.example.com,', /`app` is not set/],
    ['https://app.example.com,https://other.example/path', /without a path/],
    ['https://app.example.com,http://other.example', /Use https/],
    ['https://app.example.com,http://localhost:3000', /https and plain http/],
    [[], /`app` is not set/],
    [['https://app.example.com', 7 as never], /must be an http or https address/],
  ])('%j', (app, message) => {
    expect(() => resolve(app as string)).toThrow(TypeError)
    expect(() => resolve(app as string)).toThrow(message)
  })

  it('with a basePath, because redirects of actions cannot know the origin', () => {
    vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/app')
    try {
      expect(() => resolve(list)).toThrow(/basePath/)
      expect(resolve('https://app.example.com').appOrigins).toBeNull()
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('with a cookie domain that is not a parent of all origins', () => {
    const cookieDomain = 'example.com'
    expect(() => resolve(list, { cookieDomain })).toThrow(/not an https address below it/)
    const below = 'https://app.example.com,https://*.preview.example.com'
    expect(resolve(below, { cookieDomain }).cookieDomain).toBe(cookieDomain)
  })
})

const of = (headers: Record<string, string>) => new Headers(headers)

describe('the host of a request chooses its origin [X05]', () => {
  const config = resolve(list)
  const at = (headers: Record<string, string>, hops = 0) =>
    configAt({ ...config, trustedProxyHops: hops }, of(headers))?.appUrl.origin ?? null

  it.each([
    ['app.example.com', 'https://app.example.com'],
    ['pr-7.preview.example.com', 'https://pr-7.preview.example.com'],
    ['my-app-3k2j-team.vercel.app', 'https://my-app-3k2j-team.vercel.app'],
    ['evil.example', null],
    ['a.b.preview.example.com', null],
    ['preview.example.com', null],
    ['x.preview.example.com', 'https://x.preview.example.com'],
  ])('%s: %s', (host, origin) => expect(at({ host })).toBe(origin))

  it('uses X-Forwarded-Host only of a trusted proxy, and if Host is unknown', () => {
    const forwarded = { host: 'internal:3000', 'x-forwarded-host': 'pr-7.preview.example.com' }
    expect(at(forwarded)).toBeNull()
    expect(at(forwarded, 1)).toBe('https://pr-7.preview.example.com')
    expect(at({ ...forwarded, host: 'app.example.com' }, 1)).toBe('https://app.example.com')
    expect(at({ host: 'internal', 'x-forwarded-host': 'evil.example' }, 1)).toBeNull()
    expect(at({ host: 'evil.example', forwarded: 'host=app.example.com' }, 1)).toBeNull()
    expect(at({})).toBeNull()
  })

  it('uses the only origin for every Host header', () => {
    const one = resolve('https://app.example.com')
    expect(one.appOrigins).toBeNull()
    expect(configAt(one, of({ host: 'anything' }))).toBe(one)
  })

  it('accepts a list that starts with a pattern', () => {
    const only = resolve(['https://*.preview.example.com'])
    expect(configAt(only, of({ host: 'a.preview.example.com' }))?.appUrl.host).toBe('a.preview.example.com')
    expect(only.cookies.accessToken).toBe('__Host-accessToken')
  })
})

describe('Origin must be the origin of the request, not another of the list [C05]', () => {
  const config = resolve(list)
  it.each([
    ['app.example.com', 'https://app.example.com', true],
    ['pr-7.preview.example.com', 'https://pr-7.preview.example.com', true],
    ['app.example.com', 'https://pr-7.preview.example.com', false],
    ['pr-7.preview.example.com', 'https://pr-8.preview.example.com', false],
    ['pr-7.preview.example.com', 'https://app.example.com', false],
    ['evil.example', 'https://evil.example', false],
    ['evil.example', 'https://app.example.com', false],
  ])('to %s from %s: %s', (host, origin, isOwn) => {
    expect(isOwnOrigin(of({ host, origin }), config)).toBe(isOwn)
    expect(isForeign(of({ host, origin, 'sec-fetch-site': 'same-origin' }), config)).toBe(!isOwn)
  })

  it('refuses every request to an unknown host', () => {
    for (const headers of [{}, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-mode': 'navigate' }])
      expect(isForeign(of({ host: 'evil.example', ...headers }), config)).toBe(true)
    expect(isForeign(of({ host: 'app.example.com' }), config)).toBe(false)
    expect(isOwnOrigin(of({ host: 'evil.example' }), config)).toBe(false)
  })
})
