import { NextRequest, NextResponse } from 'next/server.js'
import { describe, expect, it } from 'vitest'
import { testCredentials } from '../testing/credentials.ts'
import { authProxy } from './auth-proxy.ts'
import type { ProxyOptions } from './proxy-options.ts'

const origin = 'https://app.example.com'
const options = { server: 'http://localhost:4000', audience: 'web', app: origin, ...testCredentials }
const ask = (
  more: ProxyOptions,
  path: string,
  { headers = {}, method = 'GET' }: { headers?: Record<string, string>; method?: string } = {},
) => authProxy({ ...options, ...more })(new NextRequest(origin + path, { headers, method }))

describe('a duplicate of our cookie from an earlier cookieDomain', () => {
  const cookieDomain = 'example.com'
  const cookie = '__Secure-accessToken=a; __Secure-accessToken=b; theme=dark'

  it.each<[string, ProxyOptions]>([
    ['without another proxy', {}],
    ['with another proxy', { next: () => NextResponse.next() }],
    ['with another proxy that redirects', { next: () => NextResponse.redirect(`${origin}/de`) }],
  ])('%s: the duplicate is cleared on all domains and paths', async (_, more) => {
    for (const path of ['/login', '/dashboard']) {
      const lines = (
        await ask({ cookieDomain, ...more }, path, { headers: { cookie } })
      ).headers.getSetCookie()
      expect(lines, path).toContain('__Secure-accessToken=; Path=/; Max-Age=0; Secure')
      expect(lines, path).toContain(
        '__Secure-accessToken=; Path=/; Max-Age=0; Domain=app.example.com; Secure',
      )
    }
  })
})

describe('several origins: a request without a host, as from Next’s image optimizer', () => {
  const several: ProxyOptions = {
    app: ['https://*.preview.example.com'],
    publicPaths: ['/', '/open'],
    protect: { '/downloads/*': { role: 'finance' } },
  }
  const outcome = ({ status, headers }: Response) =>
    headers.get('x-middleware-next') === '1' ? 'passes' : status

  it.each([
    ['/logo.png', 'passes'],
    ['/open', 'passes'],
    ['/dashboard', 421],
    ['/downloads/plan.png', 421],
    ['/DOWNLOADS/plan.png', 421],
    ['/x/%2e%2e%2fdownloads/plan.png', 421],
  ])('%s: %s', async (path, expected) => {
    expect(outcome(await ask(several, path))).toBe(expected)
  })

  it('is recognized only as a GET without cookies and without a host', async () => {
    for (const request of [
      { headers: { cookie: 'theme=dark' } },
      { headers: { host: 'evil.example' } },
      { headers: { host: '' } },
      { method: 'POST' },
      { method: 'POST', headers: { origin: 'https://x.preview.example.com' } },
    ])
      expect(outcome(await ask(several, '/logo.png', request))).toBe(421)
  })
})
