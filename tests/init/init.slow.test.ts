import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authenticator } from '../../packages/server/src/testing/authenticator.ts'
import { accessibilityFaults, sidewaysOverflow } from '../system/accessibility.ts'
import { fillSignIn, launchBrowser } from '../system/browser.ts'
import { startCookielessFront } from '../system/cookieless-front.ts'
import { layoutShift, watchLayoutShifts } from '../system/layout-shift.ts'
import { freshApp, password } from './fresh-app.ts'

let app: Awaited<ReturnType<typeof freshApp>>
let site: Awaited<ReturnType<typeof app.serve>>
let browser: Browser
let before: Record<string, string>
let said: string
beforeAll(async () => {
  app = await freshApp()
  before = sources(app.folder)
  said = (await app.sallyport(['init', '--yes'])).stdout
  await app.build()
  ;[site, browser] = await Promise.all([app.serve(), launchBrowser()])
}, 600_000)
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  app?.remove()
})

/** The user's own files: no packages, build output or databases. */
function sources(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[\\/](?:node_modules|\.next)[\\/]|\.db|tsbuildinfo|next-env/.test(path))
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'base64')]))
}

async function expectGood(page: Page, what: string): Promise<void> {
  expect(await accessibilityFaults(page), what).toEqual([])
  expect(await sidewaysOverflow(page), what).toBe(0)
  const { SCREENSHOTS } = process.env
  if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `${what}.png`) })
}

/** The elements that the Tab key reaches, and whether the focus is visible. */
async function focusOrder(page: Page) {
  const order: unknown[] = []
  for (let stop = 0; stop < 3; stop++) {
    await page.keyboard.press('Tab')
    order.push(
      await page.evaluate(() => {
        const at = document.activeElement as HTMLInputElement
        const { outlineStyle, outlineWidth } = getComputedStyle(at)
        return {
          name: at.name || at.textContent,
          hasRing: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
        }
      }),
    )
  }
  return order
}

const refusal = (page: Page) => page.getByRole('alert').filter({ hasText: 'not right' })
const hello = (page: Page) => page.getByRole('heading', { name: 'Hello, Ada', level: 1 })

describe('sallyport init --yes in an app of create-next-app', () => {
  it('has changed no existing file, and a second run finds nothing to do', async () => {
    const after = sources(app.folder)
    expect(after).toMatchObject(before)
    const made = Object.keys(after).length - Object.keys(before).length
    expect(made).toBeGreaterThan(0)
    expect(said).toContain(`Wrote ${made} files.`)
    const { stdout } = await app.sallyport(['init'])
    expect(stdout).toContain('Nothing to do: all files exist, and nothing was changed.')
    expect(sources(app.folder)).toEqual(after)
  })

  it.each([
    { colorScheme: 'light', width: 390 },
    { colorScheme: 'dark', width: 390 },
    { colorScheme: 'light', width: 1440 },
    { colorScheme: 'dark', width: 1440 },
  ] as const)(
    '$colorScheme, $width px wide: signs in and out, without axe violations',
    async ({ colorScheme, width }) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 844 } })
      await watchLayoutShifts(context)
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      const named = (what: string) => `${what}-${colorScheme}-${width}`
      await page.goto(`${site.url}/dashboard`, { waitUntil: 'networkidle' })
      expect(page.url()).toBe(`${site.url}/login?returnTo=%2Fdashboard`)
      await expectGood(page, named('login'))
      const card = await page.locator('main > *').boundingBox()
      expect(card?.width).toBeLessThanOrEqual(400)
      expect(await focusOrder(page)).toEqual([
        { name: 'email', hasRing: true },
        { name: 'password', hasRing: true },
        { name: 'Sign in', hasRing: true },
      ])

      await fillSignIn(page, 'ada@example.com', 'not the password')
      await refusal(page).waitFor()
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.getAttribute('name')))
        .toBe('password')
      expect(await page.getByLabel('Email').inputValue()).toBe('ada@example.com')
      await expectGood(page, named('refused'))
      expect(await layoutShift(page)).toBeLessThan(0.01)
      const url = new URL(page.url())
      expect(url.searchParams.get('returnTo')).toBe('/dashboard')

      await page.getByLabel('Password').fill(password)
      await page.getByLabel('Password').press('Enter')
      await hello(page).waitFor()
      expect(page.url()).toBe(`${site.url}/dashboard`)
      await expectGood(page, named('dashboard'))
      const background = await page.evaluate(
        () => getComputedStyle(document.querySelector('main') ?? document.body).backgroundColor,
      )
      expect(background).toBe(colorScheme === 'light' ? 'rgb(247, 248, 250)' : 'rgb(11, 12, 15)')

      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${site.url}/login`)
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      // The form is new: it has nothing of the previous attempt.
      expect(await refusal(page).count()).toBe(0)
      expect(await page.getByLabel('Email').inputValue()).toBe('')
      await page.goto(`${site.url}/dashboard`)
      expect(page.url()).toBe(`${site.url}/login?returnTo=%2Fdashboard`)
      expect(complaints).toEqual([])
      await context.close()
    },
  )

  it('sends the form once if the button is pressed several times', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${site.url}/login`, { waitUntil: 'networkidle' })
    const held = Promise.withResolvers<void>()
    let sent = 0
    await page.route('**/login', async (route) => {
      if (route.request().method() === 'POST') {
        sent += 1
        await held.promise
      }
      await route.continue()
    })
    await fillSignIn(page, 'ada@example.com', password)
    const button = page.getByRole('button', { name: 'Signing in…' })
    await button.waitFor()
    await button.click({ force: true })
    await page.getByLabel('Password').press('Enter')
    held.resolve()
    await hello(page).waitFor()
    expect(sent).toBe(1)
    await context.close()
  })

  it('all of that works before JavaScript has loaded', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${site.url}/dashboard`)
    await fillSignIn(page, 'ada@example.com', 'not the password')
    await refusal(page).waitFor()
    expect(new URL(page.url()).searchParams.get('returnTo')).toBe('/dashboard')
    await fillSignIn(page, 'ada@example.com', password)
    await hello(page).waitFor()
    expect(new URL(page.url()).pathname).toBe('/dashboard')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(`${site.url}/login`)
    await context.close()
  })

  it.each([true, false])(
    'shows a message in a browser that stores no cookies (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const front = await startCookielessFront(site.url)
      const context = await browser.newContext({ javaScriptEnabled })
      try {
        const page = await context.newPage()
        const session = await context.newCDPSession(page)
        await session.send('Emulation.setDocumentCookieDisabled', { disabled: true })
        await page.goto(`${front.url}/dashboard`)
        const told = page.getByRole('alert').filter({ hasText: 'stores no cookies for this site' })
        if (!javaScriptEnabled) {
          expect(await told.count()).toBe(0)
          await fillSignIn(page, 'ada@example.com', password)
        }
        await told.waitFor()
        expect(new URL(page.url()).pathname).toBe('/login')
        if (javaScriptEnabled) await expectGood(page, 'cookies-off')
      } finally {
        await context.close()
        await front.close()
      }
    },
  )

  it.each([true, false])(
    'asks a user who has an authenticator app for a code (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const email = `${crypto.randomUUID()}@example.com`
      await site.createUser(email)
      const context = await browser.newContext({ javaScriptEnabled, colorScheme: 'dark' })
      const send = async <T>(path: string, data: object): Promise<T> => {
        const answer = await context.request.post(site.url + path, { data, headers: { origin: site.url } })
        expect(answer.status(), await answer.text()).toBe(200)
        return answer.json()
      }
      await send('/api/auth/login', { email, password })
      const { id, secret } = await send<{ id: string; secret: string }>('/api/user/factors/totp', {})
      const { codeAt } = authenticator(secret)
      const confirmation = { id, code: codeAt(Date.now()) }
      const { recoveryCodes } = await send<{ recoveryCodes: string[] }>(
        '/api/user/factors/totp/confirm',
        confirmation,
      )
      await context.clearCookies()

      const page = await context.newPage()
      const enter = async (label: string, code: string) => {
        await page.getByLabel(label, { exact: true }).fill(code)
        await page.getByRole('button', { name: 'Continue' }).click()
      }
      const good = async (what: string) => {
        if (javaScriptEnabled) await expectGood(page, what)
      }
      const refused = page.getByRole('alert').filter({ hasText: 'This code is not right' })
      await page.goto(`${site.url}/dashboard`)
      await fillSignIn(page, email, password)
      await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
      await good('second-factor')
      await enter('Code from your app', '000000')
      await refused.waitFor()
      await good('second-factor-refused')
      // The code of the next 30 seconds. The current one was used above.
      await enter('Code from your app', codeAt(Date.now() + 30_000))
      await hello(page).waitFor()
      expect(page.url()).toBe(`${site.url}/dashboard`)

      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${site.url}/login`)
      await fillSignIn(page, email, password)
      await page.getByRole('link', { name: 'Use a recovery code' }).click()
      await enter('Recovery code', 'not a code of mine')
      await refused.waitFor()
      await good('recovery-code')
      await enter('Recovery code', recoveryCodes[0] ?? '')
      await hello(page).waitFor()
      await context.close()
    },
  )

  it('protects the page before any content is sent', async () => {
    const answer = await fetch(`${site.url}/dashboard`, { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([307, '/login?returnTo=%2Fdashboard'])
    // A prefetch of the router is no page view, and its response must contain nothing either.
    const data = await fetch(`${site.url}/dashboard`, { redirect: 'manual', headers: { rsc: '1' } })
    expect(await data.text()).not.toContain('ada@example.com')
  })

  it('leaves the files of create-next-app in public/ public', async () => {
    const picture = await fetch(`${site.url}/next.svg`, { redirect: 'manual' })
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/svg+xml'])
  })
})
