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
})
