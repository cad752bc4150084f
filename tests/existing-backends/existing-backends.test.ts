import { DatabaseSync } from 'node:sqlite'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBell } from '../system/bell.ts'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import { demoPassword } from '../system/system.ts'
import { startUnreliableFront, type UnreliableFront } from '../system/unreliable-front.ts'
import { type Backend, findPython, startExpress, startIdentityShapes, startSimpleJwt } from './backends.ts'
import { type BackendName, buildDashboard, type Dashboard } from './pages.ts'

const python = findPython()
if (python === null)
  console.log('Skipped: Django with SimpleJWT. Install djangorestframework-simplejwt for python3 to run it.')

const backends: [
  BackendName,
  { start: () => Promise<Backend>; refreshPath: string; logoutPath: string | null },
][] = [
  ...(python === null
    ? []
    : (['RS256', 'HS256'] as const).map((algorithm): (typeof backends)[number] => [
        algorithm === 'RS256' ? 'simplejwt' : 'simplejwt-hs256',
        {
          start: () => startSimpleJwt(algorithm),
          refreshPath: '/api/token/refresh/',
          logoutPath: '/api/token/blacklist/',
        },
      ])),
  ...(['body', 'cookie'] as const).map((tokens): (typeof backends)[number] => [
    `express-${tokens}`,
    { start: () => startExpress(tokens), refreshPath: '/api/auth/refresh', logoutPath: '/api/auth/logout' },
  ]),
  ['aspnet-identity', { start: startIdentityShapes, refreshPath: '/refresh', logoutPath: null }],
]

let dashboard: Dashboard
let browser: Browser
beforeAll(async () => {
  ;[dashboard, browser] = await Promise.all([buildDashboard(), launchBrowser()])
}, 240_000)
afterAll(async () => {
  await browser?.close()
  dashboard?.remove()
})

describe.each(backends)(
  '%s, with nothing of our server running',
  (name, { start, refreshPath, logoutPath }) => {
    const bell = createBell()
    let backend: Backend
    let hop: UnreliableFront
    let pages: Awaited<ReturnType<Dashboard['serve']>>
    beforeAll(async () => {
      backend = await start()
      hop = await startUnreliableFront(backend.url, bell)
      pages = await dashboard.serve(name, backend, hop.url)
    })
    afterAll(async () => {
      await pages?.stop()
      await hop?.close()
      backend?.stop()
    })

    const url = (path: string) => pages.url + path
    const refreshes = () => hop.all.filter(({ path }) => path === refreshPath)
    const pathOf = (page: Page) => new URL(page.url()).pathname
    const statusOf = async (page: Page, path: string) => (await page.goto(url(path)))?.status()
    const heading = (page: Page, text: string) => page.getByRole('heading', { name: text, level: 1 })

    async function signedIn(email = 'finance@example.com'): Promise<{ page: Page; context: BrowserContext }> {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(url('/login?returnTo=/dashboard'))
      await fillSignIn(page, email, demoPassword)
      await page.waitForURL(url('/dashboard'))
      return { page, context }
    }

    it('signs in on our page, shows the dashboard and who it is; no script and no answer has a token', async () => {
      const { page, context } = await signedIn()
      await page.getByText('INV-2026-0001').first().waitFor()
      await page.getByText('Farid Finance').first().waitFor()
      const cookies = await context.cookies()
      const ours = cookies.filter(({ name: cookie }) => /Token$/.test(cookie))
      expect(ours.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([
        { httpOnly: true, sameSite: 'Strict' },
        { httpOnly: true, sameSite: 'Strict' },
      ])
      const told = await page.evaluate(async () => {
        const answer = await fetch('/api/auth/session')
        return `${await answer.text()} ${document.cookie} ${document.documentElement.outerHTML}`
      })
      for (const { value } of ours) expect(told).not.toContain(value)
      expect(told).toContain('"roles":["finance"]')
      await context.close()
    })

    it('refuses a wrong password in the form', async () => {
      const page = await browser.newPage()
      await page.goto(url('/login'))
      await fillSignIn(page, 'finance@example.com', 'not the password')
      await page.getByText('The email or the password is not right.').first().waitFor()
      expect(pathOf(page)).toBe('/login')
      await page.close()
    })

    it('roles from the backend decide: finance sees the reports, a member gets 403, a stranger the sign-in page', async () => {
      const { page, context } = await signedIn()
      expect(await statusOf(page, '/reports')).toBe(200)
      await heading(page, 'Reports').waitFor()
      const { page: member, context: other } = await signedIn('member@example.com')
      expect(await statusOf(member, '/reports')).toBe(403)
      expect(await member.evaluate(() => fetch('/api/reports/revenue').then(({ status }) => status))).toBe(
        403,
      )
      const stranger = await browser.newPage()
      await stranger.goto(url('/reports'))
      expect(pathOf(stranger)).toBe('/login')
      await Promise.all([context.close(), other.close(), stranger.close()])
    })

    it('R11: two tabs and thirty requests with an expired token: one refresh, and nobody is signed out', async () => {
      const { page, context } = await signedIn()
      const second = await context.newPage()
      await second.goto(url('/invoices'))
      for (let round = 0; round < 3; round++) {
        hop.all.length = 0
        await context.clearCookies({ name: 'accessToken' })
        const burst = (tab: Page) =>
          tab.evaluate(() =>
            Promise.all(Array.from({ length: 15 }, () => fetch('/api/summary').then(({ status }) => status))),
          )
        const [first, other] = await Promise.all([burst(page), burst(second)])
        expect(new Set([...first, ...other])).toEqual(new Set([200]))
        expect(refreshes()).toHaveLength(1)
        await Promise.all([page.reload(), second.reload()])
        expect([pathOf(page), pathOf(second)]).toEqual(['/dashboard', '/invoices'])
      }
      await context.close()
    })

    it('R10: a backend that does not answer signs nobody out', async () => {
      const { page, context } = await signedIn()
      await context.clearCookies({ name: 'accessToken' })
      const { value } = (await cookieOf(context, 'refreshToken')) ?? {}
      hop.fate = () => 'loseRequest'
      await page.goto(url('/invoices'))
      expect(pathOf(page)).toBe('/invoices')
      expect((await cookieOf(context, 'refreshToken'))?.value).toBe(value)
      hop.fate = () => 'deliver'
      await page.goto(url('/invoices'))
      await page.getByText('INV-2026-0001').first().waitFor()
      await context.close()
    })

    it('signs out, at the backend too: nothing that was copied before opens a page', async () => {
      const { page, context } = await signedIn()
      const copied = await context.cookies()
      hop.all.length = 0
      await page
      await page.locator('summary').filter({ hasText: 'Farid Finance' }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL((to) => to.pathname === '/login' || to.pathname === '/')
      expect(await cookieOf(context, 'refreshToken')).toBeUndefined()
      if (logoutPath !== null) expect(hop.all.map(({ path }) => path)).toContain(logoutPath)
      const thief = await browser.newContext()
      await thief.addCookies(copied.filter(({ name: cookie }) => cookie === 'accessToken'))
      const stolen = await thief.newPage()
      await stolen.goto(url('/dashboard'))
      expect(pathOf(stolen)).toBe('/login')
      if (logoutPath !== null) {
        await thief.addCookies(copied.filter(({ name: cookie }) => cookie === 'refreshToken'))
        await stolen.goto(url('/dashboard'))
        expect(pathOf(stolen)).toBe('/login')
      }
      await Promise.all([context.close(), thief.close()])
    })

    it('a refresh token is no access token', async () => {
      const { context } = await signedIn()
      const refreshToken = await cookieOf(context, 'refreshToken')
      const thief = await browser.newContext()
      await thief.addCookies([{ name: 'accessToken', value: refreshToken?.value ?? '', url: pages.url }])
      const page = await thief.newPage()
      await page.goto(url('/dashboard'))
      expect(pathOf(page)).toBe('/login')
      await Promise.all([context.close(), thief.close()])
    })

    it.runIf(name === 'simplejwt-hs256')('a user who is switched off is out within seconds', async () => {
      const { page, context } = await signedIn('owner@example.com')
      const database = new DatabaseSync(backend.databaseFile ?? '')
      database.exec('pragma busy_timeout = 5000')
      database.prepare('update auth_user set is_active = 0 where username = ?').run('owner@example.com')
      await expect
        .poll(
          async () => {
            await page.goto(url('/dashboard'))
            return pathOf(page)
          },
          { timeout: 15_000 },
        )
        .toBe('/login')
      database.prepare('update auth_user set is_active = 1 where username = ?').run('owner@example.com')
      database.close()
      await context.close()
    })
  },
)
