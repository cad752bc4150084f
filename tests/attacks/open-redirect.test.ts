import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillSignIn, launchBrowser } from '../system/browser.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'
import { tricks } from '../vectors/return-to-tricks.ts'

let system: System
let browser: Browser
beforeAll(async () => {
  ;[system, browser] = await Promise.all([startSystem(), launchBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await system?.stop()
})

describe('X01: what Chromium does with a returnTo, for every trick we know', () => {
  it('a signed-in person is led nowhere but to our own pages', { timeout: 120_000 }, async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/login`)
    await fillSignIn(page, 'member@example.com', demoPassword)
    await page.waitForURL(`${system.webUrl}/dashboard`)
    // Nothing but our own origin may even be asked.
    const strayed: string[] = []
    await context.route('**/*', (route) => {
      const url = new URL(route.request().url())
      if (url.origin === system.webUrl) return route.continue()
      strayed.push(url.href)
      return route.abort()
    })
    // Without scripts the pages are cheap, and the server's own redirect is what decides.
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
    for (const trick of texts.slice(0, 30)) {
      await page.goto(`${system.webUrl}/login?returnTo=${encodeURIComponent(trick.toWellFormed())}`, {
        waitUntil: 'commit',
      })
      expect(new URL(page.url()).origin, trick).toBe(system.webUrl)
    }
    expect(strayed).toEqual([])
    await context.close()
  })

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/%2f%2fevil.example',
  ])('after a real sign-in with returnTo=%s', async (trick) => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/login?returnTo=${encodeURIComponent(trick)}`)
    await fillSignIn(page, 'member@example.com', demoPassword)
    await page.waitForURL(`${system.webUrl}/dashboard`)
    await context.close()
  })

  it('D11: a returnTo that comes twice is no returnTo', async () => {
    const answer = await fetch(`${system.webUrl}/login?returnTo=/invoices&returnTo=//evil.example`)
    expect(answer.status).toBe(200)
    expect(await answer.text()).not.toContain('evil.example"')
  })

  it('X05, X06: Host and forwarded headers do not steer a redirect', async () => {
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

describe('what a cache between us and the browser may keep', () => {
  const reflected = 'canary-in-a-header.example'

  it('X07: no header that a cache does not know steers a page, and no page with a session may be kept', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/login`)
    await fillSignIn(page, 'member@example.com', demoPassword)
    await page.waitForURL(`${system.webUrl}/dashboard`)
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
        // The landing page is the same for everybody, and may be kept.
        expect(isKept, path).toBe(path === '/')
        if (isKept) expect(await own.text()).not.toMatch(/member@example\.com|INV-20/)
        else await own.body?.cancel()
      }
  })

  it('X08: a page under a name that looks like a file is none, or may not be kept', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/login`)
    await fillSignIn(page, 'member@example.com', demoPassword)
    await page.waitForURL(`${system.webUrl}/dashboard`)
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
    await context.close()
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
