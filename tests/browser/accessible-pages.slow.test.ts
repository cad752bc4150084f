import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../scripts/install.mjs'
import { accessibilityFaults } from '../system/accessibility.ts'
import { launchBrowser } from '../system/browser.ts'
import { type RunningExample, runningExample } from '../system/example/running-example.ts'
import { demoPassword } from '../system/system.ts'
import { expectGood, screens, startLook } from './looks.ts'

let system: RunningExample
let browser: Browser
beforeAll(async () => {
  ;[system, browser] = await Promise.all([runningExample(), launchBrowser()])
})
afterAll(() => browser?.close())

describe.each(screens)('$colorScheme, $width px wide', (screen) => {
  it.each([
    ['a stranger', undefined, ['/', '/login']],
    ['an owner', 'owner', ['/dashboard', '/invoices', '/profile']],
  ] as const)(
    'for %s no main page has axe violations, overflow, layout shifts or errors',
    async (_, role, paths) => {
      const one = await startLook(browser, system, screen, role)
      for (const path of paths) await expectGood(one, system.webUrl + path)
      expect(one.complaints).toEqual([])
      await one.context.close()
    },
  )
})

describe.each(screens)('the colors of the $colorScheme theme', (screen) => {
  it('text on a filled button has enough contrast, also under the pointer', async () => {
    const { context, page } = await startLook(browser, system, screen)
    await page.goto(`${system.webUrl}/login`)
    await page.getByRole('main').evaluate((main) => {
      for (const fill of ['accent', 'accent-hover', 'bad-fill', 'bad-hover']) {
        const text = document.createElement('p')
        text.textContent = `Text on ${fill}`
        text.style.cssText = `background: var(--${fill}); color: var(--on-accent)`
        main.append(text)
      }
    })
    expect(await accessibilityFaults(page)).toEqual([])
    await context.close()
  })
})

it('the icon of the site has the accent color', async () => {
  const { context, page } = await startLook(browser, system, screens[0])
  await page.goto(`${system.webUrl}/login`)
  const icon = readFileSync(join(root, 'apps/billing-web/app/icon.svg'), 'utf8')
  const iconFill = /<rect[^>]* fill="([^"]+)"/.exec(icon)?.[1] ?? ''
  const [fill, accent] = await page.getByRole('button', { name: 'Continue', exact: true }).evaluate(
    (button, color) =>
      [color, getComputedStyle(button).backgroundColor].map((one) => {
        const drawn = document.createElement('canvas').getContext('2d')
        if (drawn === null) return null
        drawn.fillStyle = one
        drawn.fillRect(0, 0, 1, 1)
        return [...drawn.getImageData(0, 0, 1, 1).data]
      }),
    iconFill,
  )
  expect(fill).toEqual(accent)
  await context.close()
})

it('works by keyboard: sign in, skip to the content, reach the navigation, sign out', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${system.webUrl}/login`)
  await page.getByLabel('Email').focus()
  await page.keyboard.type('member@example.com')
  await page.keyboard.press('Enter')
  await page.locator('[name="password"]:focus').waitFor()
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
