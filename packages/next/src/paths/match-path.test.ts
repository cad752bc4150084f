import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesPath, readPath, requirePathPatterns } from './match-path.ts'

describe('a pattern matches its path', () => {
  it.each([
    ['/', '/'],
    ['/about', '/about'],
    ['/about', '/about/'],
    ['/about/', '/about'],
    ['/docs/*', '/docs/start'],
    ['/docs/*', '/docs/start/now/'],
    ['/docs/*', '/docs/john.doe'],
    ['/*', '/'],
    ['/*', '/anything/at/all'],
    ['/über-uns', '/%C3%BCber-uns'],
    ['/%C3%BCber-uns', '/%C3%BCber-uns'],
    ['/%c3%bcber-uns', '/%C3%BCber-uns'],
    ['/über-uns', '/%c3%bcber-uns/'],
    ['/über uns/*', '/%C3%BCber%20uns/team'],
    ['/about', '/%61bout'],
    ['/a+b', '/a%2Bb'],
    ['/docs/*', '/docs/100%25'],
    ['/docs/*', '/docs/a%2Fb'],
    ['/docs/*', '/docs/(a)/b(.)'],
    ['/docs/a%2fb', '/docs/a%2Fb'],
  ])('%j matches %j', (pattern, pathname) => {
    expect(matchesPath(pattern, pathname)).toBe(true)
  })
})

describe('a pattern does not match other paths', () => {
  it.each([
    ['/', '/about'],
    ['/about', '/about-us'],
    ['/about', '/about/team'],
    ['/about', '/About'],
    ['/docs/*', '/docs'],
    ['/docs/*', '/docs/'],
    ['/docs/*', '/docs-x'],
    ['/docs/*', '/docsx/y'],
    ['/docs/*', '/Docs/start'],
    // An encoded slash is a letter of one part: Next has no /docs/admin here.
    ['/docs/*', '/docs%2Fadmin'],
    ['/docs/a/b', '/docs/a%2Fb'],
    ['/docs/a%2Fb', '/docs/a%252Fb'],
    ['/uber-uns', '/%C3%BCber-uns'],
  ])('%j does not match %j', (pattern, pathname) => {
    expect(matchesPath(pattern, pathname)).toBe(false)
  })
})

describe('a path that servers read differently is never public', () => {
  it.each([
    '//admin',
    '/docs//admin',
    '/docs/admin//',
    '/docs/../admin',
    '/docs/./x',
    '/docs/..',
    '/docs/%2e%2e/admin',
    '/docs/%2E./admin',
    '/docs/%252e%252e/admin',
    '/docs/%25252e%25252e/admin',
    '/docs/..%2fadmin',
    '/docs/..%5cadmin',
    '/docs/..\\admin',
    '/docs/x%2f..%2f..%2fadmin',
    '/docs/..;/admin',
    '/docs/..;a=b/admin',
    '/docs/%00',
    '/docs/a%0d%0ab',
    '/docs/%c0%ae%c0%ae/admin',
    '/docs/%',
    '/docs/%zz',
    '/docs/%ff',
    '/docs/(.)admin',
    '/docs/(..)admin',
    '/(...)admin',
    '/docs/%28..%29(..)admin',
    '/docs/x?y',
    '/docs/x#y',
    'docs/x',
    '//',
    '/.',
    '/..',
    '/;/..',
    '/~/./!',
    '',
  ])('%j', (pathname) => {
    expect(readPath(pathname)).toBeNull()
    for (const pattern of ['/*', '/docs/*', '/admin', '/']) expect(matchesPath(pattern, pathname)).toBe(false)
  })
})

it('matches for /docs/* only paths below /docs, even after repeated decoding', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '%2f',
    '%2e',
    '%5c',
    '%25',
    ';',
    'a',
    'admin',
    'docs',
    '?',
    '#',
  )
  fc.assert(
    fc.property(fc.array(piece), (parts) => {
      const pathname = `/docs/${parts.join('')}`
      if (!matchesPath('/docs/*', pathname)) return
      let reading = pathname
      for (let round = 0; round < 4; round++) {
        expect(new URL(reading, 'http://a').pathname).toMatch(/^\/docs\//)
        reading = reading.replace(/%([\da-f]{2})/gi, (_, code) =>
          String.fromCharCode(Number.parseInt(code, 16)),
        )
      }
    }),
    { numRuns: 5000 },
  )
})

describe('refuses an invalid pattern', () => {
  it.each([
    [['about']],
    [['//about']],
    [['/docs/:path*']],
    [['/docs*']],
    [['/docs/*/edit']],
    [['/(.*)']],
    [['/docs/../admin']],
    [['/docs/%2e%2e/admin']],
    [['/about?x=1']],
    [['/about#team']],
    [['/100%']],
    [[null]],
    ['/about'],
    [undefined],
  ])('%j', (list) => {
    expect(() => requirePathPatterns('publicPaths', list)).toThrow(TypeError)
    expect(() => requirePathPatterns('publicPaths', list)).toThrow(/publicPaths/)
  })

  it('accepts unencoded paths', () => {
    requirePathPatterns('publicPaths', [
      '/',
      '/*',
      '/docs/*',
      '/über-uns',
      '/%C3%BCber-uns',
      '/a b',
      '/login/',
    ])
  })
})

describe('a path of the maximum length', () => {
  const long = `/%${'25'.repeat(7000)}`

  it('matches nothing if it is encoded too many times [CWE-400]', () => {
    const started = performance.now()
    for (let times = 0; times < 10; times++) expect(readPath(long)).toBeNull()
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('is decoded as often as servers decode paths', () => {
    expect(readPath('/docs/100%25252525')).toBe('/docs/100%25252525')
  })
})
