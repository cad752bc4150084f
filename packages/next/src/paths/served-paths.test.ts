import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  browserPath,
  redirectAddress,
  requireSameBasePath,
  servedPaths,
  writtenPath,
} from './served-paths.ts'

afterEach(() => vi.unstubAllEnvs())

it('reads basePath and trailingSlash from the bundle', () => {
  expect(servedPaths()).toEqual({ basePath: '', addsSlash: false })
  vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/app')
  vi.stubEnv('__NEXT_TRAILING_SLASH', 'true')
  expect(servedPaths()).toEqual({ basePath: '/app', addsSlash: true })
  vi.stubEnv('__NEXT_MANUAL_TRAILING_SLASH', 'true')
  expect(servedPaths()).toEqual({ basePath: '/app', addsSlash: false })
})

describe('the path in the browser', () => {
  const plain = { basePath: '', addsSlash: false }
  const below = { basePath: '/app', addsSlash: false }
  const slash = { basePath: '', addsSlash: true }
  const both = { basePath: '/app', addsSlash: true }

  it.each([
    ['/', plain, '/'],
    ['/login?a=/b', plain, '/login?a=/b'],
    ['/', below, '/app'],
    ['/?a', below, '/app?a'],
    ['/login', below, '/app/login'],
    ['/', slash, '/'],
    ['/login', slash, '/login/'],
    ['/login/', slash, '/login/'],
    ['/login?a=b.c', slash, '/login/?a=b.c'],
    ['/login#a/b', slash, '/login/#a/b'],
    ['/a.pdf', slash, '/a.pdf'],
    ['/a.b/c', slash, '/a.b/c/'],
    ['/.well-known/change-password', slash, '/.well-known/change-password'],
    ['/a/.well-known/x', slash, '/a/.well-known/x/'],
    ['/.well-knownx', slash, '/.well-knownx'],
    ['/', both, '/app/'],
    ['/login', both, '/app/login/'],
  ])('%s with %j: %s', (path, served, address) => {
    expect(browserPath(path, served)).toBe(address)
  })

  it.each([
    ['/', plain, '/'],
    ['/a/', plain, '/a/'],
    ['/a/', slash, '/a'],
    ['/a', slash, '/a'],
    ['/', slash, '/'],
  ])('shows %s with %j as %s', (address, served, path) => {
    expect(writtenPath(address, served)).toBe(path)
  })
})

it('gives redirect() the path, or with a basePath the full URL', () => {
  const appUrl = new URL('https://app.example.com')
  expect(redirectAddress('/login', appUrl)).toBe('/login')
  vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/app')
  expect(redirectAddress('/login', appUrl)).toBe('https://app.example.com/app/login')
})

it('throws a TypeError if the request and the bundle have different basePaths', () => {
  requireSameBasePath('')
  expect(() => requireSameBasePath('/app')).toThrow(TypeError)
  vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/app')
  requireSameBasePath('/app')
  requireSameBasePath('')
  expect(() => requireSameBasePath('/other')).toThrow(/below "\/other".*basePath "\/app"/)
})
