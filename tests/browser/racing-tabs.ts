import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { cookieOf } from '../system/browser.ts'
import { type Device, startTwoWebs, type TwoWebs } from '../system/two-webs.ts'

/** Gives a test file two Next processes behind one edge, and functions for tabs of one browser that refresh at the same time. */
export function racingTabs() {
  let webs: TwoWebs
  beforeAll(async () => {
    webs = await startTwoWebs()
  })
  afterAll(() => webs?.stop())
  beforeEach(() => webs.heal())

  const url = (path: string) => webs.edge.origin + path
  const status = (tab: Page, path: string) =>
    tab.evaluate((address) => fetch(address, { cache: 'no-store' }).then((answer) => answer.status), path)

  return {
    webs: () => webs,
    url,
    status,
    answered: () => webs.refreshes().filter(({ state }) => state === 'answered'),
    refreshToken: async ({ context }: Device) => (await cookieOf(context, 'refreshToken'))?.value,
    release() {
      webs.refreshFate('deliver')
      for (const { deliver } of webs.refreshes()) deliver()
    },
    onlyOneWeb() {
      webs.edge.pick = () => 0
    },

    /** Returns two tabs of one browser. One shows the profile with a completed form, and the other shows the invoices. */
    async twoTabs(): Promise<{ device: Device; profile: Page; other: Page }> {
      const device = await webs.signedIn('/profile')
      const other = await device.context.newPage()
      await other.goto(url('/invoices'))
      return { device, profile: device.page, other }
    },

    /** Returns two tabs that send no requests by themselves, so that a test controls the order. */
    async twoQuietTabs(): Promise<{ device: Device; one: Page; other: Page }> {
      const device = await webs.signedIn()
      const other = await device.context.newPage()
      await Promise.all([device.page, other].map((tab) => tab.goto(url('/icon.svg'))))
      return { device, one: device.page, other }
    },

    /** Expects that the browser's final cookies are valid: the access token is accepted, and the refresh token renews once more. */
    async expectWorkingPair(device: Device): Promise<void> {
      webs.heal()
      const { generation } = webs.row(device)
      const asked = webs.refreshes().length
      expect(await status(device.page, '/api/invoices')).toBe(200)
      expect(webs.refreshes().length).toBe(asked)
      await webs.expire(device)
      expect((await device.page.goto(url('/customers')))?.status()).toBe(200)
      await device.page.getByRole('heading', { name: 'Customers', level: 1 }).waitFor()
      expect(webs.signOuts()).toEqual([])
      expect(webs.row(device)).toMatchObject({ generation: generation + 1, endedAt: null })
      await device.context.close()
    },
  }
}
