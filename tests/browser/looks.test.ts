import AxeBuilder from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillSignIn, launchBrowser } from '../system/browser.ts'
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
const guarded = [
  '/dashboard',
  '/invoices',
  '/invoices?search=nothing-matches-this',
  '/invoices/new',
  '/customers',
  '/reports',
  '/profile',
  '/profile/sessions',
  '/nothing-here',
]
const screens = [
  { colorScheme: 'light', width: 1440, height: 900 },
  { colorScheme: 'dark', width: 390, height: 844 },
] as const

async function session(
  screen: (typeof screens)[number],
  email?: string,
): Promise<{ context: BrowserContext; page: Page }> {
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
  return { context, page }
}

async function settled(page: Page, path: string): Promise<void> {
  await page.goto(system.webUrl + path, { waitUntil: 'networkidle' })
  await page.getByRole('heading', { level: 1 }).first().waitFor()
}

async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  expect(
    violations.map(
      ({ id, nodes }) => `${what}: ${id} ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    ),
  ).toEqual([])
}

describe.each(screens)('$colorScheme, $width px wide', (screen) => {
  it('axe finds no violation, and nothing is wider than the screen', { timeout: 120_000 }, async () => {
    const stranger = await session(screen)
    for (const path of open) {
      await settled(stranger.page, path)
      await expectAccessible(stranger.page, path)
      expect(
        await stranger.page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        ),
        path,
      ).toBeLessThanOrEqual(0)
    }
    await stranger.context.close()
    const owner = await session(screen, 'owner@example.com')
    for (const path of guarded) {
      await settled(owner.page, path)
      await expectAccessible(owner.page, path)
      expect(
        await owner.page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        ),
        path,
      ).toBeLessThanOrEqual(0)
    }
    await owner.context.close()
    const member = await session(screen, 'member@example.com')
    await settled(member.page, '/reports')
    await expectAccessible(member.page, 'the 403 page')
    await member.context.close()
  })

  it('nothing shifts while a page loads', { timeout: 120_000 }, async () => {
    const { context, page } = await session(screen, 'owner@example.com')
    await page.addInitScript(() => {
      const shifts: number[] = []
      Object.assign(window, { shifts })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          if ('value' in entry && !('hadRecentInput' in entry && entry.hadRecentInput))
            shifts.push(Number(entry.value))
      }).observe({ type: 'layout-shift', buffered: true })
    })
    for (const path of [
      '/dashboard',
      '/invoices',
      '/customers',
      '/reports',
      '/profile',
      '/profile/sessions',
    ]) {
      await settled(page, path)
      const shift = await page.evaluate(() =>
        (window as unknown as { shifts: number[] }).shifts.reduce((sum, value) => sum + value, 0),
      )
      expect(shift, path).toBeLessThan(0.01)
    }
    await context.close()
  })

  it('no page logs an error or asks for anything that is not there', { timeout: 120_000 }, async () => {
    const { context, page } = await session(screen, 'owner@example.com')
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${page.url()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
    page.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`)
    })
    for (const path of [
      '/',
      '/dashboard',
      '/invoices',
      '/invoices/new',
      '/customers',
      '/reports',
      '/profile',
      '/profile/sessions',
    ])
      await settled(page, path)
    expect(complaints).toEqual([])
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
