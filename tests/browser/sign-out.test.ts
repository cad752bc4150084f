import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cookieOf, launchBrowser } from '../system/browser.ts'
import { type RunningExample, runningExample } from '../system/example/running-example.ts'
import { demoPerson, newPerson, signIn } from '../system/people.ts'

let system: RunningExample
let browser: Browser
beforeAll(async () => {
  ;[system, browser] = await Promise.all([runningExample(), launchBrowser()])
})
afterAll(() => browser?.close())

async function signedIn(person = demoPerson('owner')): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext()
  await signIn(context, system, person)
  const page = await context.newPage()
  await page.goto(`${system.webUrl}/profile`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  return { context, page }
}

const signOut = async (page: Page) => {
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(/\/login/)
}

describe('signing out', () => {
  it('the back button shows nothing private [S08, X10]', async () => {
    // Not one of the example's own users, whose addresses the sign-in page shows.
    const person = await newPerson(system, 'Olga Own')
    const { context, page } = await signedIn(person)
    await page.goto(`${system.webUrl}/customers`)
    await page.getByRole('heading', { name: 'Customers', level: 1 }).waitFor()
    expect(await page.locator('body').innerText()).toContain('Olga Own')
    await page.goto(`${system.webUrl}/profile`)
    await signOut(page)
    for (let step = 0; step < 2; step++) {
      await page.goBack()
      await page.waitForURL(/\/login/)
      await page.getByLabel('Email').waitFor()
      const text = await page.locator('body').innerText()
      for (const own of ['Olga Own', person.email]) expect(text).not.toContain(own)
      expect(await page.getByRole('row').count()).toBe(0)
    }
    await context.close()
  })

  it('clears the cookies, and replayed ones are refused by pages and API at once [R01, S08]', async () => {
    const { context, page } = await signedIn()
    const cookies = await context.cookies()
    const accessToken = (await cookieOf(context, 'accessToken'))?.value ?? ''
    const askApi = () =>
      fetch(`${system.apiUrl}/invoices`, { headers: { authorization: `Bearer ${accessToken}` } })
    expect((await askApi()).status).toBe(200)
    await signOut(page)
    expect(await cookieOf(context, 'accessToken')).toBeUndefined()
    expect(await cookieOf(context, 'refreshToken')).toBeUndefined()

    // The feed notifies the API within milliseconds; the poll below allows for that.
    await expect.poll(async () => (await askApi()).status, { timeout: 60_000, interval: 10 }).toBe(401)
    const refused = (await (await askApi()).json()) as { code: string }
    expect(refused.code).toBe('session_ended')

    const thief = await browser.newContext()
    await thief.addCookies(cookies)
    const stolen = await thief.newPage()
    await stolen.goto(`${system.webUrl}/invoices`)
    expect(new URL(stolen.url()).pathname).toBe('/login')
    expect(await stolen.evaluate(() => fetch('/api/invoices').then(({ status }) => status))).toBe(401)

    const refreshOnly = await browser.newContext()
    await refreshOnly.addCookies(cookies.filter(({ name }) => name === 'refreshToken'))
    const late = await refreshOnly.newPage()
    await late.goto(`${system.webUrl}/dashboard`)
    expect(new URL(late.url()).pathname).toBe('/login')
    expect(await cookieOf(refreshOnly, 'refreshToken')).toBeUndefined()
    await Promise.all([context.close(), thief.close(), refreshOnly.close()])
  })

  it('a refresh token that is reused after the grace period ends the session [R01]', async () => {
    const { context, page } = await signedIn()
    const stolen = (await cookieOf(context, 'refreshToken'))?.value ?? ''
    const refresh = (refreshToken: string) =>
      fetch(`${system.authUrl}/api/auth/refresh`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refreshToken }),
      })
    const rotated = async (token: string) =>
      ((await (await refresh(token)).json()) as { refreshToken: string }).refreshToken
    // Two generations later, the stolen one is neither current nor previous: no grace applies.
    await rotated(await rotated(stolen))
    expect((await refresh(stolen)).status).toBe(401)
    await context.clearCookies({ name: 'accessToken' })
    await page.goto(`${system.webUrl}/dashboard`)
    expect(new URL(page.url()).pathname).toBe('/login')
    await context.close()
  })
})
