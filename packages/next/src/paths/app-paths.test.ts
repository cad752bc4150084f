import { NextRequest } from 'next/server.js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { askForSession } from '../client/session-requests.ts'
import { readConfig } from '../config/config.ts'
import { authProxy } from '../proxy/auth-proxy.ts'
import { testCredentials } from '../testing/credentials.ts'
import type { LoginPath } from './login-address.ts'
import { loginRedirect } from './login-address.ts'
import { browserPath } from './served-paths.ts'

type Variant = {
  basePath?: string
  trailingSlash?: boolean
  loginPath?: LoginPath
  loginBasePath?: string
  publicPaths?: string[]
}
/** Address in the browser, and what the proxy makes of it: `pass`, the sign-in address, or the address that is loaded once more. */
type Row = [address: string, proxy: string, arrival?: 'from another site']

const origin = 'http://localhost:3000'
const options = { server: 'http://localhost:4000', audience: 'web', app: origin, ...testCredentials }
const publicPaths = ['/', '/docs/*', '/über-uns']
const perLocale = (pathname: string) => (/^\/de(?:\/|$)/.test(pathname) ? '/de/login' : '/login')
const localePaths = ['', '/de'].flatMap((locale) => [locale || '/', `${locale}/docs/*`])
const again = 'from another site'

const variants: [string, Variant, Row[], Record<'session' | 'call' | 'file', string>][] = [
  [
    'plain',
    {},
    [
      ['/', 'pass'],
      ['/dashboard', '/login?returnTo=%2Fdashboard'],
      ['/reports/2026/may', '/login?returnTo=%2Freports%2F2026%2Fmay'],
      ['/reports?a=1&b=2', '/login?returnTo=%2Freports%3Fa%3D1%26b%3D2'],
      ['/m%C3%BCller', '/login?returnTo=%2Fm%25C3%25BCller'],
      ['/dashboard?x=1', `again ${origin}/dashboard?x=1`, again],
      ['/login', 'pass'],
      ['/login?returnTo=%2Fx', 'pass'],
      ['/docs/start', 'pass'],
      ['/docs', '/login?returnTo=%2Fdocs'],
      ['/docs-x', '/login?returnTo=%2Fdocs-x'],
      ['/Docs/start', '/login?returnTo=%2FDocs%2Fstart'],
      ['/docs/..%2fdashboard', '/login?returnTo=%2Fdocs%2F..%252fdashboard'],
      ['/docs//dashboard', '/login?returnTo=%2Fdashboard'],
      ['/docs/%252e%252e/dashboard', '/login?returnTo=%2Fdocs%2F%25252e%25252e%2Fdashboard'],
      ['/docs/john.doe', 'pass'],
      ['/%C3%BCber-uns', 'pass'],
      ['/%c3%bcber-uns', 'pass'],
      ['/api/auth/session', 'pass'],
      ['/api', 'pass'],
      ['/apis', '/login?returnTo=%2Fapis'],
    ],
    { session: '/api/auth/session', call: '/api/invoices?page=2', file: '/api/files/a.pdf' },
  ],
  [
    'basePath',
    { basePath: '/app' },
    [
      ['/app', 'pass'],
      ['/app/dashboard', '/app/login?returnTo=%2Fdashboard'],
      ['/app/reports/2026/may', '/app/login?returnTo=%2Freports%2F2026%2Fmay'],
      ['/app/reports?a=1&b=2', '/app/login?returnTo=%2Freports%3Fa%3D1%26b%3D2'],
      ['/app/m%C3%BCller', '/app/login?returnTo=%2Fm%25C3%25BCller'],
      ['/app/dashboard?x=1', `again ${origin}/app/dashboard?x=1`, again],
      ['/app/login', 'pass'],
      ['/app/app/login', '/app/login?returnTo=%2Fapp%2Flogin'],
      ['/app/docs/start', 'pass'],
      ['/app/docs/..%2fdashboard', '/app/login?returnTo=%2Fdocs%2F..%252fdashboard'],
      ['/app/%C3%BCber-uns', 'pass'],
      ['/app/api/auth/session', 'pass'],
    ],
    { session: '/app/api/auth/session', call: '/app/api/invoices?page=2', file: '/app/api/files/a.pdf' },
  ],
  [
    'trailingSlash',
    { trailingSlash: true },
    [
      ['/', 'pass'],
      ['/dashboard/', '/login/?returnTo=%2Fdashboard%2F'],
      ['/reports/2026/may/', '/login/?returnTo=%2Freports%2F2026%2Fmay%2F'],
      ['/reports/?a=1', '/login/?returnTo=%2Freports%2F%3Fa%3D1'],
      ['/dashboard/?x=1', `again ${origin}/dashboard/?x=1`, again],
      ['/login/', 'pass'],
      ['/login', 'pass'],
      ['/docs/start/', 'pass'],
      ['/docs/', '/login/?returnTo=%2Fdocs%2F'],
      ['/docs-x/', '/login/?returnTo=%2Fdocs-x%2F'],
      ['/docs/..%2fdashboard/', '/login/?returnTo=%2Fdocs%2F..%252fdashboard%2F'],
      ['/%C3%BCber-uns/', 'pass'],
      ['/api/auth/session/', 'pass'],
      ['/api/', 'pass'],
    ],
    { session: '/api/auth/session/', call: '/api/invoices/?page=2', file: '/api/files/a.pdf' },
  ],
  [
    'basePath and trailingSlash',
    { basePath: '/app', trailingSlash: true },
    [
      ['/app/', 'pass'],
      ['/app/dashboard/', '/app/login/?returnTo=%2Fdashboard%2F'],
      ['/app/reports/?a=1', '/app/login/?returnTo=%2Freports%2F%3Fa%3D1'],
      ['/app/dashboard/?x=1', `again ${origin}/app/dashboard/?x=1`, again],
      ['/app/login/', 'pass'],
      ['/app/docs/start/', 'pass'],
      ['/app/%C3%BCber-uns/', 'pass'],
      ['/app/api/auth/session/', 'pass'],
    ],
    { session: '/app/api/auth/session/', call: '/app/api/invoices/?page=2', file: '/app/api/files/a.pdf' },
  ],
  [
    'a sign-in page for each locale',
    { loginPath: perLocale, publicPaths: localePaths },
    [
      ['/', 'pass'],
      ['/de', 'pass'],
      ['/dashboard', '/login?returnTo=%2Fdashboard'],
      ['/de/dashboard', '/de/login?returnTo=%2Fde%2Fdashboard'],
      ['/de/reports?a=1', '/de/login?returnTo=%2Fde%2Freports%3Fa%3D1'],
      ['/design', '/login?returnTo=%2Fdesign'],
      ['/de/dashboard', `again ${origin}/de/dashboard`, again],
      ['/de/login', 'pass'],
      ['/login', 'pass'],
      ['/fr/login', '/login?returnTo=%2Ffr%2Flogin'],
      ['/de/docs/start', 'pass'],
      ['/fr/docs/start', '/login?returnTo=%2Ffr%2Fdocs%2Fstart'],
      ['/de/..%2flogin', '/login?returnTo=%2Fde%2F..%252flogin'],
    ],
    { session: '/api/auth/session', call: '/api/invoices?page=2', file: '/api/files/a.pdf' },
  ],
  [
    'locales, basePath and trailingSlash',
    { basePath: '/app', trailingSlash: true, loginPath: perLocale, publicPaths: localePaths },
    [
      ['/app/de/', 'pass'],
      ['/app/dashboard/', '/app/login/?returnTo=%2Fdashboard%2F'],
      ['/app/de/dashboard/', '/app/de/login/?returnTo=%2Fde%2Fdashboard%2F'],
      ['/app/de/login/', 'pass'],
      ['/app/de/docs/start/', 'pass'],
      ['/app/de/dashboard/', `again ${origin}/app/de/dashboard/`, again],
    ],
    { session: '/app/api/auth/session/', call: '/app/api/invoices/?page=2', file: '/app/api/files/a.pdf' },
  ],
  [
    'a zone with basePath whose sign-in page is the main app’s',
    { basePath: '/blog', loginBasePath: '' },
    [
      ['/blog', 'pass'],
      ['/blog/drafts?a=1', '/login?returnTo=%2Fblog%2Fdrafts%3Fa%3D1'],
      ['/blog/login', '/login?returnTo=%2Fblog%2Flogin'],
      ['/blog/drafts', `again ${origin}/blog/drafts`, again],
      ['/blog/docs/start', 'pass'],
    ],
    { session: '/blog/api/auth/session', call: '/blog/api/invoices?page=2', file: '/blog/api/files/a.pdf' },
  ],
]

describe.each(variants)('%s', (_, variant, rows, client) => {
  const { basePath = '', trailingSlash = false, publicPaths: open = publicPaths, ...login } = variant
  beforeEach(() => {
    vi.stubEnv('__NEXT_ROUTER_BASEPATH', basePath)
    vi.stubEnv('__NEXT_TRAILING_SLASH', trailingSlash ? 'true' : '')
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.unstubAllGlobals()
  })

  it.each(rows)('the proxy handles %s as %s', async (address, expected, arrival) => {
    const proxy = authProxy({ ...options, ...login, publicPaths: open })
    const headers = {
      'sec-fetch-site': arrival === undefined ? 'none' : 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    const request = new NextRequest(origin + address, { headers, nextConfig: { basePath, trailingSlash } })
    const answer = await proxy(request)
    const location = answer.headers.get('location')?.replace(origin, '')
    const repeated = /url=([^"]*)"/.exec(await answer.text())?.[1]
    const made =
      repeated !== undefined
        ? `again ${repeated}`
        : (location ?? (answer.headers.get('x-middleware-next') === '1' ? 'pass' : `${answer.status}`))
    expect(made).toBe(expected)
    if (made.startsWith('/')) expect(made.startsWith(`${login.loginBasePath ?? basePath}/`)).toBe(true)
  })

  const led = rows.filter(([, proxy]) => proxy.startsWith('/'))
  it.each(led)('auth.require on the page %s redirects like the proxy to %s', (address, expected) => {
    const config = readConfig({ ...options, ...login }, {})
    const { pathname, search } = new NextRequest(origin + address, {
      nextConfig: { basePath, trailingSlash },
    }).nextUrl
    const wanted = new URL(expected, origin).searchParams.get('returnTo') ?? ''
    const own = wanted.slice(login.loginBasePath === undefined ? 0 : basePath.length)
    // Where the path is one that a page may have: the others lead to the home page.
    if (!pathname.includes('//')) expect(own).toBe(pathname + search)
    const given = loginRedirect(config, pathname, own)
    // Next adds basePath to a path, and not everywhere: tests/paths shows it in a real app.
    expect(given).toBe(basePath === '' ? expected : origin + expected)
  })

  it('the client requests paths of the app that Next does not redirect', async () => {
    const asked: unknown[] = []
    vi.stubGlobal('fetch', async (url: unknown) => {
      asked.push(url)
      return Response.json({ principal: null })
    })
    expect(await askForSession()).toEqual({ kind: 'known', principal: null })
    expect(asked).toEqual([client.session])
    expect(browserPath('/api/invoices?page=2')).toBe(client.call)
    expect(browserPath('/api/files/a.pdf')).toBe(client.file)
  })
})
