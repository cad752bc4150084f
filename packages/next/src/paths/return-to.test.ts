import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tricks } from '../../../../tests/vectors/return-to-tricks.ts'
import { loginAddress } from './login-address.ts'
import { ownPath } from './return-to.ts'

const app = new URL('https://app.example.com')

describe('X01, OA-02, CVE-2022-24858: a returnTo never leaves our origin', () => {
  it('knows at least a hundred tricks', () => {
    expect(new Set(tricks).size).toBeGreaterThanOrEqual(100)
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
  ])('keeps our own path %j', (wanted, kept) => {
    expect(ownPath(wanted, app, '/fallback')).toBe(kept)
  })

  it('answers, for any text at all, with a path that a browser resolves to our origin, twice over', () => {
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
          expect(new URL(decodeURI(new URL(path, app).pathname), app).origin).toBe(app.origin)
          expect(ownPath(path, app, '/fallback')).toBe(path)
        },
      ),
      { numRuns: 5000 },
    )
  })
})

it('X03: the sign-in address carries the path encoded, so that nothing in it can start a header or a parameter', () => {
  const place = { loginPath: '/login', loginBasePath: null }
  expect(loginAddress(place, null, '/invoices?a=1&b=2')).toBe('/login?returnTo=%2Finvoices%3Fa%3D1%26b%3D2')
  expect(loginAddress(place, null, null)).toBe('/login')
})
