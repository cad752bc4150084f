import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loginAddress, ownPath } from './return-to.ts'

const app = new URL('https://app.example.com')

/** Tricks of the open-redirect kind, gathered from published write-ups; `evil.example` stands for the attacker. */
export const tricks: readonly unknown[] = [
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '/\\evil.example',
  '/\\/evil.example',
  '\\/evil.example',
  '\\\\evil.example',
  '\\evil.example',
  '/%5cevil.example',
  '/%5Cevil.example',
  '/%2fevil.example',
  '/%2f%2fevil.example',
  '/%2F/evil.example',
  '//%2fevil.example',
  '/%5c%5cevil.example',
  '/%09/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r/evil.example',
  '\t//evil.example',
  '\n//evil.example',
  ' //evil.example',
  '/%0a/evil.example',
  '/%0d/evil.example',
  '/%0d%0aLocation:%20//evil.example',
  '/%00/evil.example',
  '/\0/evil.example',
  '/\u0085/evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https://evil.example',
  'http:evil.example',
  'http://evil.example',
  'HTTPS://evil.example',
  'hTTp:evil.example',
  'https:\\evil.example',
  'https:\\\\evil.example',
  'https:/\\evil.example',
  'https:///evil.example',
  'https:////evil.example',
  'https://app.example.com@evil.example',
  'https://app.example.com%40evil.example',
  'https://evil.example#app.example.com',
  'https://evil.example?app.example.com',
  'https://app.example.com.evil.example',
  'https://evilapp.example.com',
  'https://app.example.com:443@evil.example',
  '//app.example.com:80@evil.example',
  '//app.example.com@evil.example/',
  '/..//evil.example',
  '/.//evil.example',
  '/../..//evil.example',
  '/x/..//evil.example',
  '/x/../..//evil.example',
  '/;//evil.example',
  '/%2e%2e//evil.example',
  '/%2e//evil.example',
  '/x/%2e%2e//evil.example',
  '/.%2e//evil.example',
  '/%252f%252fevil.example',
  '/%252f/evil.example',
  '/%255cevil.example',
  '/%25252f%25252fevil.example',
  '/%c0%af%c0%afevil.example',
  '/%e3%80%82%e3%80%82//evil.example',
  '//evil%E3%80%82example',
  '//evil。example',
  '/／evil.example\\',
  '／／evil.example',
  '//evil.example/%2f..',
  '//evil.example/..',
  '//evil.example%2f..',
  '/evil.example//',
  '/evil//example',
  '/a//b',
  '//',
  '///',
  '/\\',
  '/\\\\',
  '/%2f',
  '/%5c',
  '@evil.example',
  ':@evil.example',
  '.evil.example',
  'evil.example',
  'www.evil.example',
  '?https://evil.example',
  '#https://evil.example',
  '',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  'java\nscript:alert(1)',
  ' javascript:alert(1)',
  '\u0001javascript:alert(1)',
  'javascript://%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'blob:https://app.example.com/x',
  'intent://evil.example',
  'mailto:a@evil.example',
  'file:///etc/passwd',
  'about:blank',
  'ftp://evil.example',
  '//2130706433',
  '//0x7f000001',
  '//[::1]',
  '//127.1',
  '//evil.example:443',
  '//user:pass@evil.example',
  '//evil℀.example',
  '/\u2028/evil.example',
  '/\u2029/evil.example',
  ['/dashboard', '//evil.example'],
  ['//evil.example'],
  { toString: () => '/x' },
  null,
  undefined,
  0,
  true,
  `/${'a'.repeat(3000)}`,
  '/%',
  '/%zz',
  '/%ff%fe',
]

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
  expect(loginAddress('/login', '/invoices?a=1&b=2')).toBe('/login?returnTo=%2Finvoices%3Fa%3D1%26b%3D2')
  expect(loginAddress('/login', null)).toBe('/login')
})
