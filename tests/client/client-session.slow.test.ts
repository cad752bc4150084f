import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSallyport, optionsFromEnvironment, type Sallyport } from '../../packages/server/src/index.ts'
import { root } from '../../scripts/install.mjs'
import { cookieOf, launchBrowser } from '../system/browser.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'
import { buildNextApp } from './next-app.ts'

let app: Awaited<ReturnType<typeof buildNextApp>>
let system: System
let browser: Browser
let operator: Sallyport
beforeAll(async () => {
  app = await buildNextApp()
  ;[system, browser] = await Promise.all([startSystem({ web: app.folder }), launchBrowser()])
  operator = await createSallyport({ ...optionsFromEnvironment(system.authEnv), logLevel: 'silent' })
}, 600_000)
afterAll(async () => {
  await operator?.close()
  await browser?.close()
  await system?.stop()
  app?.remove()
})

const contexts: BrowserContext[] = []
/** The problems that the pages of a test report: errors and hydration mismatches. */
const complaints: string[] = []
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close()
  await setRoles(['member'])
  expect(complaints.splice(0)).toEqual([])
  expect(system.log.filter((line) => line.includes('Date.now'))).toEqual([])
})

type OpenOptions = { withoutCookieStore?: boolean }

async function open(path: string, options: OpenOptions = {}, context?: BrowserContext): Promise<Page> {
  const own = context ?? (await browser.newContext())
  if (!context) contexts.push(own)
  const page = await own.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A refusal that a test causes is an error in the console too.
    if (/error|warning/.test(message.type()) && !/status of 40[13]/.test(message.text()))
      complaints.push(message.text())
  })
  await page.addInitScript(({ withoutCookieStore }: OpenOptions) => {
    if (withoutCookieStore) Object.defineProperty(window, 'cookieStore', { value: undefined })
    // Every text of the header in order, including the loading text.
    const seen: string[] = []
    const note = () => {
      const waiting = document.querySelector<HTMLElement>('#waiting')
      const text = waiting?.offsetParent ? 'waiting' : document.querySelector('header output')?.textContent
      if (text && seen.at(-1) !== text.trim()) seen.push(text.trim())
    }
    new MutationObserver(note).observe(document, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    })
    Object.assign(window, { seen })
  }, options)
  await page.goto(system.webUrl + path)
  await page.evaluate(() => Object.assign(window, { opened: true }))
  return page
}

/** For operations that take long on a busy machine. */
const patience = { timeout: 60_000 }

const shows = (page: Page, text: string) =>
  page.locator('header output').getByText(text, { exact: true }).waitFor(patience)
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()
const seenBy = (page: Page) => page.evaluate(() => (window as unknown as { seen: string[] }).seen)
/** Whether the document is the one that was opened: there was no reload. */
const isSameDocument = (page: Page) => page.evaluate(() => 'opened' in window)

async function setRoles(roles: string[]): Promise<void> {
  const user = await operator.operator.users.find('member@example.com')
  await operator.operator.users.setRoles(user?.id ?? '', roles)
}

/** Waits until the server of the pages has got a change from the feed. */
async function serverKnows(page: Page, roles: string): Promise<void> {
  const other = await page.context().newPage()
  await expect
    .poll(async () => {
      await other.goto(`${system.webUrl}/asked/guarded`)
      return other.locator('h1').textContent()
    }, patience)
    .toBe(`Guarded: ${roles}`)
  await other.close()
}

describe('a provider that gets the promise of auth()', () => {
  it('keeps the static shell, which has the loading state', () => {
    for (const page of ['promised', 'promised/second', 'promised/login']) {
      const html = readFileSync(join(root, app.folder, `.next/server/app/${page}.html`), 'utf8')
      expect(html).toContain('The shell')
      expect(html).toContain('id="waiting"')
      expect(html).not.toMatch(/signedOut|signedIn|unknown/)
    }
  })

  it('shows the user without a wrong state before, and follows actions', async () => {
    const page = await open('/promised')
    await shows(page, 'signedOut')
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
    await press(page, 'Refresh')
    await press(page, 'Render again')
    await follow(page, 'Guarded')
    await page.getByRole('heading', { name: 'Guarded: member' }).waitFor()
    await follow(page, 'Item')
    await page.getByRole('heading', { name: 'Item 7' }).waitFor()
    await follow(page, 'Second')
    await page.getByRole('heading', { name: 'Second' }).waitFor()
    await press(page, 'Sign out here')
    await shows(page, 'signedOut')
    const seen = await seenBy(page)
    expect(seen.filter((text) => text !== 'waiting')).toEqual(['signedOut', 'signedIn member', 'signedOut'])
    expect(seen.lastIndexOf('waiting')).toBeLessThanOrEqual(0)
    expect(await isSameDocument(page)).toBe(true)
  })

  it('has the signed-in user in the HTML', async () => {
    const page = await open('/promised')
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
    const again = await open('/promised/second', {}, page.context())
    const asked: string[] = []
    again.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await again.reload()
    await shows(again, 'signedIn member')
    expect((await seenBy(again)).filter((text) => text !== 'waiting')).toEqual(['signedIn member'])
    expect(asked).not.toContain('/api/auth/session')
  })

  it('causes no warning of Next, also by prefetches with cookies', async () => {
    const page = await open('/promised')
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
    const prefetched = page.context().waitForEvent('response', {
      predicate: (response) =>
        new URL(response.url()).pathname === '/promised/guarded' && response.request().headers().rsc === '1',
    })
    const again = await open('/promised/second', {}, page.context())
    // Next may leave the rest of a prefetch unread: the response then never ends.
    await prefetched
    await follow(again, 'Guarded')
    await again.getByRole('heading', { name: 'Guarded: member' }).waitFor()
    expect(system.log.filter((line) => /Date\.now|Error|⚠/.test(line))).toEqual([])
  })
})

describe('a provider without initial', () => {
  it.each([{}, { withoutCookieStore: true }])(
    'shows a sign-in on another page after its redirect, without a reload %j',
    async (options) => {
      const page = await open('/asked', options)
      await shows(page, 'signedOut')
      await follow(page, 'Log in')
      await press(page, 'Sign in and leave')
      await page.getByRole('heading', { name: 'Second' }).waitFor()
      await shows(page, 'signedIn member')
      expect(await isSameDocument(page)).toBe(true)
    },
  )

  it('shows a sign-in and a sign-out by an action of the same page', async () => {
    const page = await open('/asked')
    await shows(page, 'signedOut')
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
    await press(page, 'Sign out here')
    await shows(page, 'signedOut')
    expect(await isSameDocument(page)).toBe(true)
  })

  it('shows them at the next page in browsers without cookieStore', async () => {
    const page = await open('/asked', { withoutCookieStore: true })
    await shows(page, 'signedOut')
    await press(page, 'Sign in here')
    await expect.poll(() => cookieOf(page.context(), 'refreshToken'), patience).toBeDefined()
    await follow(page, 'Second')
    await shows(page, 'signedIn member')
  })

  it.each(['/asked', '/promised'])('shows a sign-in and a sign-out in another tab, at %s', async (path) => {
    const page = await open(path)
    await shows(page, 'signedOut')
    const other = await open('/asked', {}, page.context())
    await press(other, 'Sign in here')
    await shows(page, 'signedIn member')
    await press(other, 'Sign out here')
    await shows(page, 'signedOut')
    expect(await isSameDocument(page)).toBe(true)
  })

  it('ignores an older marker cookie beside the current one', async () => {
    const page = await open('/asked')
    await shows(page, 'signedOut')
    // A cookie of a longer path comes first; another topology leaves one with another name.
    await page.evaluate(() => {
      // biome-ignore lint/suspicious/noDocumentCookie: Only this way is open to every page.
      document.cookie = '__Secure-sallyport_session=stray; Path=/asked; Secure'
    })
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
  })

  it('requests the session again if a render overlaps a sign-out', async () => {
    const page = await open('/promised')
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
    // Holds the first such request: the server responds at once, and the response waits for `release`. A later
    // one passes, because a `route.fetch` that runs when the page is closed rejects outside of any test.
    const hold = (url: string, isMeant: (route: Route) => boolean) => {
      const begun = Promise.withResolvers<void>()
      const release = Promise.withResolvers<void>()
      let isHeld = false
      const done = page.route(url, async (route) => {
        if (isHeld || !isMeant(route)) return route.continue()
        isHeld = true
        const response = await route.fetch()
        begun.resolve()
        await release.promise
        await route.fulfill({ response })
      })
      return { begun: begun.promise, release: release.resolve, done }
    }
    const rendering = hold('**/promised?*', (route) => {
      const headers = route.request().headers()
      return headers.rsc === '1' && !('next-router-prefetch' in headers)
    })
    const question = hold('**/api/auth/session', () => true)
    await Promise.all([rendering.done, question.done])
    await press(page, 'Refresh')
    await rendering.begun
    const other = await open('/', {}, page.context())
    const status = await other.evaluate(async () => {
      const headers = { 'content-type': 'application/json' }
      return (await fetch('/api/auth/logout', { method: 'POST', headers, body: '{}' })).status
    })
    expect(status).toBe(204)
    await question.begun
    const applied = page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          new BroadcastChannel('sallyport-session').onmessage = ({ data }) => data === 'null' || resolve()
        }),
    )
    // The listener exists: the page has answered a later request.
    await page.evaluate(() => 1)
    rendering.release()
    await applied
    question.release()
    await shows(page, 'signedOut')
    expect(await isSameDocument(page)).toBe(true)
  })

  it('requests the session once for each change, and not for navigations', async () => {
    const page = await open('/asked')
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
    let questions = 0
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/api/auth/session') questions += 1
    })
    for (const name of ['Second', 'First', 'Item', 'Second']) await follow(page, name)
    await page.getByRole('heading', { name: 'Second' }).waitFor()
    expect(questions).toBe(0)
  })

  it('uses a marker cookie of eight characters, the only one that scripts see', async () => {
    const page = await open('/asked')
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
    expect(await page.evaluate(() => document.cookie)).toMatch(/^sallyport_session=[\w-]{8}$/)
    await press(page, 'Sign out here')
    await shows(page, 'signedOut')
    expect(await page.evaluate(() => document.cookie)).toBe('')
  })

  it('shows that a session has ended elsewhere when its renewal is refused', async () => {
    const page = await open('/asked')
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
    const user = await operator.operator.users.find('member@example.com')
    await operator.operator.sessions.revokeAll(user?.id ?? '')
    await expect
      .poll(() => page.evaluate(() => fetch('/api/reports/revenue').then(({ status }) => status)), patience)
      .toBe(401)
    await shows(page, 'signedOut')
    expect(await page.evaluate(() => document.cookie)).toBe('')
  })
})

it.each(['/asked', '/promised'])(
  'a request is not repeated for another user who has signed in, at %s',
  async (path) => {
    const page = await open(path)
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
    const other = await open('/', {}, page.context())
    let requests = 0
    await page.route('**/api/reports/revenue', async (route) => {
      requests += 1
      const status = await other.evaluate(
        async (body) => {
          const headers = { 'content-type': 'application/json' }
          return (await fetch('/api/auth/login', { method: 'POST', headers, body })).status
        },
        JSON.stringify({ email: 'finance@example.com', password: demoPassword }),
      )
      expect(status).toBe(200)
      await route.fulfill({ status: 401 })
    })
    const renewal = page.waitForResponse((response) => response.url().endsWith('/api/auth/refresh'))
    await press(page, 'Export')
    await (await renewal).finished()
    await shows(page, 'signedIn finance')
    // By then the page has sent all that it sends after its renewal.
    await follow(page, 'Second')
    await page.getByRole('heading', { name: 'Second' }).waitFor()
    expect(requests).toBe(1)
  },
)

describe.each(['/asked', '/promised'])('a change of roles, at %s', (path) => {
  it('is shown after the next request of any tab, without a reload [R07]', async () => {
    const page = await open(path)
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
    expect(await page.getByText('May export').count()).toBe(0)
    await setRoles(['finance'])
    // Sent by another tab: both share the cookies.
    await serverKnows(page, 'finance')
    await shows(page, 'signedIn finance')
    await page.getByText('May export').waitFor()
    await setRoles(['member'])
    await serverKnows(page, 'member')
    await shows(page, 'signedIn member')
    expect(await page.getByText('May export').count()).toBe(0)
    expect(await isSameDocument(page)).toBe(true)
  })

  it.each([
    ['some seconds later', 6_000],
    ['after the clock was put back', -3_600_000],
  ])('is shown when the tab gets the focus, without any request, %s', async (_, laterMs) => {
    const page = await open(path)
    await press(page, 'Sign in here')
    await shows(page, 'signedIn member')
    await setRoles(['finance'])
    // The server of the page is notified a moment later, and a tab checks at most every five seconds.
    await expect
      .poll(
        () =>
          page.evaluate((laterMs) => {
            const now = Date.now()
            Date.now = () => now + laterMs
            document.dispatchEvent(new Event('visibilitychange'))
            return document.querySelector('header output')?.textContent?.trim()
          }, laterMs),
        patience,
      )
      .toBe('signedIn finance')
  })

  it('is shown when the API refuses an action of the page', async () => {
    await setRoles(['finance'])
    const page = await open(path, { withoutCookieStore: true })
    await press(page, 'Sign in here')
    await follow(page, 'Second')
    await shows(page, 'signedIn finance')
    await setRoles(['member'])
    await expect
      .poll(async () => {
        const answer = page.waitForResponse((response) => response.url().endsWith('/api/reports/revenue'))
        await press(page, 'Export')
        return (await answer).status()
      }, patience)
      .toBe(403)
    await shows(page, 'signedIn member')
  })
})
