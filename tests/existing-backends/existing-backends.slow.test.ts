import { DatabaseSync } from 'node:sqlite'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createBell } from '../system/bell.ts'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import { findSimpleJwt } from '../system/interpreters.ts'
import { demoPassword } from '../system/system.ts'
import { startUnreliableFront, type UnreliableFront } from '../system/unreliable-front.ts'
import { type Backend, startExpress, startIdentityShapes, startSimpleJwt } from './backends.ts'
import { type BackendName, buildDashboard, type Dashboard } from './pages.ts'

const python = findSimpleJwt()

type Kind = { start: () => Promise<Backend>; refreshPath: string; logoutPath: string | null }
const django = { refreshPath: '/api/token/refresh/', logoutPath: '/api/token/blacklist/' }
const express = { refreshPath: '/api/auth/refresh', logoutPath: '/api/auth/logout' }
const kinds: Record<BackendName, Kind> = {
  simplejwt: { ...django, start: () => startSimpleJwt('RS256') },
  'simplejwt-hs256': { ...django, start: () => startSimpleJwt('HS256') },
  'express-body': { ...express, start: () => startExpress('body') },
  'express-cookie': { ...express, start: () => startExpress('cookie') },
  'aspnet-identity': { refreshPath: '/refresh', logoutPath: null, start: startIdentityShapes },
}

let dashboard: Dashboard
let browser: Browser
beforeAll(async () => {
  ;[dashboard, browser] = await Promise.all([buildDashboard(), launchBrowser()])
}, 240_000)
afterAll(async () => {
  await browser?.close()
  dashboard?.remove()
})

/** The dashboard in front of one backend, for all tests of a `describe`. */
function servedFor(name: BackendName) {
  const { start, refreshPath, logoutPath } = kinds[name]
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
  const pathOf = (page: Page) => new URL(page.url()).pathname

  async function submit(page: Page, email: string, password: string): Promise<void> {
    await page.goto(url('/login?returnTo=/dashboard'))
    await fillSignIn(page, email, password)
  }
  async function signedIn(email = 'finance@example.com'): Promise<{ page: Page; context: BrowserContext }> {
    const context = await browser.newContext()
    const page = await context.newPage()
    await submit(page, email, demoPassword)
    await page.waitForURL(url('/dashboard'))
    return { page, context }
  }

  return {
    url,
    pathOf,
    signedIn,
    hop: () => hop,

    /** Changes a user at the backend as an administrator does, as SQL with one placeholder for their address. */
    change(statement: string, email: string): void {
      const database = new DatabaseSync(backend.databaseFile ?? '')
      database.exec('pragma busy_timeout = 5000')
      database.prepare(statement).run(email)
      database.close()
    },

    async refusesWrongPassword() {
      const page = await browser.newPage()
      await submit(page, 'finance@example.com', 'not the password')
      await page.getByText('The email or the password is not right.').first().waitFor()
      expect(pathOf(page)).toBe('/login')
      await page.close()
    },

    async showsNoToken(page: Page, context: BrowserContext) {
      await page.getByText('INV-2026-0001').first().waitFor()
      await page.getByText('Farid Finance').first().waitFor()
      const ours = (await context.cookies()).filter(({ name: cookie }) => /Token$/.test(cookie))
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
    },

    /** Two tabs with fifteen requests each, without an access token: using the refresh token twice would sign out. */
    async refreshesOnce([page, second]: [Page, Page], context: BrowserContext) {
      hop.all.length = 0
      await context.clearCookies({ name: 'accessToken' })
      const burst = (tab: Page) =>
        tab.evaluate(() =>
          Promise.all(Array.from({ length: 15 }, () => fetch('/api/summary').then(({ status }) => status))),
        )
      const [first, other] = await Promise.all([burst(page), burst(second)])
      expect(new Set([...first, ...other])).toEqual(new Set([200]))
      expect(hop.all.filter(({ path }) => path === refreshPath)).toHaveLength(1)
      await Promise.all([page.reload(), second.reload()])
      expect([pathOf(page), pathOf(second)]).toEqual(['/dashboard', '/invoices'])
    },

    /** Signs out by the menu; the copied cookies open nothing, and get no new tokens where the backend can end sessions. */
    async signsOut(page: Page, context: BrowserContext) {
      const copied = await context.cookies()
      hop.all.length = 0
      await page.locator('summary').filter({ hasText: 'Farid Finance' }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL((to) => to.pathname === '/login' || to.pathname === '/')
      expect(await cookieOf(context, 'refreshToken')).toBeUndefined()
      if (logoutPath !== null) expect(hop.all.map(({ path }) => path)).toContain(logoutPath)
      for (const { value } of copied.filter(({ name: cookie }) => /Token$/.test(cookie)))
        expect(pages.log.join('\n')).not.toContain(value)
      const thief = await browser.newContext()
      const stolen = await thief.newPage()
      for (const cookie of logoutPath === null ? ['accessToken'] : ['accessToken', 'refreshToken']) {
        await thief.addCookies(copied.filter(({ name: known }) => known === cookie))
        await stolen.goto(url('/dashboard'))
        expect([cookie, pathOf(stolen)]).toEqual([cookie, '/login'])
      }
      await thief.close()
    },
  }
}

const switchOff = 'update auth_user set is_active = 0 where username = ?'
const takeRoles = 'delete from auth_user_groups where user_id = (select id from auth_user where username = ?)'

const needsPython = (name: BackendName) => name.startsWith('simplejwt')

for (const name of ['simplejwt', 'express-body'] as const) {
  describe.skipIf(needsPython(name) && python === null)(`${name}, without our server`, () => {
    const served = servedFor(name)
    const { url, pathOf, signedIn } = served

    it('signs in, shows the dashboard, and exposes no token to scripts', async () => {
      const { page, context } = await signedIn()
      await served.showsNoToken(page, context)
      await context.close()
    })

    it('refuses a wrong password in the form', () => served.refusesWrongPassword())

    it('applies the roles of the backend to the reports', async () => {
      const { page, context } = await signedIn()
      expect((await page.goto(url('/reports')))?.status()).toBe(200)
      await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor()
      const { page: member, context: other } = await signedIn('member@example.com')
      expect((await member.goto(url('/reports')))?.status()).toBe(403)
      expect(await member.evaluate(() => fetch('/api/reports/revenue').then(({ status }) => status))).toBe(
        403,
      )
      const stranger = await browser.newPage()
      await stranger.goto(url('/reports'))
      expect(pathOf(stranger)).toBe('/login')
      await Promise.all([context.close(), other.close(), stranger.close()])
    })

    it('refreshes once for thirty parallel requests with an expired token [R11]', async () => {
      const { page, context } = await signedIn()
      const second = await context.newPage()
      await second.goto(url('/invoices'))
      for (let round = 0; round < 3; round++) await served.refreshesOnce([page, second], context)
      await context.close()
    })

    it('signs nobody out if the backend does not respond [D08]', async () => {
      const { page, context } = await signedIn()
      const { value } = (await cookieOf(context, 'refreshToken')) ?? {}
      // Before the cookie is removed: the open page sends further requests.
      served.hop().fate = () => 'loseRequest'
      onTestFinished(() => {
        served.hop().fate = () => 'deliver'
      })
      await context.clearCookies({ name: 'accessToken' })
      await page.goto(url('/invoices'))
      expect(pathOf(page)).toBe('/invoices')
      expect((await cookieOf(context, 'refreshToken'))?.value).toBe(value)
      served.hop().fate = () => 'deliver'
      await page.goto(url('/invoices'))
      await page.getByText('INV-2026-0001').first().waitFor()
      await context.close()
    })

    it('signs out at the backend, too, and refuses copied cookies', async () => {
      const { page, context } = await signedIn()
      await served.signsOut(page, context)
      await context.close()
    })

    if (name === 'simplejwt') {
      it('applies role changes and disabled users at the next refresh', async () => {
        const { page, context } = await signedIn('owner@example.com')
        expect((await page.goto(url('/reports')))?.status()).toBe(200)
        served.change(takeRoles, 'owner@example.com')
        await context.clearCookies({ name: 'accessToken' })
        expect((await page.goto(url('/reports')))?.status()).toBe(403)
        served.change(switchOff, 'owner@example.com')
        await context.clearCookies({ name: 'accessToken' })
        await page.goto(url('/dashboard'))
        expect(pathOf(page)).toBe('/login')
        await context.close()
      })

      it('refuses earlier access tokens after a sign-out, with a `sid`', async () => {
        const { page, context } = await signedIn()
        const older = (await cookieOf(context, 'accessToken'))?.value ?? ''
        await context.clearCookies({ name: 'accessToken' })
        await page.reload()
        expect((await cookieOf(context, 'accessToken'))?.value).not.toBe(older)
        const thief = await browser.newContext()
        await thief.addCookies([{ name: 'accessToken', value: older, url: url('/') }])
        const stolen = await thief.newPage()
        await stolen.goto(url('/dashboard'))
        expect(pathOf(stolen)).toBe('/dashboard')
        await served.signsOut(page, context)
        await stolen.goto(url('/dashboard'))
        expect(pathOf(stolen)).toBe('/login')
        await Promise.all([context.close(), thief.close()])
      })
    }

    it('does not accept a refresh token as an access token', async () => {
      const { context } = await signedIn()
      const refreshToken = await cookieOf(context, 'refreshToken')
      const thief = await browser.newContext()
      await thief.addCookies([{ name: 'accessToken', value: refreshToken?.value ?? '', url: url('/') }])
      const page = await thief.newPage()
      await page.goto(url('/dashboard'))
      expect(pathOf(page)).toBe('/login')
      await Promise.all([context.close(), thief.close()])
    })
  })
}

// The other errors are the same as above, and are tested in custom-issuer.test.ts.
for (const name of ['simplejwt-hs256', 'express-cookie', 'aspnet-identity'] as const) {
  describe.skipIf(needsPython(name) && python === null)(`${name}, without our server`, () => {
    const served = servedFor(name)

    it('signs in, refreshes under load without a false sign-out, and signs out', {
      timeout: 60_000,
    }, async () => {
      await served.refusesWrongPassword()
      const { page, context } = await served.signedIn()
      await served.showsNoToken(page, context)
      const second = await context.newPage()
      await second.goto(served.url('/invoices'))
      await served.refreshesOnce([page, second], context)
      await served.signsOut(page, context)
      await context.close()
    })

    if (name !== 'simplejwt-hs256') return
    it('signs a disabled user out within seconds', async () => {
      const { page, context } = await served.signedIn('owner@example.com')
      served.change(switchOff, 'owner@example.com')
      await expect
        .poll(
          async () => {
            await page.goto(served.url('/dashboard'))
            return served.pathOf(page)
          },
          { timeout: 15_000 },
        )
        .toBe('/login')
      await context.close()
    })
  })
}
