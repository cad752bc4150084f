import { NextResponse } from 'next/server.js'
import { describe, expect, it, vi } from 'vitest'
import { sessionStateHeader } from '../request/session-state.ts'
import {
  cookieForPage,
  firstHop,
  navigation,
  proxyOrigin,
  setCookies,
  startProxy,
} from '../testing/custom-proxy.ts'
import type { ProxyOptions } from './proxy-options.ts'

const options: ProxyOptions = {
  publicPaths: ['/', '/docs/*'],
  protect: {
    '/admin/*': { role: 'admin' },
    '/hidden/*': { role: 'staff', status: 404 },
    '/docs/internal': { role: 'staff' },
    '/hooks/closed': { role: 'staff' },
  },
  webhookPaths: ['/hooks/*'],
}
const own = { origin: proxyOrigin }
const script = { ...navigation, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: '*/*' }
const picture = { ...navigation, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', accept: 'image/*' }

describe('a visitor without a session', () => {
  it.each<[string, string, object, string]>([
    ['GET', '/', navigation, 'passes'],
    ['GET', '/docs/start', navigation, 'passes'],
    ['GET', '/docs', navigation, '307 /login?returnTo=%2Fdocs'],
    ['GET', '/docs-x', navigation, '307 /login?returnTo=%2Fdocs-x'],
    ['GET', '/docs-x/start', navigation, '307 /login?returnTo=%2Fdocs-x%2Fstart'],
    ['GET', '/login', navigation, 'passes'],
    ['GET', '/logo.png', navigation, 'passes'],
    ['GET', '/dashboard?tab=1', navigation, '307 /login?returnTo=%2Fdashboard%3Ftab%3D1'],
    ['HEAD', '/dashboard', navigation, '307 /login?returnTo=%2Fdashboard'],
    ['GET', '/dashboard', script, '307 /login?returnTo=%2Fdashboard'],
    ['GET', '/dashboard', picture, 'passes'],
    ['GET', '/dashboard', firstHop, 'again'],
    ['GET', '/docs/start', firstHop, 'passes'],
    // An action: it guards itself.
    ['POST', '/dashboard', { ...script, ...own }, 'passes'],
    ['GET', '/admin/7', navigation, '307 /login?returnTo=%2Fadmin%2F7'],
    ['GET', '/docs/internal', navigation, '307 /login?returnTo=%2Fdocs%2Finternal'],
    ['GET', '/docs/internal', firstHop, 'again'],
    ['GET', '/admin/7', picture, '401'],
    ['POST', '/admin/7', { ...script, ...own }, '401'],
    ['POST', '/admin/7', { ...navigation, ...own }, '303 /login?returnTo=%2Fadmin%2F7'],
    ['GET', '/hidden/7', navigation, '307 /login?returnTo=%2Fhidden%2F7'],
    ['GET', '//admin', navigation, '404'],
    ['GET', '/x/..%2fadmin', navigation, '404'],
  ])('%s %s %o: %s', async (method, path, headers, outcome) => {
    const { ask } = await startProxy(options)
    const answer = await ask(path, { method, headers: headers as Record<string, string> })
    expect(answer.outcome).toBe(outcome)
    expect(answer.headers.getSetCookie().filter((line) => !line.startsWith('sallyport-repeat'))).toEqual([])
    // What passes is cached as the page itself wants it.
    expect(answer.headers.get('cache-control')).toBe(outcome === 'passes' ? null : 'private, no-store')
  })

  it('repeats a first hop at most five times, and then removes the count', async () => {
    const { ask } = await startProxy(options)
    let cookie = ''
    for (let count = 1; count <= 5; count++) {
      const answer = await ask('/dashboard', { headers: firstHop, cookie })
      expect(answer.outcome).toBe('again')
      cookie = answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
      expect(cookie).toMatch(new RegExp(`=${count}$`))
    }
    const last = await ask('/dashboard', { headers: firstHop, cookie })
    expect(last.outcome).toBe('307 /login?returnTo=%2Fdashboard')
    expect(last.headers.getSetCookie()[0]).toMatch(/^sallyport-repeat-\w+=0; Path=\/; Max-Age=0;/)
    // The count of one address says nothing of another.
    expect((await ask('/reports', { headers: firstHop, cookie })).outcome).toBe('again')
  })
})

describe('a changing request from another origin', () => {
  it.each<[string, string, Record<string, string>, string]>([
    ['POST', '/dashboard', {}, '403'],
    ['PUT', '/dashboard', { origin: 'https://evil.example' }, '403'],
    ['PATCH', '/login', { origin: 'null' }, '403'],
    ['DELETE', '/', { origin: 'https://evil.example' }, '403'],
    ['POST', '/api/invoices', { origin: 'https://evil.example' }, '403'],
    ['POST', '/_next/x', { origin: 'https://evil.example' }, '403'],
    ['POST', '/hooks', { origin: 'https://evil.example' }, '403'],
    ['POST', '/hooks-x/y', { origin: 'https://evil.example' }, '403'],
    ['POST', '/hooks/stripe', { origin: 'https://evil.example' }, 'passes'],
    ['POST', '/hooks/stripe', {}, 'passes'],
    ['POST', '/hooks/closed', {}, '401'],
    ['POST', '/hooks/closed', own, '401'],
    ['GET', '/hooks/closed', navigation, 'passes as staff'],
    ['OPTIONS', '/dashboard', { origin: 'https://evil.example' }, 'passes'],
  ])('%s %s %o: %s', async (method, path, headers, outcome) => {
    const { ask, signIn } = await startProxy(options)
    const answer = await ask(path, { method, headers, cookie: signIn(['staff']) })
    expect(answer.outcome).toBe(outcome.replace(' as staff', ''))
    if (outcome === '403') expect(JSON.parse(answer.text).code).toBe('origin_refused')
  })

  it('reaches a webhook path without cookies and without our internal headers', async () => {
    const { ask, signIn, backend } = await startProxy(options)
    const headers = { [sessionStateHeader]: 'unavailable', 'x-signature': 'theirs' }
    const answer = await ask('/hooks/stripe', { method: 'POST', headers, cookie: signIn() })
    expect(answer.headers.get('x-middleware-override-headers')).toBe('x-signature')
    expect(cookieForPage(answer)).toBeNull()
    expect(backend.seen).toEqual([])
  })
})

describe('a signed-in user', () => {
  it.each([
    ['/admin', ['admin'], 'passes'],
    ['/admin', [], '403'],
    ['/admin/7', ['staff'], '403'],
    ['/admin-x', [], 'passes'],
    ['/hidden', [], '404'],
    ['/docs/internal', [], '403'],
    ['/docs/internal', ['staff'], 'passes'],
    ['/dashboard', [], 'passes'],
    ['/login', [], 'passes'],
  ])('%s with %j: %s', async (path, roles, outcome) => {
    const { ask, signIn } = await startProxy(options)
    const answer = await ask(path, { cookie: signIn(roles) })
    expect(answer.outcome).toBe(outcome)
    expect(answer.headers.get('retry-after')).toBeNull()
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(cookieForPage(answer)).toBeNull()
  })

  it('gets a new token before the page renders if the old one has expired', async () => {
    const { ask, signIn, backend } = await startProxy(options)
    for (const [path, outcome] of [
      ['/dashboard', 'passes'],
      ['/', 'passes'],
      ['/logo.png', 'passes'],
      ['/admin', '403'],
    ]) {
      const answer = await ask(path ?? '', { cookie: `${signIn([], { overdue: true })}; theme=dark` })
      expect(answer.outcome).toBe(outcome)
      const { accessToken, refreshToken } = setCookies(answer)
      expect(backend.live.has(refreshToken ?? '')).toBe(true)
      expect(answer.headers.get('cache-control')).toBe('private, no-store')
      if (outcome === 'passes')
        expect(cookieForPage(answer)).toContain(
          `theme=dark; accessToken=${accessToken}; refreshToken=${refreshToken}`,
        )
    }
  })

  it('is not renewed below /api and /_next, but everywhere else', async () => {
    const { ask, signIn, backend } = await startProxy(options)
    for (const path of ['/api', '/api/', '/api/invoices', '/_next/data/x', '/_next']) {
      const answer = await ask(path, { cookie: signIn([], { overdue: true }) })
      expect(answer.outcome).toBe('passes')
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect(backend.seen).toEqual([])
    for (const path of ['/apis', '/x/api/y', '/_nextx'])
      expect(setCookies(await ask(path, { cookie: signIn([], { overdue: true }) }))).not.toEqual({})
  })

  it('gets cleared cookies and a redirect to sign-in after the session has ended', async () => {
    const { ask } = await startProxy(options)
    const answer = await ask('/dashboard', { cookie: 'refreshToken=unknown' })
    expect(answer.outcome).toBe('307 /login?returnTo=%2Fdashboard')
    expect(setCookies(answer)).toEqual({ accessToken: '', refreshToken: '' })
    // These cookies did come along: no repetition would bring others.
    const hop = await ask('/dashboard', { headers: firstHop, cookie: 'refreshToken=unknown' })
    expect(hop.outcome).toBe('307 /login?returnTo=%2Fdashboard')
  })

  it('gets 503 at a protected path while the session cannot be checked', async () => {
    const { ask, signIn, backend } = await startProxy(options)
    backend.answers['GET /me'] = { status: 503 }
    const cookie = signIn(['admin'])
    const refused = await ask('/admin', { cookie })
    expect(refused.outcome).toBe('503')
    expect(refused.headers.get('retry-after')).toBe('2')
    const page = await ask('/dashboard', { cookie })
    expect(page.outcome).toBe('passes')
    expect(page.headers.get(`x-middleware-request-${sessionStateHeader}`)).toBe('unavailable')
    expect(refused.headers.getSetCookie().concat(page.headers.getSetCookie())).toEqual([])
    backend.answers = {}
    const claimed = await ask('/dashboard', {
      headers: { ...navigation, [sessionStateHeader]: 'unavailable' },
      cookie,
    })
    expect(claimed.headers.get('x-middleware-override-headers')).not.toContain(sessionStateHeader)
    expect(cookieForPage(claimed)).toBe(cookie)
    const stranger = await ask('/', { headers: { ...navigation, [sessionStateHeader]: 'unavailable' } })
    expect(cookieForPage(stranger)).toBeNull()
  })
})

describe('another proxy that runs after authProxy', () => {
  const rewrite = (to: string) => ({ ...options, next: () => NextResponse.rewrite(proxyOrigin + to) })

  it.each([
    ['/admin', [], '403'],
    ['/hidden/7', ['admin'], '404'],
    ['//admin', ['admin'], '404'],
    ['/admin', ['admin'], '200'],
    ['/reports', [], '200'],
  ])('that rewrites to %s: the rules of that path apply to %j: %s', async (to, roles, outcome) => {
    const { ask, signIn } = await startProxy(rewrite(to))
    expect((await ask('/short', { cookie: signIn(roles) })).outcome).toBe(outcome)
  })

  it('that rewrites to a protected path: a visitor without a session must sign in', async () => {
    const { ask } = await startProxy(rewrite('/admin'))
    expect((await ask('/docs/start')).outcome).toBe('307 /login?returnTo=%2Fdocs%2Fstart')
    expect((await ask('/docs/start', { headers: firstHop })).outcome).toBe('again')
    // The sign-in page itself has no rules.
    expect((await ask('/login')).outcome).toBe('200')
  })

  it('is called only for requests that authProxy allows, and its redirects apply first', async () => {
    const next = vi.fn(() => NextResponse.redirect(`${proxyOrigin}/de/dashboard`))
    const { ask, signIn } = await startProxy({ ...options, next })
    expect((await ask('/dashboard')).outcome).toBe('307 /de/dashboard')
    expect((await ask('/docs/start')).outcome).toBe('307 /de/dashboard')
    expect(next).toHaveBeenCalledTimes(2)
    expect((await ask('/admin')).outcome).toBe('307 /login?returnTo=%2Fadmin')
    expect((await ask('/admin', { cookie: signIn() })).outcome).toBe('403')
    expect((await ask('/dashboard', { headers: firstHop })).outcome).toBe('again')
    expect((await ask('/api/x')).outcome).toBe('passes')
    expect(next).toHaveBeenCalledTimes(2)
  })

  it('that does not redirect: a visitor without a session must sign in', async () => {
    const next = vi.fn(() => NextResponse.next())
    const { ask, signIn } = await startProxy({ ...options, next })
    expect((await ask('/dashboard')).outcome).toBe('307 /login?returnTo=%2Fdashboard')
    expect((await ask('/dashboard', { cookie: signIn() })).outcome).toBe('passes')
    expect(next).toHaveBeenCalledTimes(2)
  })
})
