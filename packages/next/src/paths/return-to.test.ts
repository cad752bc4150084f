import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tricks } from '../../../../tests/vectors/return-to-tricks.ts'
import { confirmAddress, loginAddress } from './login-address.ts'
import { ownPath } from './return-to.ts'

const app = new URL('https://app.example.com')

/** The origins that a text leads to: as it is, and when something on the way has resolved it, or decoded it up to three times. */
function readings(text: string): string[] {
  const origins: string[] = []
  let reading = text
  for (let round = 0; round <= 3; round++) {
    const url = new URL(reading, app)
    origins.push(url.origin, new URL(url.pathname + url.search, app).origin)
    reading = decodeURIComponent(url.pathname)
  }
  return origins
}

describe('returnTo never leads to another origin [X01, OA-02, CVE-2022-24858]', () => {
  it.each<[string, (wanted: string) => boolean]>([
    ['any path', (wanted) => wanted.startsWith('/')],
    ['a path with one slash at its start', (wanted) => /^\/[^/]/.test(wanted)],
    ['a path with no slash or backslash after the first', (wanted) => /^\/(?![/\\])/.test(wanted)],
    ['a path without two slashes in it', (wanted) => wanted.startsWith('/') && !wanted.includes('//')],
    ['what the URL parser takes for ours', (wanted) => new URL(wanted, app).origin === app.origin],
    [
      'a path that the URL parser takes for ours, also when decoded once',
      (wanted) =>
        wanted.startsWith('/') &&
        [wanted, decodeURI(wanted)].every((text) => new URL(text, app).origin === app.origin),
    ],
    ['no scheme and no host', (wanted) => !/^[a-z]*:|evil\.example$/i.test(wanted)],
  ])('tests at least one trick that deceives a check for %s', (_, rule) => {
    const misled = tricks.filter((trick) => {
      try {
        return (
          typeof trick === 'string' && rule(trick) && readings(trick).some((origin) => origin !== app.origin)
        )
      } catch {
        return false
      }
    })
    expect(misled.length).toBeGreaterThan(0)
  })

  it.each(tricks.map((trick) => [trick]))('refuses %j', (trick) => {
    expect(ownPath(trick, app, '/fallback')).toBe('/fallback')
  })

  it.each([
    ['/', '/'],
    ['/dashboard', '/dashboard'],
    ['/invoices?status=open&page=2#top', '/invoices?status=open&page=2#top'],
    ['/invoices?back=https://evil.example', '/invoices?back=https://evil.example'],
    ['/a/../invoices', '/invoices'],
    ['/customers/M%C3%BCller%20GmbH', '/customers/M%C3%BCller%20GmbH'],
    ['/evil.example', '/evil.example'],
    // Nobody decodes so often.
    ['/a%2525252f%2525252fb', '/a%2525252f%2525252fb'],
    [`/${'a'.repeat(2047)}`, `/${'a'.repeat(2047)}`],
  ])('accepts the path %j of the app', (wanted, kept) => {
    expect(ownPath(wanted, app, '/fallback')).toBe(kept)
  })

  it('accepts at most 2,048 characters', () => {
    expect(ownPath(`/${'a'.repeat(2048)}`, app, '/fallback')).toBe('/fallback')
  })

  it('returns for any text a path that browsers resolve to our origin', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2f',
      '%5c',
      '%09',
      '\t',
      '\n',
      '@',
      ':',
      'evil.example',
      'https:',
      '?',
      '#',
      '%',
      '%25',
      ';',
      ' ',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((parts) => `/${parts.join('')}`),
        ),
        (wanted) => {
          const path = ownPath(wanted, app, '/fallback')
          expect(new URL(path, app).origin).toBe(app.origin)
          expect(new Set(readings(path))).toEqual(new Set([app.origin]))
          expect(ownPath(path, app, '/fallback')).toBe(path)
        },
      ),
      { numRuns: 5000 },
    )
  })
})

it('encodes the path in the sign-in URL, so it cannot add headers or parameters [X03]', () => {
  const place = { loginPath: '/login', confirmPath: '/confirm', loginBasePath: null }
  expect(loginAddress(place, null, '/invoices?a=1&b=2')).toBe('/login?returnTo=%2Finvoices%3Fa%3D1%26b%3D2')
  expect(loginAddress(place, null, null)).toBe('/login')
  expect(confirmAddress(place, null, '/a?b=1&c=2')).toBe('/confirm?returnTo=%2Fa%3Fb%3D1%26c%3D2')
})
