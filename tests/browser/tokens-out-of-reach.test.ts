import type { Browser, Response } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'
import { startTlsFront } from '../system/tls-front.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

describe('ASVS 10.1.1, BFF-11: tokens never reach scripts', () => {
  let system: System
  beforeAll(async () => {
    system = await startSystem()
  })
  afterAll(() => system?.stop())

  it('not in document.cookie, storage, HTML, flight data or any answer that the browser receives', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const bodies: { url: string; text: string }[] = []
    const pending: Promise<void>[] = []
    const keep = async (response: Response) => {
      const text = await response.text().catch(() => '')
      bodies.push({ url: response.url(), text: `${JSON.stringify(await response.headers())}\n${text}` })
    }
    page.on('response', (response) => pending.push(keep(response)))

    await page.goto(`${system.webUrl}/login`)
    await fillSignIn(page, 'owner@example.com', demoPassword)
    await page.waitForURL(`${system.webUrl}/dashboard`)
    for (const name of ['Invoices', 'Customers', 'Reports']) {
      await page.getByRole('navigation').getByRole('link', { name }).first().click()
      await page.getByRole('heading', { level: 1, name }).waitFor()
    }
    const json = await page.evaluate(async () => {
      const paths = ['/api/auth/session', '/api/user/profile', '/api/invoices', '/api/summary']
      const answers = await Promise.all(paths.map((path) => fetch(path).then((answer) => answer.text())))
      const refreshed = await fetch('/api/auth/refresh', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      })
      return [...answers, await refreshed.text()].join('\n')
    })
    const visible = await page.evaluate(() =>
      JSON.stringify([
        document.cookie,
        { ...localStorage },
        { ...sessionStorage },
        document.documentElement.outerHTML,
        Object.values(window).filter((value) => typeof value === 'string'),
      ]),
    )
    await Promise.all(pending)

    const access = (await cookieOf(context, 'accessToken'))?.value ?? ''
    const refresh = (await cookieOf(context, 'refreshToken'))?.value ?? ''
    expect(access.length).toBeGreaterThan(100)
    expect(refresh.length).toBeGreaterThan(20)
    expect(bodies.length).toBeGreaterThan(10)
    expect(json).toContain('"principal"')
    const everything = [visible, json, ...bodies.map(({ text }) => text)]
    for (const text of everything) {
      expect(text).not.toContain(access)
      expect(text).not.toContain(refresh)
      // Not an older pair either: no compact JWT and no token field anywhere.
      expect(text).not.toMatch(/eyJ[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}/)
      expect(text).not.toMatch(/"(?:accessToken|refreshToken)":/)
    }
    await context.close()
  })
})

describe('over HTTPS', () => {
  it('CK-01, ASVS 3.3.1: the cookies are __Host-, Secure, HttpOnly and SameSite=Strict, and the browser keeps them', async () => {
    const host = 'app.sallyport.test'
    let target = ''
    const front = await startTlsFront(host, () => target)
    const system = await startSystem({
      appUrl: (webUrl) => {
        target = webUrl
        return front.origin
      },
    })
    try {
      const context = await browser.newContext({ ignoreHTTPSErrors: true })
      const page = await context.newPage()
      await page.goto(`${front.origin}/dashboard`)
      expect(page.url()).toBe(`${front.origin}/login?returnTo=%2Fdashboard`)
      await fillSignIn(page, 'member@example.com', demoPassword)
      await page.waitForURL(`${front.origin}/dashboard`)
      const cookies = (await context.cookies()).filter(({ name }) => /Token$/.test(name))
      expect(cookies.map(({ name }) => name).sort()).toEqual(['__Host-accessToken', '__Host-refreshToken'])
      for (const cookie of cookies)
        expect(cookie).toMatchObject({
          secure: true,
          httpOnly: true,
          sameSite: 'Strict',
          path: '/',
          domain: host,
        })
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(await page.evaluate(() => fetch('/api/invoices').then(({ status }) => status))).toBe(200)
      await context.close()
    } finally {
      await system.stop()
      await front.close()
    }
  })
})
