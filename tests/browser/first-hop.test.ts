import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillSignIn, launchBrowser } from '../system/browser.ts'
import { rawRequest } from '../system/raw-request.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'

let system: System
let browser: Browser
let elsewhere: Server
let elsewhereUrl: string
beforeAll(async () => {
  ;[system, browser] = await Promise.all([startSystem(), launchBrowser()])
  elsewhere = createServer((request, response) => {
    const to = new URL(request.url ?? '/', 'http://other.test').searchParams.get('to')
    if (request.url?.startsWith('/redirect')) return response.writeHead(302, { location: to ?? '/' }).end()
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<a id="link" href="${to}">go</a><form id="form" method="post" action="${to}"></form>`)
  })
  elsewhere.listen(0, '127.0.0.1')
  await once(elsewhere, 'listening')
  elsewhereUrl = `http://other.test:${(elsewhere.address() as AddressInfo).port}`
})
afterAll(async () => {
  await browser?.close()
  await system?.stop()
  elsewhere?.close()
})

const target = () => `${system.webUrl}/invoices?status=open`

describe('the first hop from another site, on which strict cookies stay behind', () => {
  it('works without a second sign-in: by a link, and through a redirect of the other site', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/login`)
    await fillSignIn(page, 'member@example.com', demoPassword)
    await page.waitForURL(`${system.webUrl}/dashboard`)

    for (const first of [
      `/?to=${encodeURIComponent(target())}`,
      `/?to=${encodeURIComponent(`/redirect?to=${encodeURIComponent(target())}`)}`,
    ]) {
      await page.goto(elsewhereUrl + first)
      const documents: string[] = []
      page.on('request', (request) => {
        if (request.isNavigationRequest()) documents.push(request.url())
      })
      await page.locator('#link').click()
      await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
      expect(page.url()).toBe(target())
      expect(documents.filter((url) => url === target())).toHaveLength(2)
      page.removeAllListeners('request')
    }
    // The repeat took the place of the first hop: back leads to the other site, not into the repeat again.
    await page.goBack()
    await page.waitForURL(({ href }) => href.startsWith(elsewhereUrl))
    await context.close()
  })

  it('leads a stranger to the sign-in page after one repeat, and cannot loop', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const documents: string[] = []
    page.on('request', (request) => {
      if (request.isNavigationRequest()) documents.push(new URL(request.url()).pathname)
    })
    await page.goto(`${elsewhereUrl}/?to=${encodeURIComponent(target())}`)
    await page.locator('#link').click()
    await page.waitForURL(/\/login/)
    await page.getByLabel('Email').waitFor()
    expect(documents).toEqual(['/', '/invoices', '/invoices', '/login'])
    expect(new URL(page.url()).searchParams.get('returnTo')).toBe('/invoices?status=open')
    await context.close()
  })

  it('works without JavaScript too', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/login`)
    await fillSignIn(page, 'member@example.com', demoPassword)
    await page.waitForURL(`${system.webUrl}/dashboard`)
    await page.goto(`${elsewhereUrl}/?to=${encodeURIComponent(target())}`)
    await page.locator('#link').click()
    await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
    await context.close()
  })

  it('with a browser that would call every hop cross-site, the marker stops after one repeat', async () => {
    const hop = (cookie: string) =>
      rawRequest(target(), {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
        cookie,
      })
    const first = await hop('')
    expect(first.status).toBe(200)
    expect(first.body).not.toMatch(/invoice/i)
    expect(first.headers['cache-control']).toContain('no-store')
    const marker = first.setCookie[0]?.split(';')[0] ?? ''
    expect((await hop(marker)).status).toBe(307)
  })

  it.each([
    ['image', 'no-cors'],
    ['iframe', 'navigate'],
    ['empty', 'cors'],
  ])('only a navigation for a document is repeated: %s by %s is not', async (destination, mode) => {
    const answer = await rawRequest(target(), {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': mode,
      'sec-fetch-dest': destination,
    })
    expect(answer.status).toBe(307)
  })
})
