import type { Browser, Response } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import { runningExample } from '../system/example/running-example.ts'
import { demoPassword } from '../system/system.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

describe('tokens never reach scripts [ASVS 10.1.1, BFF-11]', () => {
  it('are not in document.cookie, storage, HTML, flight data or other responses', async () => {
    const system = await runningExample()
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
      // No older pair either: no compact JWT and no token field anywhere.
      expect(text).not.toMatch(/eyJ[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}/)
      expect(text).not.toMatch(/"(?:accessToken|refreshToken)":/)
    }
    await context.close()
  })
})
