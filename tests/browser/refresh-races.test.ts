import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cookieOf } from '../system/browser.ts'
import { tenAreWaiting, tenAtOnce, tenFine } from '../system/storm.ts'
import { type Device, startTwoWebs, type TwoWebs } from '../system/two-webs.ts'

let webs: TwoWebs
beforeAll(async () => {
  webs = await startTwoWebs()
})
afterAll(() => webs?.stop())
beforeEach(() => webs.heal())

const url = (path: string) => webs.edge.origin + path
const status = (tab: Page, path: string) =>
  tab.evaluate((address) => fetch(address, { cache: 'no-store' }).then((answer) => answer.status), path)
const answered = () => webs.refreshes().filter(({ state }) => state === 'answered')
const refreshToken = async ({ context }: Device) => (await cookieOf(context, 'refreshToken'))?.value
const release = () => {
  webs.refreshFate('deliver')
  for (const { deliver } of webs.refreshes()) deliver()
}
const onlyOneWeb = () => {
  webs.edge.pick = () => 0
}

/** Two tabs of one browser: one shows the profile with its form ready to be sent, the other the invoices. */
async function twoTabs(): Promise<{ device: Device; profile: Page; other: Page }> {
  const device = await webs.signedIn('/profile')
  const other = await device.context.newPage()
  await other.goto(url('/invoices'))
  return { device, profile: device.page, other }
}

/** Two tabs that ask for nothing by themselves, where a test says which request comes when. */
async function twoQuietTabs(): Promise<{ device: Device; one: Page; other: Page }> {
  const device = await webs.signedIn()
  const other = await device.context.newPage()
  await Promise.all([device.page, other].map((tab) => tab.goto(url('/icon.svg'))))
  return { device, one: device.page, other }
}

/** The two cookies that the browser ends up with are a working pair: the one opens doors unaided, the other renews once more. */
async function expectWorkingPair(device: Device): Promise<void> {
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
}

describe('R02, R11, S15: ten requests at once over two tabs, their access token expired', {
  timeout: 60_000,
}, () => {
  it('one Next process asks the auth server once, and one rotation is written', async () => {
    onlyOneWeb()
    const { device, profile, other } = await twoTabs()
    await webs.expire(device)
    expect(await tenAtOnce(profile, other)).toEqual(tenFine)
    expect(webs.refreshes().length).toBe(1)
    expect(webs.row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs.signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('and with a slow auth server all ten wait for that one answer', async () => {
    onlyOneWeb()
    const { device, profile, other } = await twoTabs()
    webs.refreshFate('hold')
    await webs.expire(device)
    const ten = tenAtOnce(profile, other)
    await webs.until(() => tenAreWaiting(webs.edge) && answered().length > 0)
    release()
    expect(await ten).toEqual(tenFine)
    expect(webs.refreshes().length).toBe(1)
    expect(webs.row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs.signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('R03: two Next processes ask twice, the later answer arrives first, and still one rotation is written', async () => {
    const { device, profile, other } = await twoTabs()
    webs.refreshFate('hold')
    await webs.expire(device)
    const ten = tenAtOnce(profile, other)
    await webs.until(() => tenAreWaiting(webs.edge) && answered().length >= 2)
    const [, second] = answered()
    second?.deliver()
    await webs.until(() => second?.state === 'over')
    release()
    expect(await ten).toEqual(tenFine)
    expect(webs.refreshes().map(({ answer }) => answer?.status)).toEqual([200, 200])
    expect(webs.row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs.signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('CVE-2026-40155: two devices of one person at the same time, and each stays in its own session', async () => {
    const one = await twoTabs()
    const two = await twoTabs()
    webs.refreshFate('hold')
    await webs.expire(one.device, two.device)
    const storms = Promise.all([tenAtOnce(one.profile, one.other), tenAtOnce(two.profile, two.other)])
    await webs.until(() => tenAreWaiting(webs.edge, 20) && answered().length >= 4)
    for (const crossing of answered().reverse()) crossing.deliver()
    release()
    expect(await storms).toEqual([tenFine, tenFine])
    for (const { device, other } of [one, two]) {
      expect(webs.row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
      const who = () =>
        fetch('/api/auth/session').then(
          async (answer) =>
            ((await answer.json()) as { principal: { sessionId: string } }).principal.sessionId,
        )
      expect(await other.evaluate(who)).toBe(device.sessionId)
    }
    expect(webs.signOuts()).toEqual([])

    await one.profile.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
    await one.profile.waitForURL(/\/login/)
    expect(webs.row(one.device).endReason).toBe('sign_out')
    await one.device.context.close()
    await expectWorkingPair(two.device)
  })
})

describe('R04: an answer of the auth server is lost on the way', { timeout: 60_000 }, () => {
  it('once: the page says so and "Try again" shows it; the second asking was a repeat', async () => {
    onlyOneWeb()
    const device = await webs.signedIn()
    const before = await refreshToken(device)
    webs.refreshFate('loseAnswer')
    await webs.expire(device)
    expect((await device.page.goto(url('/invoices')))?.status()).toBeGreaterThanOrEqual(500)
    expect(webs.row(device)).toMatchObject({ generation: 1, branches: 1 })
    expect(await refreshToken(device)).toBe(before)
    await webs.settled()
    webs.heal()
    await device.page.getByRole('button', { name: /try again/i }).click()
    await device.page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
    expect(new URL(device.page.url()).pathname).toBe('/invoices')
    expect(webs.row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs.signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('once, and the next try comes after the grace: a sibling takes its place, and the session goes on from that', async () => {
    onlyOneWeb()
    const { device, one, other } = await twoQuietTabs()
    webs.refreshFate('loseAnswer')
    await webs.expire(device)
    expect(await status(one, '/api/invoices')).toBe(503)
    expect(webs.row(device)).toMatchObject({ generation: 1, branches: 1 })
    webs.passGrace(device)
    await webs.settled()
    webs.heal()
    onlyOneWeb()
    expect((await other.goto(url('/invoices')))?.status()).toBe(200)
    expect(webs.row(device)).toMatchObject({ generation: 1, branches: 2, endedAt: null })
    await expectWorkingPair(device)
    expect(webs.row(device)).toMatchObject({ generation: 2, parentBranch: 1 })
  })

  it('the request itself is lost: nothing is written, and the next try rotates', async () => {
    const { device, one } = await twoQuietTabs()
    webs.refreshFate('loseRequest')
    await webs.expire(device)
    expect(await status(one, '/api/invoices')).toBe(503)
    expect(await status(one, '/invoices')).toBeGreaterThanOrEqual(500)
    expect(webs.row(device)).toMatchObject({ generation: 0, endedAt: null })
    await webs.settled()
    webs.heal()
    expect(await status(one, '/api/invoices')).toBe(200)
    expect(webs.row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs.signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('every one for a long while, in two tabs and two Next processes: the session outlives it', async () => {
    const { device, profile, other } = await twoTabs()
    webs.refreshFate('loseAnswer')
    await webs.expire(device)
    for (let turn = 0; turn < 6; turn++) {
      const statuses = await Promise.all([
        status(profile, '/api/invoices'),
        status(other, '/api/customers'),
        status(other, '/invoices'),
      ])
      expect(statuses.every((code) => code >= 500)).toBe(true)
      webs.passGrace(device)
    }
    expect((await other.goto(url('/invoices')))?.status()).toBeGreaterThanOrEqual(500)
    const { generation, branches, endedAt } = webs.row(device)
    expect({ generation, endedAt }).toEqual({ generation: 1, endedAt: null })
    expect(branches).toBeGreaterThan(6)
    expect(webs.signOuts()).toEqual([])

    await webs.settled()
    webs.heal()
    expect(await tenAtOnce(profile, other)).toEqual(tenFine)
    expect(webs.row(device)).toMatchObject({ generation: 1, endedAt: null })
    expect(webs.signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('that of one Next process of two: who asked there is asked to try again, the others notice nothing', async () => {
    const { device, one, other } = await twoQuietTabs()
    webs.edge.pick = ({ path }) => (path === '/api/invoices' ? 0 : 1)
    webs.refreshFate((web) => (web === 0 ? 'loseAnswer' : 'hold'))
    await webs.expire(device)
    const lucky = Promise.all([status(other, '/api/customers'), status(other, '/customers')])
    await webs.until(() => answered().length === 1)
    expect(await status(one, '/api/invoices')).toBe(503)
    answered()[0]?.deliver()
    expect(await lucky).toEqual([200, 200])
    // The browser has the pair now, and with it the unlucky process needs nobody's help.
    expect(await status(one, '/api/invoices')).toBe(200)
    expect(webs.row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs.signOuts()).toEqual([])
    await expectWorkingPair(device)
  })
})

describe('R02: answers overtake each other', { timeout: 60_000 }, () => {
  it('the older of two siblings reaches the browser last, and renews all the same', async () => {
    const { device, one, other } = await twoQuietTabs()
    webs.edge.pick = ({ path }) => (path === '/api/invoices' ? 0 : 1)
    webs.refreshFate('hold')
    await webs.expire(device)
    const late = status(one, '/api/invoices')
    await webs.until(() => webs.hops[0].all.some(({ state }) => state === 'answered'))
    webs.passGrace(device)
    webs.refreshFate('deliver')
    const early = status(other, '/api/customers')
    await webs.until(() => webs.row(device).branches === 2)
    for (const { deliver } of webs.hops[1].all) deliver()
    expect(await early).toBe(200)
    const younger = await refreshToken(device)
    for (const { deliver } of webs.hops[0].all) deliver()
    expect(await late).toBe(200)
    expect(await refreshToken(device)).not.toBe(younger)
    expect(webs.signOuts()).toEqual([])
    await expectWorkingPair(device)
    expect(webs.row(device)).toMatchObject({ generation: 2, parentBranch: 0 })
  })

  it.each([
    ['within the grace', false],
    ['after the grace', true],
  ])(
    'an answer reaches the browser a whole renewal late and puts the old pair back: %s',
    async (_, isLate) => {
      const { device, one, other } = await twoQuietTabs()
      webs.edge.fate = ({ path }) => (path === '/api/plans' ? 'hold' : 'deliver')
      await webs.expire(device)
      const late = status(one, '/api/plans')
      const held = () => webs.edge.all.find(({ path }) => path === '/api/plans')
      await webs.until(() => held()?.state === 'answered')
      expect(await status(other, '/api/customers')).toBe(200)
      await webs.dropAccessToken(device)
      expect(await status(other, '/api/customers')).toBe(200)
      const newest = await refreshToken(device)
      held()?.deliver()
      expect(await late).toBe(200)
      expect(await refreshToken(device)).not.toBe(newest)

      await webs.dropAccessToken(device)
      if (isLate) webs.passGrace(device)
      expect((await other.goto(url('/customers')))?.status()).toBe(200)
      expect(webs.row(device)).toMatchObject({ generation: 2, endedAt: null })
      expect(webs.signOuts()).toEqual([])
      await expectWorkingPair(device)
    },
  )
})
