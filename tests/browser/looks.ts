import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { accessibilityFaults, sidewaysOverflow } from '../system/accessibility.ts'
import type { RunningExample } from '../system/example/running-example.ts'
import { layoutShift, watchLayoutShifts } from '../system/layout-shift.ts'
import { demoPerson, signIn } from '../system/people.ts'

export const screens = [
  { colorScheme: 'light', width: 1440, height: 900 },
  { colorScheme: 'dark', width: 390, height: 844 },
] as const

export type Screen = (typeof screens)[number]

/**
 * A page in a new browser context. `complaints` are the errors in the console, uncaught errors and failed responses since the page was
 * opened.
 */
export type Look = { context: BrowserContext; page: Page; complaints: string[] }

/** Opens a page in a new browser context with this screen. If `role` is given, a user of the example with this role is signed in. */
export async function startLook(
  browser: Browser,
  system: RunningExample,
  screen: Screen,
  role?: 'owner' | 'member',
): Promise<Look> {
  const context = await browser.newContext({
    colorScheme: screen.colorScheme,
    viewport: { width: screen.width, height: screen.height },
    reducedMotion: 'reduce',
  })
  if (role) await signIn(context, system, demoPerson(role))
  const page = await context.newPage()
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

/** Opens a page, and checks that it has no layout shift, no overflow and no axe violation. */
export async function expectGood({ page }: Pick<Look, 'page'>, url: string): Promise<void> {
  await page.goto(url, { waitUntil: 'networkidle' })
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  expect(await layoutShift(page), url).toBeLessThan(0.01)
  await expectGoodState(page, url)
}

/** Checks that the page that is open has no overflow and no axe violation in its current state. */
export async function expectGoodState(page: Page, state: string): Promise<void> {
  expect(await sidewaysOverflow(page), state).toBeLessThanOrEqual(0)
  expect(await accessibilityFaults(page), state).toEqual([])
}
