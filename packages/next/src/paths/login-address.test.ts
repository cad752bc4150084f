import { NextRequest } from 'next/server.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readConfig } from '../config/config.ts'
import { authProxy } from '../proxy/auth-proxy.ts'
import { pagePathHeader } from '../request/page-path.ts'
import { testCredentials } from '../testing/credentials.ts'
import { isLoginPath, loginAddress, loginRedirect } from './login-address.ts'

const options = {
  server: 'http://localhost:4000',
  audience: 'web',
  app: 'http://localhost:3000',
  ...testCredentials,
}
const of = (more: object) => readConfig({ ...options, ...more }, {})
afterEach(() => vi.unstubAllEnvs())

describe('throws a TypeError for an invalid sign-in path', () => {
  it.each([
    ['login'],
    ['/login?x=1'],
    ['/a/../login'],
    ['//evil.example'],
    ['/login/*'],
    ['https://evil.example/login'],
    ['/%2e%2e/login'],
    [7],
  ])('refuses %j at the first request', (loginPath) => {
    for (const option of ['loginPath', 'homePath']) {
      expect(() => of({ [option]: loginPath })).toThrow(TypeError)
      expect(() => of({ [option]: loginPath })).toThrow(option)
    }
    expect(() => loginAddress(of({ loginPath: () => loginPath }), '/x', null)).toThrow(/`loginPath`/)
  })

  it('refuses a function that would cause an endless redirect', () => {
    const place = of({ loginPath: (pathname: string) => `${pathname.replace(/\/$/, '')}/login` })
    expect(() => loginAddress(place, '/de', null)).toThrow(/never end/)
    expect(() => isLoginPath(place, '/de/login')).toThrow(TypeError)
  })

  it.each(['app', '/app/', '//x', '/a/../b', '/*', 7, null])(
    'refuses the `loginBasePath` %j',
    (loginBasePath) => {
      expect(() => of({ loginBasePath })).toThrow(/`loginBasePath`/)
    },
  )
})

it('finds a sign-in page with non-ASCII letters in every encoding, and encodes its URL', () => {
  for (const loginPath of ['/anmelden/für-alle', '/anmelden/f%C3%BCr-alle', '/anmelden/f%c3%bcr-alle/']) {
    const place = of({ loginPath })
    expect(isLoginPath(place, '/anmelden/f%C3%BCr-alle')).toBe(true)
    expect(isLoginPath(place, '/anmelden/f%c3%bcr-alle/')).toBe(true)
    expect(new URL(loginAddress(place, null, null), options.app).pathname).toMatch(
      /^\/anmelden\/f%c3%bcr-alle/i,
    )
  }
})

it('calls loginPath with a normalized path, or the home page for unreadable paths', () => {
  const seen: string[] = []
  const place = of({
    loginPath: (pathname: string) => {
      seen.push(pathname)
      return '/login'
    },
  })
  for (const pathname of ['/de/x/', '/%C3%BCber', '/%c3%bcber/', '/a/..%2fb', null])
    loginAddress(place, pathname, null)
  expect(seen.filter((pathname) => pathname !== '/login')).toEqual([
    '/de/x',
    '/%C3%BCber',
    '/%C3%BCber',
    '/',
    '/',
  ])
})

it('finds the sign-in page only if `loginBasePath` is the basePath of this app', () => {
  for (const [own, loginBasePath, isHere] of [
    ['', '', true],
    ['', '/account', false],
    ['/blog', '/blog', true],
    ['/blog', '', false],
    ['/blog', undefined, true],
  ] as const) {
    vi.stubEnv('__NEXT_ROUTER_BASEPATH', own)
    expect(isLoginPath(of({ loginBasePath }), '/login')).toBe(isHere)
    expect(isLoginPath(of({ loginBasePath }), '/x')).toBe(false)
  }
})

it('calls redirect() with a full URL if there is a basePath', () => {
  vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/blog')
  expect(loginRedirect(of({ loginBasePath: '' }), null, '/drafts')).toBe(
    'http://localhost:3000/login?returnTo=%2Fblog%2Fdrafts',
  )
  expect(loginRedirect(of({ loginBasePath: '/account' }), null, null)).toBe(
    'http://localhost:3000/account/login',
  )
  for (const place of [of({ loginBasePath: '/blog' }), of({})])
    expect(loginRedirect(place, null, '/drafts')).toBe('http://localhost:3000/blog/login?returnTo=%2Fdrafts')
})

describe('the path that the proxy sends to the page', () => {
  const told = async (loginPath: unknown, sent: Record<string, string> = {}) => {
    const proxy = authProxy({ ...options, publicPaths: ['/*'], loginPath } as object)
    const answer = await proxy(new NextRequest('http://localhost:3000/de/open', { headers: sent }))
    const overridden = answer.headers.get('x-middleware-override-headers')?.split(',')
    return overridden === undefined || overridden.includes(pagePathHeader)
      ? answer.headers.get(`x-middleware-request-${pagePathHeader}`)
      : 'removed'
  }
  const perLocale = (pathname: string) => (pathname.startsWith('/de/') ? '/de/login' : '/login')

  it('is sent for a loginPath function, and never taken from the browser', async () => {
    expect(await told(perLocale)).toBe('/de/open')
    expect(await told(perLocale, { [pagePathHeader]: '/fr/x' })).toBe('/de/open')
  })

  it('is not sent for a fixed sign-in path', async () => {
    expect(await told('/login')).toBeNull()
    expect(await told('/login', { [pagePathHeader]: '/fr/x' })).toBe('removed')
  })
})

it('refuses a bundle whose basePath differs from Next’s, at the first request', async () => {
  const proxy = authProxy({ ...options, publicPaths: ['/*'] })
  const ask = (nextConfig: object) =>
    proxy(
      new NextRequest('http://localhost:3000/app/x', { nextConfig } as ConstructorParameters<
        typeof NextRequest
      >[1]),
    )
  await expect(ask({ basePath: '/app' })).rejects.toThrow(/basePath/)
  await expect(ask({ basePath: '/app' })).rejects.toThrow(TypeError)
  vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/app')
  expect((await ask({ basePath: '/app' })).status).toBe(200)
})

it('keeps no memory for each sign-in page that a loginPath function returns [CWE-770]', () => {
  const place = of({ loginPath: (path: string) => (path.endsWith('/login') ? path : '/login') })
  const set = vi.spyOn(Map.prototype, 'set')
  try {
    for (let at = 0; at < 20; at++) expect(isLoginPath(place, `/${at}/login/`)).toBe(true)
    expect(set).not.toHaveBeenCalled()
  } finally {
    set.mockRestore()
  }
})
