import { describe, expect, it } from 'vitest'
import { tenAreWaiting, tenAtOnce, tenFine } from '../system/storm.ts'
import { racingTabs } from './racing-tabs.ts'

const {
  webs,
  url,
  status,
  answered,
  refreshToken,
  release,
  onlyOneWeb,
  twoTabs,
  twoQuietTabs,
  expectWorkingPair,
} = racingTabs()

describe('ten requests at once from two tabs, with an expired access token [R02, R11, S15]', {
  timeout: 60_000,
}, () => {
  it('one Next process causes one call and one rotation', async () => {
    onlyOneWeb()
    const { device, profile, other } = await twoTabs()
    await webs().expire(device)
    expect(await tenAtOnce(profile, other)).toEqual(tenFine)
    expect(webs().refreshes().length).toBe(1)
    expect(webs().row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs().signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('two Next processes cause two calls and one rotation [R03]', async () => {
    const { device, profile, other } = await twoTabs()
    webs().refreshFate('hold')
    await webs().expire(device)
    const ten = tenAtOnce(profile, other)
    await webs().until(() => tenAreWaiting(webs().edge) && answered().length >= 2)
    const [, second] = answered()
    second?.deliver()
    await webs().until(() => second?.state === 'over')
    release()
    expect(await ten).toEqual(tenFine)
    expect(
      webs()
        .refreshes()
        .map(({ answer }) => answer?.status),
    ).toEqual([200, 200])
    expect(webs().row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs().signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('all wait for one response of a slow auth server', async () => {
    onlyOneWeb()
    const { device, profile, other } = await twoTabs()
    webs().refreshFate('hold')
    await webs().expire(device)
    const ten = tenAtOnce(profile, other)
    await webs().until(() => tenAreWaiting(webs().edge) && answered().length > 0)
    release()
    expect(await ten).toEqual(tenFine)
    expect(webs().refreshes().length).toBe(1)
    expect(webs().row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs().signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('two devices of one user refresh in parallel and keep their sessions [CVE-2026-40155]', async () => {
    const one = await twoTabs()
    const two = await twoTabs()
    webs().refreshFate('hold')
    await webs().expire(one.device, two.device)
    const storms = Promise.all([tenAtOnce(one.profile, one.other), tenAtOnce(two.profile, two.other)])
    await webs().until(() => tenAreWaiting(webs().edge, 20) && answered().length >= 4)
    for (const crossing of answered().reverse()) crossing.deliver()
    release()
    expect(await storms).toEqual([tenFine, tenFine])
    for (const { device, other } of [one, two]) {
      expect(webs().row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
      const who = () =>
        fetch('/api/auth/session').then(
          async (answer) =>
            ((await answer.json()) as { principal: { sessionId: string } }).principal.sessionId,
        )
      expect(await other.evaluate(who)).toBe(device.sessionId)
    }
    expect(webs().signOuts()).toEqual([])

    await one.profile.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
    await one.profile.waitForURL(/\/login/)
    expect(webs().row(one.device).endReason).toBe('sign_out')
    await one.device.context.close()
    await expectWorkingPair(two.device)
  })
})

describe('a response of the auth server is lost [R04]', { timeout: 60_000 }, () => {
  it('once: the page shows a message, and "Try again" works', async () => {
    onlyOneWeb()
    const device = await webs().signedIn()
    const before = await refreshToken(device)
    webs().refreshFate('loseAnswer')
    await webs().expire(device)
    expect((await device.page.goto(url('/invoices')))?.status()).toBeGreaterThanOrEqual(500)
    expect(webs().row(device)).toMatchObject({ generation: 1, branches: 1 })
    expect(await refreshToken(device)).toBe(before)
    await webs().settled()
    webs().heal()
    await device.page.getByRole('button', { name: /try again/i }).click()
    await device.page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
    expect(new URL(device.page.url()).pathname).toBe('/invoices')
    expect(webs().row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs().signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('once, and the retry after the grace period gets a sibling token', async () => {
    onlyOneWeb()
    const { device, one, other } = await twoQuietTabs()
    webs().refreshFate('loseAnswer')
    await webs().expire(device)
    expect(await status(one, '/api/invoices')).toBe(503)
    expect(webs().row(device)).toMatchObject({ generation: 1, branches: 1 })
    webs().passGrace(device)
    await webs().settled()
    webs().heal()
    onlyOneWeb()
    expect((await other.goto(url('/invoices')))?.status()).toBe(200)
    expect(webs().row(device)).toMatchObject({ generation: 1, branches: 2, endedAt: null })
    await expectWorkingPair(device)
    expect(webs().row(device)).toMatchObject({ generation: 2, parentBranch: 1 })
  })

  it('if the request is lost, the next try rotates the token', async () => {
    const { device, one } = await twoQuietTabs()
    webs().refreshFate('loseRequest')
    await webs().expire(device)
    expect(await status(one, '/api/invoices')).toBe(503)
    expect(await status(one, '/invoices')).toBeGreaterThanOrEqual(500)
    expect(webs().row(device)).toMatchObject({ generation: 0, endedAt: null })
    await webs().settled()
    webs().heal()
    expect(await status(one, '/api/invoices')).toBe(200)
    expect(webs().row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs().signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('for a long time, in two tabs and two processes: the session survives', async () => {
    const { device, profile, other } = await twoTabs()
    webs().refreshFate('loseAnswer')
    await webs().expire(device)
    for (let turn = 0; turn < 6; turn++) {
      const statuses = await Promise.all([
        status(profile, '/api/invoices'),
        status(other, '/api/customers'),
        status(other, '/invoices'),
      ])
      expect(statuses.every((code) => code >= 500)).toBe(true)
      webs().passGrace(device)
    }
    expect((await other.goto(url('/invoices')))?.status()).toBeGreaterThanOrEqual(500)
    const { generation, branches, endedAt } = webs().row(device)
    expect({ generation, endedAt }).toEqual({ generation: 1, endedAt: null })
    expect(branches).toBeGreaterThan(6)
    expect(webs().signOuts()).toEqual([])

    await webs().settled()
    webs().heal()
    expect(await tenAtOnce(profile, other)).toEqual(tenFine)
    expect(webs().row(device)).toMatchObject({ generation: 1, endedAt: null })
    expect(webs().signOuts()).toEqual([])
    await expectWorkingPair(device)
  })

  it('to one of two Next processes: only its clients must try again', async () => {
    const { device, one, other } = await twoQuietTabs()
    webs().edge.pick = ({ path }) => (path === '/api/invoices' ? 0 : 1)
    webs().refreshFate((web) => (web === 0 ? 'loseAnswer' : 'hold'))
    await webs().expire(device)
    const lucky = Promise.all([status(other, '/api/customers'), status(other, '/customers')])
    await webs().until(() => answered().length === 1)
    expect(await status(one, '/api/invoices')).toBe(503)
    answered()[0]?.deliver()
    expect(await lucky).toEqual([200, 200])
    // The browser has the pair now, and the affected process needs no other process for it.
    expect(await status(one, '/api/invoices')).toBe(200)
    expect(webs().row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs().signOuts()).toEqual([])
    await expectWorkingPair(device)
  })
})

describe('responses arrive out of order [R02]', { timeout: 60_000 }, () => {
  it('the older of two sibling tokens arrives last, and still renews', async () => {
    const { device, one, other } = await twoQuietTabs()
    webs().edge.pick = ({ path }) => (path === '/api/invoices' ? 0 : 1)
    webs().refreshFate('hold')
    await webs().expire(device)
    const late = status(one, '/api/invoices')
    await webs().until(() => webs().hops[0].all.some(({ state }) => state === 'answered'))
    webs().passGrace(device)
    webs().refreshFate('deliver')
    const early = status(other, '/api/customers')
    await webs().until(() => webs().row(device).branches === 2)
    for (const { deliver } of webs().hops[1].all) deliver()
    expect(await early).toBe(200)
    const younger = await refreshToken(device)
    for (const { deliver } of webs().hops[0].all) deliver()
    expect(await late).toBe(200)
    expect(await refreshToken(device)).not.toBe(younger)
    expect(webs().signOuts()).toEqual([])
    await expectWorkingPair(device)
    expect(webs().row(device)).toMatchObject({ generation: 2, parentBranch: 0 })
  })

  it.each([
    ['within the grace', false],
    ['after the grace', true],
  ])('a late response restores the old token pair: %s', async (_, isLate) => {
    const { device, one, other } = await twoQuietTabs()
    webs().edge.fate = ({ path }) => (path === '/api/plans' ? 'hold' : 'deliver')
    await webs().expire(device)
    const late = status(one, '/api/plans')
    const held = () => webs().edge.all.find(({ path }) => path === '/api/plans')
    await webs().until(() => held()?.state === 'answered')
    expect(await status(other, '/api/customers')).toBe(200)
    await webs().dropAccessToken(device)
    expect(await status(other, '/api/customers')).toBe(200)
    const newest = await refreshToken(device)
    held()?.deliver()
    expect(await late).toBe(200)
    expect(await refreshToken(device)).not.toBe(newest)

    await webs().dropAccessToken(device)
    if (isLate) webs().passGrace(device)
    expect((await other.goto(url('/customers')))?.status()).toBe(200)
    expect(webs().row(device)).toMatchObject({ generation: 2, endedAt: null })
    expect(webs().signOuts()).toEqual([])
    await expectWorkingPair(device)
  })
})
