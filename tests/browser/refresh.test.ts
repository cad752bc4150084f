import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cookieOf, launchBrowser } from '../system/browser.ts'
import { type Front, startFront } from '../system/front.ts'
import { demoPerson, signIn } from '../system/people.ts'
import { rawRequest } from '../system/raw-request.ts'
import { type System, startSystem } from '../system/system.ts'

let system: System
let browser: Browser
let front: Front
beforeAll(async () => {
  ;[system, browser] = await Promise.all([
    startSystem({
      authAddressForWeb: async (url) => {
        front = await startFront(url)
        return front.url
      },
    }),
    launchBrowser(),
  ])
})
afterAll(async () => {
  await browser?.close()
  await system?.stop()
  await front?.close()
})

/** A signed-in user, with a page open that sends no requests by itself. */
async function signedIn(
  role: 'finance' | 'member' = 'finance',
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext()
  await signIn(context, system, demoPerson(role))
  const page = await context.newPage()
  await page.goto(`${system.webUrl}/icon.svg`)
  return { context, page }
}

/** What the browser does when the access token expires: drops its cookie. The refresh token stays. */
async function expireAccessToken(context: BrowserContext): Promise<void> {
  // First: a prefetch that is still pending may be the request that renews.
  front.seen.length = 0
  await context.clearCookies({ name: 'accessToken' })
}

const refreshes = () => front.seen.filter((line) => line === 'POST /api/auth/refresh').length

describe('an expired access token is renewed without the user noticing', () => {
  it('on a navigation, before the page of the same request renders', async () => {
    const { context, page } = await signedIn()
    const before = (await cookieOf(context, 'refreshToken'))?.value
    await expireAccessToken(context)
    const answer = await page.goto(`${system.webUrl}/invoices`)
    expect(answer?.status()).toBe(200)
    expect(answer?.request().redirectedFrom()).toBeNull()
    await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
    await expect.poll(() => page.getByRole('row').count()).toBeGreaterThan(5)
    expect(refreshes()).toBe(1)
    expect((await cookieOf(context, 'accessToken'))?.value).toBeTruthy()
    expect((await cookieOf(context, 'refreshToken'))?.value).not.toBe(before)
    expect((await answer?.allHeaders())?.['cache-control']).toContain('no-store')
    await context.close()
  })

  it('on a soft navigation, which requests flight data only', async () => {
    const { context, page } = await signedIn()
    await page.goto(`${system.webUrl}/dashboard`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await expireAccessToken(context)
    await page.getByRole('navigation').getByRole('link', { name: 'Customers' }).first().click()
    await page.getByRole('heading', { name: 'Customers', level: 1 }).waitFor()
    await expect.poll(async () => (await cookieOf(context, 'accessToken'))?.value).toBeTruthy()
    expect(refreshes()).toBe(1)
    await context.close()
  })

  it('in a client fetch', async () => {
    const { context, page } = await signedIn()
    await expireAccessToken(context)
    expect(await page.evaluate(() => fetch('/api/invoices').then(({ status }) => status))).toBe(200)
    expect(refreshes()).toBe(1)
    await context.close()
  })

  it('in a server action', async () => {
    const { context, page } = await signedIn()
    await page.goto(`${system.webUrl}/profile`)
    await expireAccessToken(context)
    await page.getByLabel('Name').fill('Farid Renewed')
    await page.getByRole('button', { name: /save/i }).click()
    await page.getByRole('status').filter({ hasText: /saved/i }).waitFor()
    expect(refreshes()).toBe(1)
    expect((await cookieOf(context, 'accessToken'))?.value).toBeTruthy()
    await context.close()
  })

  it('ten parallel client fetches cause one refresh and all succeed [R02, R11]', async () => {
    const { context, page } = await signedIn()
    await expireAccessToken(context)
    const statuses = await page.evaluate(() =>
      Promise.all(Array.from({ length: 10 }, () => fetch('/api/invoices').then(({ status }) => status))),
    )
    expect(statuses).toEqual(Array(10).fill(200))
    expect(refreshes()).toBe(1)
    expect((await page.goto(`${system.webUrl}/customers`))?.status()).toBe(200)
    await context.close()
  })

  it('in two tabs at once [R02]', async () => {
    const { context, page } = await signedIn()
    const other = await context.newPage()
    await expireAccessToken(context)
    const answers = await Promise.all([
      page.goto(`${system.webUrl}/invoices`),
      other.goto(`${system.webUrl}/customers`),
    ])
    expect(answers.map((answer) => answer?.status())).toEqual([200, 200])
    await expireAccessToken(context)
    const again = await Promise.all([page.reload(), other.reload()])
    expect(again.map((answer) => answer?.status())).toEqual([200, 200])
    expect(new URL(page.url()).pathname).toBe('/invoices')
    await context.close()
  })
})

describe('network faults during a refresh never sign anybody out', () => {
  it('the response is lost; the next try continues the session [R04]', async () => {
    const { context, page } = await signedIn()
    // First: a prefetch of the open page may be the request that renews.
    front.affects = (path) => path === '/api/auth/refresh'
    front.mode = 'lost'
    await expireAccessToken(context)
    expect(await page.evaluate(() => fetch('/api/invoices').then(({ status }) => status))).toBe(503)
    front.mode = 'pass'
    expect(await page.evaluate(() => fetch('/api/invoices').then(({ status }) => status))).toBe(200)
    expect((await page.goto(`${system.webUrl}/invoices`))?.status()).toBe(200)
    await context.close()
  })

  it('two users who renew in parallel keep their sessions [CVE-2026-40155]', async () => {
    const [one, two] = await Promise.all([signedIn('finance'), signedIn('member')])
    await Promise.all([expireAccessToken(one.context), expireAccessToken(two.context)])
    const who = (page: Page) =>
      page.evaluate(() =>
        fetch('/api/user/profile').then(
          async (answer) => ((await answer.json()) as { user: { email: string } }).user.email,
        ),
      )
    const emails = await Promise.all([who(one.page), who(two.page), who(one.page), who(two.page)])
    expect(emails).toEqual([
      'finance@example.com',
      'member@example.com',
      'finance@example.com',
      'member@example.com',
    ])
    await Promise.all([one.context.close(), two.context.close()])
  })

  it('two cookies with one of our names are refused and cleared [CK-06, S03]', async () => {
    const { context, page } = await signedIn()
    const value = (await cookieOf(context, 'accessToken'))?.value ?? ''
    const ask = (path: string) =>
      rawRequest(system.webUrl + path, { cookie: `accessToken=${value}; accessToken=${value}` })
    const api = await ask('/api/invoices')
    expect(api.status).toBe(401)
    expect(api.setCookie.filter((cookie) => /Max-Age=0/.test(cookie)).length).toBeGreaterThanOrEqual(2)
    const document = await ask('/dashboard')
    expect(document.status).toBe(307)
    expect(document.body).not.toMatch(/revenue/i)
    expect((await page.goto(`${system.webUrl}/invoices`))?.status()).toBe(200)
    await context.close()
  })
})
