import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../system/browser.ts'
import { type RunningExample, runningExample } from '../system/example/running-example.ts'
import { demoPerson, signIn } from '../system/people.ts'
import { rawRequest } from '../system/raw-request.ts'

let system: RunningExample
let browser: Browser
let elsewhere: Server
let elsewhereUrl: string
beforeAll(async () => {
  ;[system, browser] = await Promise.all([runningExample(), launchBrowser()])
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
  elsewhere?.close()
})

const target = () => `${system.webUrl}/invoices?status=open`

describe('the first navigation from another site, which omits SameSite=Strict cookies', () => {
  it('works without a second sign-in, by a link and through a redirect', async () => {
    const context = await browser.newContext()
    await signIn(context, system, demoPerson('member'))
    const page = await context.newPage()

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
    // The reload replaced the entry of the first hop: Back leads to the other site, not to the reload.
    await page.goBack()
    await page.waitForURL(({ href }) => href.startsWith(elsewhereUrl))
    await context.close()
  })

  it('takes a signed-out visitor to the sign-in page after one reload', async () => {
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
    await signIn(context, system, demoPerson('member'))
    const page = await context.newPage()
    await page.goto(`${elsewhereUrl}/?to=${encodeURIComponent(target())}`)
    await page.locator('#link').click()
    await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
    await context.close()
  })

  it.each([true, false])(
    'a URL with a fragment does not end on a blank page (scripts: %s)',
    async (scripts) => {
      const context = await browser.newContext({ javaScriptEnabled: scripts })
      await signIn(context, system, demoPerson('member'))
      const page = await context.newPage()
      await page.goto(`${elsewhereUrl}/?to=${encodeURIComponent(`${target()}#x`)}`)
      await page.locator('#link').click()
      await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
      // Without scripts the fragment is lost: browsers never send it to a server.
      expect(page.url()).toBe(scripts ? `${target()}#x` : target())
      await context.close()
    },
  )

  it.each([true, false])('opens all of four links at once (scripts: %s)', async (scripts) => {
    const context = await browser.newContext({ javaScriptEnabled: scripts })
    await signIn(context, system, demoPerson('member'))
    const wanted = ['/invoices', '/customers', '/invoices?status=open', '/invoices'].map(
      (path) => system.webUrl + path,
    )
    const tabs = await Promise.all(
      wanted.map(async (url) => {
        const tab = await context.newPage()
        await tab.goto(`${elsewhereUrl}/?to=${encodeURIComponent(url)}`)
        return { tab, url }
      }),
    )
    await Promise.all(tabs.map(({ tab }) => tab.locator('#link').click()))
    for (const { tab, url } of tabs) {
      await tab.getByRole('heading', { name: /Invoices|Customers/, level: 1 }).waitFor()
      expect(tab.url()).toBe(url)
    }
    await context.close()
  })

  it('a counter ends the reloads in a browser that calls every hop cross-site', async () => {
    const hop = (cookie: string) =>
      rawRequest(target(), {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
        cookie,
      })
    let cookie = ''
    const statuses: number[] = []
    for (let round = 0; round < 7; round++) {
      const answer = await hop(cookie)
      statuses.push(answer.status)
      if (answer.status !== 200) break
      expect(answer.body).not.toMatch(/invoice-/i)
      expect(answer.headers['cache-control']).toContain('no-store')
      cookie = answer.setCookie[0]?.split(';')[0] ?? ''
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 307])
    expect((await hop(cookie.replace(/=.*/, '=x'))).status).toBe(307)
  })

  it('reloads only the URL that was requested', async () => {
    const repeated: string[] = []
    for (const path of ['//evil.example/x', '/x?to="><script>', "/'x"]) {
      const answer = await rawRequest(system.webUrl + path, {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      })
      if (answer.status !== 200) {
        expect(new URL(String(answer.headers.location), system.webUrl).origin).toBe(system.webUrl)
        continue
      }
      repeated.push(path)
      const [, address = ''] = /content="1;url=([^"]*)"/.exec(answer.body) ?? []
      expect(address.startsWith(`${system.webUrl}/`)).toBe(true)
      expect(answer.body.match(/<script/g)).toHaveLength(1)
    }
    expect(repeated).toEqual(['/x?to="><script>', "/'x"])
  })

  it.each([
    // A sign-in page does not help an image request: it is forwarded, and the page refuses it.
    ['image', 'no-cors', 403],
    ['iframe', 'navigate', 307],
    ['empty', 'cors', 307],
  ])(
    'does not reload other requests than document navigations: %s by %s',
    async (destination, mode, status) => {
      const answer = await rawRequest(target(), {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': mode,
        'sec-fetch-dest': destination,
      })
      expect(answer.status).toBe(status)
      expect(answer.setCookie.join()).not.toContain('sallyport-repeat-')
      expect(answer.body).not.toContain('INV-')
    },
  )
})
