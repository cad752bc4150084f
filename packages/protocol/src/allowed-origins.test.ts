import { describe, expect, it } from 'vitest'
import { allowedOriginOfHost, faultOfOriginPattern, isAllowedOrigin } from './allowed-origins.ts'

describe('patterns that are accepted', () => {
  it.each([
    'https://*.preview.example.com',
    'https://*.example.com',
    'https://*.example.com:8443',
    'https://my-app-*-team.vercel.app',
    'https://my-app-*.vercel.app',
    'https://*-team.vercel.app',
    'https://pr-*.example.co.uk',
    'https://*.my-app.pages.dev',
    'http://*.localhost:3000',
    'https://*.localhost',
    'http://*.app.localhost:3000',
    'https://abc-*.vercel.app',
    'https://*.a.example.com',
    'https://*.x.y.example.com',
    'https://*.co.uk.example.com',
  ])('%s', (pattern) => expect(faultOfOriginPattern(pattern)).toBeNull())
})

describe('patterns that are refused', () => {
  it.each([
    ['*', /not an origin with one \*/],
    ['https://*', /not an origin with one \*/],
    ['*.example.com', /not an origin with one \*/],
    ['//*.example.com', /not an origin with one \*/],
    ['https://*.*.example.com', /not an origin with one \*/],
    ['https://**.example.com', /not an origin with one \*/],
    ['https://app.*.example.com', /not an origin with one \*/],
    ['https://app.*', /not an origin with one \*/],
    ['https://app.example.*', /not an origin with one \*/],
    ['https://*.example.com/', /not an origin with one \*/],
    ['https://*.example.com/path', /not an origin with one \*/],
    ['https://user@*.example.com', /not an origin with one \*/],
    ['https://*.EXAMPLE.com', /not an origin with one \*/],
    ['https://*.example.com.', /not an origin with one \*/],
    ['https://*.0.0.1', /not an origin with one \*/],
    ['https://*.exa mple.com', /not an origin with one \*/],
    ['https://*.example.com:*', /not an origin with one \*/],
    ['https://*.über.example', /not an origin with one \*/],
    ['ftp://*.example.com', /not an origin with one \*/],
    ['http://*.example.com', /plain http/],
    ['http://*.localhost.example.com', /plain http/],
    ['https://*.com', /anybody can register/],
    ['https://my-app-*.com', /anybody can register/],
    ['https://*.co.uk', /anybody can register/],
    ['https://my-*.com.au', /anybody can register/],
    ['https://*.vercel.app', /anybody can get a host name/],
    ['https://-*.vercel.app', /anybody can get a host name/],
    ['https://a-*.vercel.app', /anybody can get a host name/],
    ['https://*.github.io', /anybody can get a host name/],
    ['https://*.netlify.app', /anybody can get a host name/],
    ['https://*.onrender.com', /anybody can get a host name/],
    ['https://*.herokuapp.com', /anybody can get a host name/],
    ['https://*.amazonaws.com', /anybody can get a host name/],
    ['https://*.ngrok-free.app', /anybody can get a host name/],
    ['https://*.replit.app', /anybody can get a host name/],
    ['https://*.sslip.io', /anybody can get a host name/],
    ['https://ab-*.vercel.app', /anybody can get a host name/],
    ['xhttps://*.example.com', /not an origin with one \*/],
    [' https://*.example.com', /not an origin with one \*/],
  ])('%s', (pattern, fault) => expect(faultOfOriginPattern(pattern)).toMatch(fault))
})

const allowed = [
  'https://app.example.com',
  'https://*.preview.example.com',
  'https://my-app-*-team.vercel.app',
]

describe('a pattern matches [C05]', () => {
  it.each([
    'https://app.example.com',
    'https://pr-7.preview.example.com',
    'https://7.preview.example.com',
    'https://my-app-a1b2c3-team.vercel.app',
    'https://my-app-git-main-team.vercel.app',
  ])('%s', (origin) => expect(isAllowedOrigin(allowed, origin)).toBe(true))

  it.each([
    'null',
    '',
    'https://preview.example.com',
    'https://.preview.example.com',
    'https://a.b.preview.example.com',
    'https://-a.preview.example.com',
    'https://a-.preview.example.com',
    `https://${'a'.repeat(64)}.preview.example.com`,
    'http://a.preview.example.com',
    'https://a.preview.example.com:8443',
    'https://a.preview.example.com.evil.example',
    'https://a.preview.example.com/',
    'https://evil.example/.preview.example.com',
    'https://evil.example#a.preview.example.com',
    'https://a@evil.preview.example.com',
    'https://apreview.example.com',
    'https://a.previewxexample.com',
    'https://A.preview.example.com',
    'https://a.preview.example.com, https://app.example.com',
    'https://my-app--team.vercel.app.evil.example',
    'https://my-app-a.b-team.vercel.app',
    'https://evil-my-app-a-team.vercel.app',
    'https://*.preview.example.com',
  ])('not %j', (origin) => expect(isAllowedOrigin(allowed, origin)).toBe(false))
})

describe('the origin that a host selects [X05]', () => {
  it.each([
    ['app.example.com', 'https://app.example.com'],
    ['APP.example.com', 'https://app.example.com'],
    ['app.example.com:443', 'https://app.example.com'],
    ['pr-7.preview.example.com', 'https://pr-7.preview.example.com'],
  ])('%s: %s', (host, origin) => expect(allowedOriginOfHost(allowed, host)).toBe(origin))

  it('keeps a port that is the default of another scheme', () => {
    for (const origin of ['http://localhost:443', 'https://localhost:80', 'http://localhost:8080'])
      expect(allowedOriginOfHost([origin], origin.split('//')[1] ?? '')).toBe(origin)
    expect(allowedOriginOfHost(['http://localhost'], 'localhost:443')).toBeNull()
  })

  it.each([
    null,
    '',
    'evil.example',
    'app.example.com.evil.example',
    'app.example.com:8443',
    'app.example.com/',
    'app.example.com@evil.example',
    'user@app.example.com',
    'evil.example#app.example.com',
    'app.example.com, evil.example',
    'app.example.com.',
    '[::1]',
    '*.preview.example.com',
    'a.b.preview.example.com',
  ])('%j: none', (host) => expect(allowedOriginOfHost(allowed, host)).toBeNull())
})
