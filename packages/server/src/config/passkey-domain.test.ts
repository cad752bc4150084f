import { expect, test } from 'vitest'
import { testOptions } from '../testing/sallyport.ts'
import { readConfig } from './config.ts'
import { isPasskeyOrigin } from './passkey-domain.ts'

type Options = Parameters<typeof readConfig>[0]
const read = (options: Options) => readConfig({ ...testOptions, ...options })
const https = { issuer: 'https://auth.example.com' }

test.each<[why: string, options: Options, domain: string]>([
  ['the host of the pages', { origins: 'http://localhost:3000' }, 'localhost'],
  [
    'the host of the pages, on several ports',
    { origins: 'http://localhost:3000,http://localhost:3001' },
    'localhost',
  ],
  [
    'the address of the pages',
    { ...https, origins: [], appUrl: 'https://app.example.com/base' },
    'app.example.com',
  ],
  ['the server itself, without pages elsewhere', { ...https, origins: [] }, 'auth.example.com'],
  [
    'the host above the others',
    { ...https, origins: 'https://www.example.com,https://example.com' },
    'example.com',
  ],
  [
    'the domain of the cookies',
    { ...https, origins: 'https://app.example.com', cookieDomain: 'example.com' },
    'example.com',
  ],
  [
    'the setting',
    {
      ...https,
      origins: 'https://app.example.com,https://admin.example.com',
      passkeyDomain: 'example.com',
    },
    'example.com',
  ],
  [
    'the exact page, beside preview deployments elsewhere',
    { ...https, origins: 'https://app.example.com,https://app-*-team.vercel.app' },
    'app.example.com',
  ],
])('passkeys belong to %s', (_, options, domain) => {
  expect(read(options)).toMatchObject({ passkeys: true, passkeyDomain: domain, passkeysOffBecause: null })
})

const impossible: [why: string, options: Options, reason: RegExp][] = [
  ['an IPv4 address', { origins: 'http://127.0.0.1:3000' }, /127\.0\.0\.1.*use localhost/],
  ['an IPv6 address', { origins: 'http://[::1]:3000' }, /\[::1\].*only on domains/],
  [
    'unrelated hosts',
    { ...https, origins: 'https://a.example,https://b.example' },
    /several hosts.*PASSKEY_DOMAIN/,
  ],
  [
    'sibling hosts, whose common domain could belong to others',
    { ...https, origins: 'https://a.example.com,https://b.example.com' },
    /several hosts/,
  ],
  ['patterns only', { ...https, origins: 'https://*.preview.example.com' }, /only patterns/],
]

test.each(impossible)('with %s, passkeys are off, and the reason is known', (_, options, reason) => {
  const config = read(options)
  expect(config.passkeys).toBe(false)
  expect(config.passkeysOffBecause).toMatch(reason)
})

test.each(impossible)('with %s, the server does not start if passkeys are demanded', (_, options, reason) => {
  expect(() => read({ ...options, passkeys: '1' })).toThrow(reason)
  expect(() => read({ ...options, passkeys: '1' })).toThrow(
    'SALLYPORT_PASSKEYS is 1, but passkeys cannot work',
  )
})

test('a domain that is not above the pages is refused', () => {
  expect(() =>
    read({ ...https, origins: 'https://app.example.com', passkeyDomain: 'other.example' }),
  ).toThrow(
    'SALLYPORT_PASSKEY_DOMAIN is other.example, but passkeys cannot work because pages are at app.example.com',
  )
  // A suffix of the text is not a domain above it.
  expect(() => read({ ...https, origins: 'https://myexample.com', passkeyDomain: 'example.com' })).toThrow()
  for (const passkeyDomain of ['com', '192.0.2.1', 'https://example.com', 'EXAMPLE.com', ''])
    expect(() => read({ ...https, origins: 'https://app.example.com', passkeyDomain })).toThrow(
      'SALLYPORT_PASSKEY_DOMAIN must be a domain',
    )
})

test('passkeys can be switched off', () => {
  expect(read({ passkeys: '0' })).toMatchObject({ passkeys: false, passkeysOffBecause: null })
  expect(read({ passkeys: '0', origins: 'http://127.0.0.1:3000' }).passkeysOffBecause).toBeNull()
})

test('only pages of ours at the domain or below it may use passkeys', () => {
  const config = read({
    ...https,
    origins: 'https://app.example.com,https://*.preview.example.com,https://app-*-team.vercel.app',
    passkeyDomain: 'example.com',
  })
  const allowed = (origin: string) => isPasskeyOrigin(config, 'example.com', origin)
  expect(allowed('https://app.example.com')).toBe(true)
  expect(allowed('https://pr-7.preview.example.com')).toBe(true)
  for (const origin of [
    'https://example.com',
    'https://other.example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.evil.example',
    'https://app-7-team.vercel.app',
    'null',
    '',
  ])
    expect([origin, allowed(origin)]).toEqual([origin, false])
})
