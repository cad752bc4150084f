import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../system/browser.ts'
import { type RunningExample, runningExample } from '../system/example/running-example.ts'
import { expectGood, screens, startLook } from './looks.ts'
import { expectReadableMails } from './mail-looks.ts'

// The pages of accessible-pages.slow.test.ts are not repeated here.
let system: RunningExample
let browser: Browser
beforeAll(async () => {
  ;[system, browser] = await Promise.all([runningExample(), launchBrowser()])
})
afterAll(() => browser?.close())

const open = ['/signup']
const ofAnOwner = [
  '/',
  '/invoices?search=nothing-matches-this',
  '/invoices/new',
  '/customers',
  '/reports',
  '/profile/sessions',
]
const settingsPages = [
  '/profile',
  '/profile/password',
  '/profile/security',
  '/profile/address',
  '/profile/sessions',
  '/profile/activity',
  '/profile/data',
]
describe.each(screens)('$colorScheme, $width px wide', (screen) => {
  it.each([
    ['a stranger', undefined, open],
    ['an owner', 'owner', ofAnOwner],
  ] as const)(
    'for %s no page has axe violations, overflow, layout shifts or errors',
    { timeout: 300_000 },
    async (_, role, paths) => {
      const one = await startLook(browser, system, screen, role)
      for (const path of paths) await expectGood(one, system.webUrl + path)
      expect(one.complaints).toEqual([])
      await one.context.close()
    },
  )

  it.each([
    ['403', 'member', '/reports'],
    ['404', 'owner', '/nothing-here'],
  ] as const)('the page of a %s has no such fault', async (status, role, path) => {
    const one = await startLook(browser, system, screen, role)
    await expectGood(one, system.webUrl + path)
    expect(one.complaints.filter((complaint) => !complaint.includes(status))).toEqual([])
    await one.context.close()
  })

  it('the tab bar of the settings shows the open tab', async () => {
    const { context, page } = await startLook(browser, system, screen, 'owner')
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

it('mails in light colours on a wide screen are accessible, and load nothing', () =>
  expectReadableMails(browser, { colorScheme: 'light', width: 1024 }))
