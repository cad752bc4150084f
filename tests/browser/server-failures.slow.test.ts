import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import { type Front, type FrontMode, startFront } from '../system/front.ts'
import { demoPerson, signIn } from '../system/people.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'

let system: System
let browser: Browser
let auth: Front
let api: Front
beforeAll(async () => {
  const launched = launchBrowser()
  system = await startSystem({
    authAddressForWeb: async (url) => {
      auth = await startFront(url)
      return auth.url
    },
    apiAddressForWeb: async (url) => {
      api = await startFront(url)
      return api.url
    },
  })
  browser = await launched
})
afterAll(async () => {
  await browser?.close()
  await system?.stop()
  await Promise.all([auth?.close(), api?.close()])
})

async function signedIn(): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext()
  await signIn(context, system, demoPerson('owner'))
  return { context, page: await context.newPage() }
}

/** Private data of the pages under test, which must not be shown while the session cannot be checked. */
const privateText = /INV-20\d\d-\d+/

const failures: FrontMode[] = ['down', 'nonsense', 'broken', 'silent']

describe('the auth server fails while a session must be renewed [D08]', () => {
  it.each(failures)(
    '%s: shows an error page, signs nobody out, and recovers',
    { timeout: 120_000 },
    async (mode) => {
      const { context, page } = await signedIn()
      const refreshToken = (await cookieOf(context, 'refreshToken'))?.value
      await context.clearCookies({ name: 'accessToken' })
      auth.affects = (path) => !path.includes('revocations')
      auth.mode = mode
      try {
        const answer = await page.goto(`${system.webUrl}/invoices`, { timeout: 45_000 })
        expect(answer?.status()).toBeGreaterThanOrEqual(500)
        expect(new URL(page.url()).pathname).toBe('/invoices')
        expect(await page.content()).not.toMatch(privateText)
        await page.getByRole('button', { name: /try again/i }).waitFor()
        expect((await cookieOf(context, 'refreshToken'))?.value).toBe(refreshToken)
      } finally {
        auth.mode = 'pass'
      }
      // A try that began while the server was silent may still be waiting for it; the next one succeeds.
      await expect
        .poll(
          async () => {
            await page.reload()
            return page.getByRole('heading', { name: 'Invoices', level: 1 }).count()
          },
          { timeout: 45_000 },
        )
        .toBe(1)
      expect(await page.content()).toMatch(privateText)
      await context.close()
    },
  )
})

describe('the billing API fails while a page is rendered [D08]', () => {
  it.each(['down', 'nonsense', 'broken'] as const)(
    '%s: an error page with links; the session is kept',
    async (mode) => {
      const { context, page } = await signedIn()
      api.mode = mode
      try {
        await page.goto(`${system.webUrl}/invoices`)
        expect(new URL(page.url()).pathname).toBe('/invoices')
        await page.getByRole('button', { name: /try again/i }).waitFor()
        expect(await cookieOf(context, 'refreshToken')).toBeDefined()
        expect(await page.evaluate(() => fetch('/api/invoices').then(({ status }) => status))).toBe(
          mode === 'nonsense' ? 200 : mode === 'broken' ? 500 : 502,
        )
      } finally {
        api.mode = 'pass'
      }
      await page.reload()
      await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
      await context.close()
    },
  )
})

it('a sign-in while the auth server is down shows a message', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${system.webUrl}/login`)
  auth.affects = () => true
  auth.mode = 'down'
  try {
    await fillSignIn(page, 'owner@example.com', demoPassword)
    const alert = page.getByRole('main').getByRole('alert')
    await alert.waitFor()
    expect(await alert.innerText()).toMatch(/reach|try again/i)
    expect(await page.getByLabel('Email').inputValue()).toBe('owner@example.com')
  } finally {
    auth.mode = 'pass'
  }
  await context.close()
})
