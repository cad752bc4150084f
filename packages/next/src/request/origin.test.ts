import { describe, expect, it } from 'vitest'
import { resolveConfiguration } from '../config/configuration.ts'
import { testCredentials } from '../testing/credentials.ts'
import { isOwnOrigin } from './origin.ts'

const config = resolveConfiguration(
  { server: 'http://localhost:4000', audience: 'web', app: 'https://app.example.com', ...testCredentials },
  {},
)
const headers = (origin: string | null, site?: string) =>
  new Headers({ ...(origin !== null && { origin }), ...(site && { 'sec-fetch-site': site }) })

describe('C05, C08, CVE-2026-27978: what changes something comes from our own origin, spelled exactly', () => {
  it.each([
    null,
    'null',
    '',
    'https://app.example.com.evil',
    'https://evil-app.example.com',
    'https://app.example.com:443',
    'https://app.example.com.',
    'https://APP.example.com',
    'http://app.example.com',
    'https://user@app.example.com',
    'https://[::1]',
    'https://xn--app-example.com',
    'https://app.example.com, https://evil.example',
    'https://app.example.com/',
    'https://evil.app.example.com',
    'https://example.com',
    'garbage',
    '%00',
    'https://',
  ])('refuses the origin %j', (origin) => {
    expect(isOwnOrigin(headers(origin), config)).toBe(false)
  })

  it.each(['cross-site', 'same-site', 'none', 'nonsense'])(
    'C06: refuses Sec-Fetch-Site: %s even with our Origin',
    (site) => {
      expect(isOwnOrigin(headers('https://app.example.com', site), config)).toBe(false)
    },
  )

  it('accepts our own page, and an old browser that sends Origin alone', () => {
    expect(isOwnOrigin(headers('https://app.example.com', 'same-origin'), config)).toBe(true)
    expect(isOwnOrigin(headers('https://app.example.com'), config)).toBe(true)
  })
})
