import { describe, expect, it } from 'vitest'
import { allowedOriginOfHost, faultOfOriginPattern, isAllowedOrigin } from './allowed-origins.ts'

describe('patterns that may be set', () => {
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
    ['*', /no origin with one \*/],
    ['https://*', /no origin with one \*/],
    ['*.example.com', /no origin with one \*/],
    ['//*.example.com', /no origin with one \*/],
    ['https://*.*.example.com', /no origin with one \*/],
    ['https://**.example.com', /no origin with one \*/],
    ['https://app.*.example.com', /no origin with one \*/],
    ['https://app.*', /no origin with one \*/],
    ['https://app.example.*', /no origin with one \*/],
    ['https://*.example.com/', /no origin with one \*/],
    ['https://*.example.com/path', /no origin with one \*/],
    ['https://user@*.example.com', /no origin with one \*/],
    ['https://*.EXAMPLE.com', /no origin with one \*/],
    ['https://*.example.com.', /no origin with one \*/],
    ['https://*.0.0.1', /no origin with one \*/],
    ['https://*.exa mple.com', /no origin with one \*/],
    ['https://*.example.com:*', /no origin with one \*/],
    ['https://*.über.example', /no origin with one \*/],
    ['ftp://*.example.com', /no origin with one \*/],
    ['http://*.example.com', /plain http/],
    ['http://*.localhost.example.com', /plain http/],
    ['https://*.com', /everybody can register/],
    ['https://my-app-*.com', /everybody can register/],
    ['https://*.co.uk', /everybody can register/],
    ['https://my-*.com.au', /everybody can register/],
    ['https://*.vercel.app', /everybody can have a host/],
    ['https://-*.vercel.app', /everybody can have a host/],
    ['https://a-*.vercel.app', /everybody can have a host/],
    ['https://*.github.io', /everybody can have a host/],
    ['https://*.netlify.app', /everybody can have a host/],
    ['https://*.onrender.com', /everybody can have a host/],
    ['https://*.herokuapp.com', /everybody can have a host/],
    ['https://*.amazonaws.com', /everybody can have a host/],
    ['https://*.ngrok-free.app', /everybody can have a host/],
    ['https://*.replit.app', /everybody can have a host/],
    ['https://*.sslip.io', /everybody can have a host/],
    ['https://ab-*.vercel.app', /everybody can have a host/],
    ['xhttps://*.example.com', /no origin with one \*/],
    [' https://*.example.com', /no origin with one \*/],
  ])('%s', (pattern, fault) => expect(faultOfOriginPattern(pattern)).toMatch(fault))
})

const allowed = [
  'https://app.example.com',
  'https://*.preview.example.com',
  'https://my-app-*-team.vercel.app',
]

describe('C05: what a pattern matches', () => {
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

describe('X05: the origin that a host chooses', () => {
  it.each([
    ['app.example.com', 'https://app.example.com'],
    ['APP.example.com', 'https://app.example.com'],
    ['app.example.com:443', 'https://app.example.com'],
    ['pr-7.preview.example.com', 'https://pr-7.preview.example.com'],
  ])('%s: %s', (host, origin) => expect(allowedOriginOfHost(allowed, host)).toBe(origin))

  it('a port that is another scheme’s own is a part of the host', () => {
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
