import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBell } from '../system/bell.ts'
import { cookieOf, fillSignIn, launchProfile, pageWithoutThirdPartyCookies } from '../system/browser.ts'
import { type Hosts, startHosts } from '../system/hosts.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'
import { documentedEnvironment } from './documented.ts'
import { startStrangers } from './strangers.ts'

let hosts: Hosts
let strangers: Awaited<ReturnType<typeof startStrangers>>
let system: System
let blocking: BrowserContext
const folder = mkdtempSync(join(tmpdir(), 'sallyport-profiles-'))
let app: string
let api: string
beforeAll(async () => {
  ;[hosts, strangers, blocking] = await Promise.all([
    startHosts(['app.sallyport.test', 'auth.sallyport.test', 'api.other.test'], createBell()),
    startStrangers(),
    launchProfile(join(folder, 'blocking'), { blockThirdPartyCookies: true }),
  ])
  app = hosts.origin('app.sallyport.test')
  api = hosts.origin('api.other.test')
  const environment = (process: Parameters<typeof documentedEnvironment>[1]) =>
    documentedEnvironment('Same origin', process, {
      'https://app.example.com': app,
      'https://auth.example.com': hosts.origin('auth.sallyport.test'),
    })
  system = await startSystem({
    env: { auth: environment('auth server'), web: environment('Next'), api: environment('API') },
  })
  hosts.targets.set('app.sallyport.test', () => system.webUrl)
  hosts.targets.set('auth.sallyport.test', () => system.authUrl)
  hosts.targets.set('api.other.test', (path) => (path === '/stranger' ? strangers.url : system.apiUrl))
})
afterAll(async () => {
  await blocking?.close()
  await system?.stop()
  await hosts?.close()
  await strangers?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Whether a cookie that the other site has set is sent to it from our page. */
async function thirdPartyCookieComesBack(page: Page): Promise<boolean> {
  // The dashboard's own policy would block the script before the browser's setting could.
  hosts.targets.set('app.sallyport.test', () => strangers.url)
  await page.goto(app)
  hosts.targets.set('app.sallyport.test', () => system.webUrl)
  for (let times = 0; times < 2; times++)
    await page.evaluate(
      (url) => fetch(url, { mode: 'no-cors', credentials: 'include' }).then(() => undefined),
      `${api}/stranger`,
    )
  await page.close()
  return /stranger=1/.test(strangers.cookies.at(-1) ?? '')
}

describe('pages here, API on another site, in a browser that blocks third-party cookies', () => {
  it('third-party cookies are blocked in this browser', async () => {
    const allowing = await launchProfile(join(folder, 'allowing'), { blockThirdPartyCookies: false })
    expect(await thirdPartyCookieComesBack(await allowing.newPage())).toBe(true)
    await allowing.close()
    expect(await thirdPartyCookieComesBack(await pageWithoutThirdPartyCookies(blocking))).toBe(false)
  })

  it('sign-in, API calls, refresh and sign-out work without third-party cookies', async () => {
    const page = await pageWithoutThirdPartyCookies(blocking)
    await page.goto(`${app}/reports`)
    await fillSignIn(page, 'finance@example.com', demoPassword)
    await page.waitForURL(`${app}/reports`)
    await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor()
    expect(await cookieOf(blocking, 'refreshToken')).toMatchObject({
      name: '__Host-refreshToken',
      domain: 'app.sallyport.test',
      sameSite: 'Strict',
    })
    const status = () => page.evaluate(() => fetch('/api/invoices').then((answer) => answer.status))
    expect(await status()).toBe(200)

    const before = (await cookieOf(blocking, 'refreshToken'))?.value
    await blocking.clearCookies({ name: '__Host-accessToken' })
    expect(await status()).toBe(200)
    expect((await cookieOf(blocking, 'refreshToken'))?.value).not.toBe(before)

    await page.goto(`${app}/profile`)
    await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(/\/login/)
    expect(await status()).toBe(401)
  })

  it('the browser has sent no request to the API or the auth server', () => {
    const spokenTo = new Set(hosts.all.map(({ target }) => target))
    expect(spokenTo).toEqual(new Set([system.webUrl, strangers.url]))
  })
})
