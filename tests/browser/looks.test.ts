import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessibilityFaults, sidewaysOverflow } from '../system/accessibility.ts'
import { fillSignIn, launchBrowser } from '../system/browser.ts'
import { layoutShift, watchLayoutShifts } from '../system/layout-shift.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'

let system: System
let browser: Browser
beforeAll(async () => {
  ;[system, browser] = await Promise.all([startSystem(), launchBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await system?.stop()
})

const open = ['/', '/login', '/signup']
const ofAnOwner = [
  '/',
  '/dashboard',
  '/invoices',
  '/invoices?search=nothing-matches-this',
  '/invoices/new',
  '/customers',
  '/reports',
  '/profile',
  '/profile/sessions',
]
const settingsPages = [
  '/profile',
  '/profile/password',
  '/profile/address',
  '/profile/sessions',
  '/profile/activity',
  '/profile/data',
]
const screens = [
  { colorScheme: 'light', width: 1440, height: 900 },
  { colorScheme: 'dark', width: 390, height: 844 },
] as const

/** What every page in it does wrong while it is open, apart from answers that the test asks for. */
type Session = { context: BrowserContext; page: Page; complaints: string[] }

async function session(screen: (typeof screens)[number], email?: string): Promise<Session> {
  const context = await browser.newContext({
    colorScheme: screen.colorScheme,
    viewport: { width: screen.width, height: screen.height },
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  if (email) {
    await page.goto(`${system.webUrl}/login`)
    await fillSignIn(page, email, demoPassword)
    await page.waitForURL(`${system.webUrl}/dashboard`)
  }
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`)
  })
  await watchLayoutShifts(context)
  return { context, page, complaints }
}

/** Opens a page and looks at it: nothing shifts, nothing is wider than the screen, and axe finds nothing. */
async function expectGood({ page }: Session, path: string): Promise<void> {
  await page.goto(system.webUrl + path, { waitUntil: 'networkidle' })
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  expect(await layoutShift(page), path).toBeLessThan(0.01)
  expect(await sidewaysOverflow(page), path).toBeLessThanOrEqual(0)
  expect(await accessibilityFaults(page), path).toEqual([])
}

describe.each(screens)('$colorScheme, $width px wide', (screen) => {
  it.each([
    ['a stranger', undefined, open],
    ['an owner', 'owner@example.com', ofAnOwner],
  ])(
    'for %s no page has a fault that axe finds, is wider than the screen, shifts while it loads, logs an error or asks for what is not there',
    { timeout: 120_000 },
    async (_, email, paths) => {
      const one = await session(screen, email)
      for (const path of paths) await expectGood(one, path)
      expect(one.complaints).toEqual([])
      await one.context.close()
    },
  )

  it.each([
    ['403', 'member@example.com', '/reports'],
    ['404', 'owner@example.com', '/nothing-here'],
  ])('the page of a %s is as good', async (status, email, path) => {
    const one = await session(screen, email)
    await expectGood(one, path)
    expect(one.complaints.filter((complaint) => !complaint.includes(status))).toEqual([])
    await one.context.close()
  })

  it('the bar of the settings cuts no tab off on the left where all of them fit, and shows the one that is open', async () => {
    const { context, page } = await session(screen, 'owner@example.com')
    for (const path of settingsPages) {
      await page.goto(system.webUrl + path, { waitUntil: 'networkidle' })
      const bar = page.getByRole('navigation', { name: 'Account' })
      await bar.locator('[aria-current="page"]').waitFor()
      const seen = await bar.evaluate((nav) => {
        const { left, right } = nav.getBoundingClientRect()
        const tabs = [...nav.querySelectorAll('a')].map((tab) => {
          const words = document.createRange()
          words.selectNodeContents(tab)
          const box = words.getBoundingClientRect()
          return { tab, isInSight: box.left >= left && box.right <= right }
        })
        const fits = tabs.reduce((width, { tab }) => width + tab.offsetWidth, 0) <= nav.clientWidth
        const cutOff = tabs.filter(({ isInSight }) => !isInSight)
        return {
          fits,
          cutOff: cutOff.map(({ tab }) => tab.textContent),
          current: tabs.find(({ tab }) => tab.ariaCurrent === 'page')?.isInSight,
        }
      })
      expect(seen.current, path).toBe(true)
      if (seen.fits) expect(seen.cutOff, path).toEqual([])
      if (screen.width > 1_000) expect(seen.fits).toBe(true)
    }
    await context.close()
  })
})

it('the whole way by keyboard: sign in, skip to the content, reach the navigation, sign out', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${system.webUrl}/login`)
  await page.getByLabel('Email').focus()
  await page.keyboard.type('member@example.com')
  await page.getByLabel('Password', { exact: true }).focus()
  await page.keyboard.type(demoPassword)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${system.webUrl}/dashboard`)
  await page.goto(`${system.webUrl}/invoices`)
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/skip/i)
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true)
  await page.goto(`${system.webUrl}/profile`)
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/login/)
  await context.close()
})
