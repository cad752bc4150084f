import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cookieOf, fillSignIn, settledCookies } from '../system/browser.ts'
import { demoPassword } from '../system/system.ts'
import { startTwoWebs, type TwoWebs } from '../system/two-webs.ts'

let webs: TwoWebs
beforeAll(async () => {
  webs = await startTwoWebs()
})
afterAll(() => webs?.stop())
beforeEach(() => webs.heal())

const url = (path: string) => webs.edge.origin + path
/** The sign-in link in the header of the front page, which is static: it requests the session itself. */
const wayIn = (front: Page, name: 'Sign in' | 'Open dashboard') =>
  front.getByRole('navigation', { name: 'Account' }).getByRole('link', { name })

async function open(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url(path))
  return page
}

const signOut = (page: Page) => page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()

const statusOf = (page: Page, path: string) =>
  page.evaluate((address) => fetch(address).then(({ status }) => status), path)

/** From here on, counts document loads of this tab. */
function countLoads(page: Page): () => number {
  let loads = 0
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) loads++
  })
  return () => loads
}

describe('a sign-in in one tab', { timeout: 60_000 }, () => {
  it('updates the sign-in page and the front page in other tabs', async () => {
    const context = await webs.browser.newContext({ ignoreHTTPSErrors: true })
    const [one, waiting, front] = await Promise.all([
      open(context, '/login'),
      open(context, '/login?returnTo=%2Fcustomers'),
      open(context, '/'),
    ])
    await wayIn(front, 'Sign in').waitFor()
    const loads = [countLoads(waiting), countLoads(front)]
    await fillSignIn(one, 'owner@example.com', demoPassword)
    await one.waitForURL(url('/dashboard'))
    await waiting.waitForURL(url('/customers'))
    await waiting.getByRole('row').nth(5).waitFor()
    await wayIn(front, 'Open dashboard').waitFor()
    expect(loads.map((count) => count())).toEqual([0, 0])
    await context.close()
  })

  it('as another user updates the other tab', async () => {
    const device = await webs.signedIn('/profile')
    const other = await open(device.context, '/customers')
    await signOut(device.page)
    await other.waitForURL(/\/login/)
    await fillSignIn(device.page, 'member@example.com', demoPassword)
    await device.page.waitForURL(url('/dashboard'))
    await other.waitForURL(url('/customers'))
    await other.getByRole('banner').getByText('Mei Member').first().waitFor()
    expect(await other.getByText('Olivia').count()).toBe(0)
    await device.context.close()
  })
})

describe('a sign-out in one tab [S08]', { timeout: 60_000 }, () => {
  it('removes protected pages in all other tabs, and updates the front page', async () => {
    const device = await webs.signedIn('/profile')
    const [invoices, front] = await Promise.all([
      open(device.context, '/invoices'),
      open(device.context, '/'),
    ])
    await wayIn(front, 'Open dashboard').waitFor()
    const loads = [countLoads(invoices), countLoads(front)]
    await signOut(device.page)
    await invoices.waitForURL(/\/login/)
    expect(await invoices.getByRole('row').count()).toBe(0)
    await wayIn(front, 'Sign in').waitFor()
    expect(loads.map((count) => count())).toEqual([0, 0])
    expect(webs.row(device).endReason).toBe('sign_out')
    await device.context.close()
  })

  it('signs every tab out while the auth server cannot be reached', async () => {
    const device = await webs.signedIn('/profile')
    const other = await open(device.context, '/invoices')
    for (const hop of webs.hops)
      hop.fate = ({ path }) => (path === '/api/auth/logout' ? 'loseRequest' : 'deliver')
    await signOut(device.page)
    await device.page.waitForURL(/\/login\?notice=sign-out-unconfirmed/)
    await other.waitForURL(/\/login/)
    expect(await cookieOf(device.context, 'refreshToken')).toBeUndefined()
    expect(await other.getByRole('row').count()).toBe(0)
    await device.context.close()
  })

  it('invalidates the tokens of a concurrent renewal in another tab [R12]', async () => {
    const device = await webs.signedIn('/profile')
    const [other, quiet] = await Promise.all([
      open(device.context, '/invoices'),
      open(device.context, '/icon.svg'),
    ])
    const isLate = ({ path }: { path: string }) => path === '/api/plans'
    // No other request may renew first, such as a prefetch of a tab: the late one would then have a fresh token.
    webs.edge.fate = (crossing) =>
      isLate(crossing) || !crossing.headers.cookie?.includes('accessToken=') ? 'hold' : 'deliver'
    await webs.expire(device)
    const late = statusOf(quiet, '/api/plans')
    const held = () => webs.edge.all.find(isLate)
    await webs.until(() => held()?.state === 'answered')
    webs.edge.fate = () => 'deliver'
    for (const crossing of webs.edge.all) if (!isLate(crossing)) crossing.deliver()
    await signOut(device.page)
    await Promise.all([device.page, other].map((page) => page.waitForURL(/\/login/)))
    expect(webs.row(device).endReason).toBe('sign_out')
    // The sign-in page prefetches its links, and a page that is closing may still do so. With the late pair such a request is refused and the
    // pair is cleared, as below. A document that was left sends no requests.
    await Promise.all([device.page, other].map((page) => page.goto('about:blank')))
    await webs.until(() => webs.edge.all.every((crossing) => isLate(crossing) || crossing.state === 'over'))
    held()?.deliver()
    expect(await late).toBe(200)
    const cookies = await settledCookies(device.context)
    expect(cookies.map(({ name }) => name).sort()).toEqual([
      '__Host-accessToken',
      '__Host-refreshToken',
      '__Host-sallyport_device',
      '__Host-sallyport_session',
    ])
    await device.context.close()

    // Each Next process refuses and clears the cookies that the browser now has.
    for (const web of [0, 1]) {
      webs.edge.pick = () => web
      const context = await webs.browser.newContext({ ignoreHTTPSErrors: true })
      const page = await open(context, '/icon.svg')
      await context.addCookies(cookies)
      expect(await statusOf(page, '/api/invoices')).toBe(401)
      expect((await context.cookies()).map(({ name }) => name)).toEqual(['__Host-sallyport_device'])
      await context.addCookies(cookies)
      await page.goto(url('/invoices'))
      expect(page.url()).toBe(url('/login?returnTo=%2Finvoices'))
      await context.close()
    }
  })

  it('is not undone by an older session response that arrives after it', async () => {
    const device = await webs.signedIn('/profile')
    const front = await open(device.context, '/')
    await wayIn(front, 'Open dashboard').waitFor()
    let asked = 0
    webs.edge.fate = ({ path }) => (path === '/api/auth/session' && asked++ === 0 ? 'hold' : 'deliver')
    await webs.until(() => webs.edge.all.every(({ state }) => state === 'over'))
    webs.edge.all.length = 0
    // The tab gets the focus and requests the session; the response is delayed.
    await front.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
    const held = () => webs.edge.all.find(({ path }) => path === '/api/auth/session')
    await webs.until(() => held()?.state === 'answered')
    await signOut(device.page)
    await device.page.waitForURL(/\/login/)
    await wayIn(front, 'Sign in').waitFor()
    // No other tab is left that could correct it.
    await device.page.close()
    const arrived = front.waitForResponse(/\/api\/auth\/session$/)
    held()?.deliver()
    await (await arrived).finished()
    // One more round trip of the same page, and a frame: by then the late response has been processed.
    await front.evaluate(() => fetch('/api/auth/session').then((answer) => answer.text()))
    await front.evaluate(() => new Promise(requestAnimationFrame))
    expect(await wayIn(front, 'Sign in').count()).toBe(1)
    await device.context.close()
  })
})
