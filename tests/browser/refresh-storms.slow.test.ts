import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../packages/server/src/testing/random.ts'
import { type Device, startTwoWebs, type TwoWebs } from '../system/two-webs.ts'

let webs: TwoWebs
beforeAll(async () => {
  webs = await startTwoWebs()
})
afterAll(() => webs?.stop())
beforeEach(() => webs.heal())

const url = (path: string) => webs.edge.origin + path
const answered = () => webs.refreshes().filter(({ state }) => state === 'answered')
const link = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name }).first()
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 })
const tryAgain = (page: Page) => page.getByRole('button', { name: /try again/i })

type NextWindow = Window & { next: { router: { prefetch(path: string): void } }; isSameDocument?: true }

/** What Next does for links in view: its router prefetches them, a few at once. */
const prefetch = (page: Page, paths: string[]) =>
  page.evaluate((list) => {
    const { router } = (window as unknown as NextWindow).next
    for (const path of list) router.prefetch(path)
  }, paths)
const customerPages = Array.from({ length: 8 }, (_, index) => `/customers?page=${index + 1}`)
const prefetches = () => webs.edge.all.filter(({ path }) => path.startsWith('/customers?page='))
/** Next prefetches at most four pages at once, including their links: the fifth waits for a response. */
const prefetchesAtOnce = 4
const pagesAsked = () => webs.edge.all.filter(({ path }) => path.includes('_rsc='))

const markDocument = (page: Page) =>
  page.evaluate(() => {
    ;(window as unknown as NextWindow).isSameDocument = true
  })
const isSameDocument = (page: Page) =>
  page.evaluate(() => (window as unknown as NextWindow).isSameDocument === true)

describe('prefetches with an expired access token [R11, S15]', { timeout: 60_000 }, () => {
  it('renew it once, and a soft navigation among them succeeds', async () => {
    const device = await webs.signedIn('/invoices')
    const { page } = device
    await markDocument(page)
    webs.refreshFate('hold')
    await webs.expire(device)
    await prefetch(page, customerPages)
    await webs.until(() => pagesAsked().length >= prefetchesAtOnce && answered().length >= 2)
    const asked = webs.edge.all.length
    await link(page, 'Customers').click()
    await webs.until(() => webs.edge.all.slice(asked).some(({ path }) => /^\/customers\?_rsc/.test(path)))
    webs.heal()
    await heading(page, 'Customers').waitFor()
    await page.getByRole('row').nth(5).waitFor()
    expect(await isSameDocument(page)).toBe(true)
    // After the last question to the page: its links ask for more prefetches as they come into view.
    await webs.settled()
    expect(prefetches().filter(({ answer }) => answer?.status !== 200)).toEqual([])
    expect(webs.refreshes()).toHaveLength(2)
    expect(webs.row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
    expect(webs.signOuts()).toEqual([])
    await device.context.close()
  })

  it.each(['loseRequest', 'loseAnswer'] as const)(
    'fail with the auth server (%s), and the open page recovers',
    async (fate) => {
      const device = await webs.signedIn('/invoices')
      const { page } = device
      await markDocument(page)
      webs.refreshFate(fate)
      await webs.expire(device)
      await prefetch(page, customerPages)
      await webs.until(() => prefetches().length >= 8 && webs.edge.all.every(({ state }) => state === 'over'))
      await link(page, 'Customers').click()
      await tryAgain(page).waitFor()
      await webs.settled()
      expect(webs.signOuts()).toEqual([])
      webs.heal()
      await tryAgain(page).click()
      await heading(page, 'Customers').waitFor()
      await page.getByRole('link', { name: 'Next', exact: true }).click()
      await page.waitForURL(/\/customers\?page=2/)
      await page.getByRole('row').nth(5).waitFor()
      await link(page, 'Reports').click()
      await heading(page, 'Reports').waitFor()
      expect(await isSameDocument(page)).toBe(true)
      expect(webs.signOuts()).toEqual([])
      expect(webs.row(device)).toMatchObject({ generation: 1, branches: 1, endedAt: null })
      await device.context.close()
    },
  )
})

const faults = [
  'none',
  'slow',
  'overtaken',
  'request lost',
  'answer lost',
  'answer lost for long',
  'one web cut off',
] as const
type Fault = (typeof faults)[number]

// Not Playwright's own click: it waits for animation frames, of which a background tab has one a second.
const press = (target: Locator) => target.dispatchEvent('click')

const actions = {
  reload: (page) => page.reload(),
  'soft navigation': async (page) => {
    await press(link(page, 'Customers'))
    await heading(page, 'Customers').or(tryAgain(page)).first().waitFor()
  },
  'client fetches': (page) =>
    page.evaluate(() =>
      Promise.all(
        ['/api/invoices', '/api/customers', '/api/plans', '/api/auth/session'].map((path) =>
          fetch(path, { cache: 'no-store' }).then((answer) => answer.text()),
        ),
      ),
    ),
  prefetches: async (page) => {
    await prefetch(page, customerPages)
    await press(link(page, 'Invoices'))
    await heading(page, 'Invoices').or(tryAgain(page)).first().waitFor()
  },
  // A server action on the profile, `fetch` of useSession() on the dashboard.
  button: async (page) => {
    const answer = page.waitForResponse(
      (response) => response.request().method() === 'POST' || response.url().endsWith('/api/summary'),
    )
    await press(page.getByRole('button', { name: /^(?:save|refresh figures)$/i }))
    await answer
  },
} satisfies Record<string, (page: Page) => Promise<unknown>>
type Action = keyof typeof actions

function inflict(fault: Fault): void {
  if (fault === 'slow' || fault === 'overtaken') webs.refreshFate('hold')
  // The two fetches below reach different Next processes, so that two responses can overtake each other.
  if (fault === 'overtaken')
    webs.edge.pick = ({ path }, before) =>
      path === '/api/plans' ? 0 : path === '/api/auth/session' ? 1 : before
  if (fault === 'request lost') webs.refreshFate('loseRequest')
  if (fault === 'answer lost' || fault === 'answer lost for long') webs.refreshFate('loseAnswer')
  if (fault === 'one web cut off') webs.refreshFate((web) => (web === 0 ? 'loseRequest' : 'deliver'))
}

const twoFetches = (page: Page) =>
  page.evaluate(() =>
    Promise.all(
      ['/api/plans', '/api/auth/session'].map((path) =>
        fetch(path, { cache: 'no-store' }).then((answer) => answer.text()),
      ),
    ),
  )

/** One round: the token expires, one or two tabs act during a fault; then the fault ends and both continue. */
async function round(
  device: Device,
  tabs: [Page, Page, Page],
  fault: Fault,
  chosen: Action[],
): Promise<void> {
  inflict(fault)
  await webs.expire(device)
  const under: Promise<unknown>[] = chosen.map((action, index) => actions[action](tabs[index] ?? tabs[0]))
  if (fault === 'overtaken') under.push(twoFetches(tabs[2]))
  if (fault === 'slow') await webs.until(() => answered().length > 0)
  if (fault === 'overtaken') {
    await webs.until(() => answered().length >= 2)
    const [first, second] = answered()
    second?.deliver()
    await webs.until(() => second?.state === 'over')
    first?.deliver()
  }
  if (fault === 'slow' || fault === 'overtaken') webs.heal()
  await Promise.all(under)
  await webs.settled()
  if (fault === 'answer lost for long') webs.passGrace(device)
  webs.heal()
  const landed = await Promise.all([tabs[0].goto(url('/profile')), tabs[1].goto(url('/dashboard'))])
  expect(
    landed.map((answer) => answer?.status()),
    fault,
  ).toEqual([200, 200])
  await Promise.all([heading(tabs[0], 'Profile').waitFor(), heading(tabs[1], 'Dashboard').waitFor()])
}

it('stays signed in through thirty rounds of random network faults [R02, R04, R11]', {
  timeout: 180_000,
}, async () => {
  const { pick } = seededRandom(20_261_123)
  const device = await webs.signedIn('/profile')
  const tabs: [Page, Page, Page] = [
    device.page,
    await device.context.newPage(),
    await device.context.newPage(),
  ]
  await Promise.all([tabs[1].goto(url('/dashboard')), tabs[2].goto(url('/customers'))])
  const names = Object.keys(actions) as Action[]
  for (let number = 1; number <= 30; number++) {
    const fault = pick(faults)
    const chosen = pick([[pick(names)], [pick(names), pick(names)], [pick(names), pick(names)]])
    const label = `round ${number}: ${fault}, ${chosen.join(' and ')}`
    const { generation } = webs.row(device)
    await round(device, tabs, fault, chosen)
    expect(webs.signOuts(), label).toEqual([])
    expect(webs.row(device), label).toMatchObject({ generation: generation + 1, endedAt: null })
  }
  await device.context.close()
})
