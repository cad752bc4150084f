import { paths } from '@sallyport/protocol/endpoints'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillSignIn, launchBrowser } from '../system/browser.ts'
import { demoPerson, signIn } from '../system/people.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'
import { tricks } from '../vectors/return-to-tricks.ts'

let system: System
let browser: Browser
beforeAll(async () => {
  // A tenth of the throttles' limits. SALLYPORT_TRUSTED_PROXY_HOPS is not set, as after `sallyport init`.
  const env = { auth: { SALLYPORT_THROTTLE_SCALE: '0.1' } }
  ;[system, browser] = await Promise.all([startSystem({ env }), launchBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await system?.stop()
})

describe('what Chromium does with known open-redirect values of returnTo [X01]', () => {
  it('redirects a signed-in user only to pages of its own origin', { timeout: 120_000 }, async () => {
    const context = await browser.newContext()
    await signIn(context, system, demoPerson('member'))
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/icon.svg`)
    // Requests to any other origin are recorded and aborted.
    const strayed: string[] = []
    await context.route('**/*', (route) => {
      const url = new URL(route.request().url())
      if (url.origin === system.webUrl) return route.continue()
      strayed.push(url.href)
      return route.abort()
    })
    // Only the redirect of the server is tested, so no scripts are loaded.
    const texts = tricks.filter((trick): trick is string => typeof trick === 'string')
    for (const trick of texts) {
      const answer = await context.request.get(
        `${system.webUrl}/login?returnTo=${encodeURIComponent(trick.toWellFormed())}`,
        { maxRedirects: 0 },
      )
      const location = answer.headers().location
      expect(answer.status(), trick).toBeGreaterThanOrEqual(300)
      const resolved = await page.evaluate((to) => new URL(to ?? '', document.baseURI).origin, location)
      expect(resolved, trick).toBe(system.webUrl)
    }
    for (const trick of texts.slice(0, 12)) {
      await page.goto(`${system.webUrl}/login?returnTo=${encodeURIComponent(trick.toWellFormed())}`, {
        waitUntil: 'commit',
      })
      expect(new URL(page.url()).origin, trick).toBe(system.webUrl)
    }
    expect(strayed).toEqual([])
    await context.close()
  })

  // Every value is tested in packages/next/src/paths/return-to.test.ts.
  it.each(['//evil.example', 'javascript:alert(1)'])(
    'after a real sign-in with returnTo=%s',
    async (trick) => {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(`${system.webUrl}/login?returnTo=${encodeURIComponent(trick)}`)
      await fillSignIn(page, 'member@example.com', demoPassword)
      await page.waitForURL(`${system.webUrl}/dashboard`)
      await context.close()
    },
  )

  it('if returnTo comes twice, uses the first and validates it [D11]', async () => {
    const context = await browser.newContext()
    await signIn(context, system, demoPerson('member'))
    const ledTo = async (query: string) => {
      const answer = await context.request.get(`${system.webUrl}/login?${query}`, { maxRedirects: 0 })
      return new URL(answer.headers().location ?? '', system.webUrl).href
    }
    expect(await ledTo('returnTo=/invoices')).toBe(`${system.webUrl}/invoices`)
    expect(await ledTo('returnTo=/invoices&returnTo=//evil.example')).toBe(`${system.webUrl}/invoices`)
    expect(await ledTo('returnTo=//evil.example&returnTo=/invoices')).toBe(`${system.webUrl}/dashboard`)
    await context.close()
  })

  it('Host and forwarded headers do not change a redirect [X05, X06]', async () => {
    for (const headers of [
      { 'x-forwarded-host': 'evil.example' },
      { 'x-forwarded-proto': 'https' },
      { forwarded: 'host=evil.example' },
      { 'x-original-url': '/login' },
    ]) {
      const answer = await fetch(`${system.webUrl}/dashboard`, { redirect: 'manual', headers })
      expect(new URL(answer.headers.get('location') ?? '', system.webUrl).href).toBe(
        `${system.webUrl}/login?returnTo=%2Fdashboard`,
      )
    }
  })
})

describe('what a cache in front of the pages may store', () => {
  const reflected = 'canary-in-a-header.example'

  it('pages with a session are not cacheable, and no unkeyed header changes a page [X07]', async () => {
    const context = await browser.newContext()
    await signIn(context, system, demoPerson('member'))
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
    await context.close()
    for (const headers of [
      {},
      { 'x-forwarded-host': reflected },
      { 'x-forwarded-scheme': 'http', 'x-forwarded-proto': reflected },
      { 'x-original-url': `/${reflected}`, 'x-rewrite-url': `/${reflected}` },
      { 'x-nextjs-data': reflected, 'next-router-prefetch': '1' },
      { 'accept-language': reflected, origin: `https://${reflected}` },
    ])
      for (const path of ['/', '/login', '/signup', '/dashboard', '/profile']) {
        const stranger = await fetch(system.webUrl + path, { headers, redirect: 'manual' })
        expect(await stranger.text(), path).not.toContain(reflected)
        const own = await fetch(system.webUrl + path, { headers: { ...headers, cookie }, redirect: 'manual' })
        const isKept = !/no-store|private/.test(own.headers.get('cache-control') ?? '')
        // The landing page is the same for all visitors, and may be cached.
        expect(isKept, path).toBe(path === '/')
        if (isKept) expect(await own.text()).not.toMatch(/member@example\.com|INV-20/)
        else await own.body?.cancel()
      }
  })

  it('a page at a path like that of a file is not cacheable [X08]', async () => {
    const context = await browser.newContext()
    await signIn(context, system, demoPerson('member'))
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
    await context.close()
    const own = await fetch(`${system.webUrl}/profile`, { headers: { cookie } })
    expect(await own.text()).toMatch(/member@example\.com/)
    for (const path of [
      '/profile/x.css',
      '/profile;.js',
      '/profile%0a.png',
      '/profile%23.css',
      '/profile/..%2f_next%2fstatic/a.js',
      '/api/session/.css',
      '/api/auth/session/x.js',
      '/dashboard.',
      '/dashboard/favicon.ico',
    ]) {
      const answer = await fetch(system.webUrl + path, { headers: { cookie }, redirect: 'manual' })
      const text = await answer.text()
      const isKept = !/no-store|private/.test(answer.headers.get('cache-control') ?? '')
      if (isKept) expect(text, path).not.toMatch(/member@example\.com|INV-20/)
    }
  })
})

describe('pages behind a proxy that is not configured', () => {
  const post = (webUrl: string, path: string, body: object, forwarded?: string) =>
    fetch(webUrl + path, {
      method: 'POST',
      headers: {
        origin: system.appUrl,
        'content-type': 'application/json',
        ...(forwarded && { 'x-forwarded-for': forwarded }),
      },
      body: JSON.stringify(body),
    })
  const guess = (webUrl: string, at: number, forwarded?: string) =>
    post(webUrl, paths.signIn, { email: `person-${at}@example.com`, password: 'one for all' }, forwarded)
  const forget = (webUrl: string, at: number, forwarded?: string) =>
    post(webUrl, paths.forgotPassword, { email: `person-${at}@example.com` }, forwarded)
  const warnings = () => system.log.filter((line) => line.includes('SALLYPORT_TRUSTED_PROXY_HOPS is 0'))

  it('count all visitors as one network, and log once what to set [A04, A06]', async () => {
    expect(warnings()).toEqual([])
    const guesses: number[] = []
    const asked: number[] = []
    // With a different address in each request, and without one.
    for (let at = 0; at < 30; at++) {
      const forwarded = at % 2 === 0 ? `203.0.113.${at}` : undefined
      guesses.push((await guess(system.webUrl, at, forwarded)).status)
      asked.push((await forget(system.webUrl, at, forwarded)).status)
      await fetch(`${system.webUrl}/login`, { headers: { 'x-forwarded-for': `203.0.113.${at}` } })
    }
    expect(guesses).toEqual([...Array(10).fill(401), ...Array(20).fill(429)])
    expect(asked).toEqual([...Array(3).fill(202), ...Array(27).fill(429)])
    expect(warnings()).toHaveLength(1)
    // A direct caller of the auth server has its own network.
    expect((await forget(system.authUrl, 100)).status).toBe(202)
  })

  it('once configured, count each visitor by their own network [A06]', async () => {
    const told = await system.startAnotherWeb({ SALLYPORT_TRUSTED_PROXY_HOPS: '1' })
    expect((await guess(told, 200, '6.6.6.6, [2001:db8::1]:443')).status).toBe(401)
    expect((await forget(told, 201, '203.0.113.7')).status).toBe(202)
    // An invalid entry makes the address unknown, and the limit of unknown addresses is used up.
    expect((await guess(told, 202, '203.0.113.7, garbage')).status).toBe(429)
  })
})
