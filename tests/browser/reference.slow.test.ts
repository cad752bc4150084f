import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { referencePage } from '../../packages/server/src/http/reference-page.ts'
import { fullDocument } from '../../packages/server/src/testing/promised.ts'
import { accessibilityFaults } from '../system/accessibility.ts'
import { launchBrowser } from '../system/browser.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

describe.each([
  { colorScheme: 'light', width: 1440 },
  { colorScheme: 'dark', width: 390 },
] as const)('the reference, $colorScheme, $width px wide', ({ colorScheme, width }) => {
  it('is accessible with everything open, no wider than the screen, and loads nothing', {
    timeout: 120_000,
  }, async () => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } })
    const page = await context.newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.setContent(referencePage(fullDocument))
    await page.getByText('/api/auth/login', { exact: true }).click()
    await page.locator('#postAuthLogin').getByText('The email or the password is not right.').waitFor()
    await page.locator('details').evaluateAll((all) => {
      for (const one of all) one.setAttribute('open', '')
    })
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    expect(asked).toEqual([])
    await context.close()
  })
})
