import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { launchBrowser } from '../system/browser.ts'
import { type Front, startFront } from '../system/front.ts'
import { type Person, newPerson as personIn, signIn } from '../system/people.ts'
import { type System, startSystem } from '../system/system.ts'

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
export const userAgents = {
  windows: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/142.0.0.0 Safari/537.36`,
  iphone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
  android: `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/142.0.0.0 Mobile Safari/537.36`,
} as const

export const newPassword = 'two doors, one of them shut'

export type Device = { context: BrowserContext; page: Page }

type DeviceOptions = BrowserContextOptions & {
  /** Whether the test controls the timers of the page with `page.clock`. */
  hasClock?: boolean
}

/** Gives a test file the example with a hop before the auth server, and functions for users with several devices. */
export function sessionPages() {
  let system: System
  let browser: Browser
  let auth: Front
  beforeAll(async () => {
    ;[system, browser] = await Promise.all([
      startSystem({
        authAddressForWeb: async (url) => {
          auth = await startFront(url)
          return auth.url
        },
      }),
      launchBrowser(),
    ])
  })
  afterEach(async () => {
    auth.mode = 'pass'
    auth.affects = () => true
    await Promise.all(browser.contexts().map((context) => context.close()))
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    await auth?.close()
  })

  /** Calls the auth server directly, as a device of another kind. */
  async function askAuth(path: string, body: unknown, userAgent = 'curl/8.5.0'): Promise<Response> {
    const answer = await fetch(`${system.authUrl}/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': userAgent },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return answer
  }

  return {
    system: () => system,
    auth: () => auth,
    askAuth,
    newPerson: () => personIn(system),

    async signInElsewhere(
      { email, password }: Person,
      userAgent?: string,
    ): Promise<{ accessToken: string; refreshToken: string }> {
      const answer = await askAuth('login', { email, password, transport: 'bearer' }, userAgent)
      return (await answer.json()) as { accessToken: string; refreshToken: string }
    },

    /** Returns another browser in which this user is signed in, with this page open. */
    async device(
      person: Person,
      userAgent: string,
      path = '/profile/sessions',
      { hasClock = false, ...options }: DeviceOptions = {},
    ): Promise<Device> {
      const context = await browser.newContext({ userAgent, ...options })
      await signIn(context, system, person, userAgent)
      const page = await context.newPage()
      if (hasClock) await page.clock.install()
      await page.goto(system.webUrl + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      if (options.javaScriptEnabled !== false) await untilInteractive(page)
      return { context, page }
    },
  }
}

/**
 * Waits until scripts and fonts have loaded. Before that, no timer of the page runs, and lines may still change their width. What forms do
 * before that is tested without scripts.
 */
async function untilInteractive(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    // React stores the properties of each element that it has taken over in a member with this name.
    [...document.querySelectorAll('main *')].some((element) =>
      Object.keys(element).some((name) => name.startsWith('__reactProps$')),
    ),
  )
  await page.evaluate(() => document.fonts.ready.then(() => {}))
}

export const rows = (page: Page) => page.getByRole('region', { name: 'Other sessions' }).getByRole('listitem')
export const row = (page: Page, name: string) => rows(page).filter({ hasText: name })
export const names = (page: Page) => rows(page).getByRole('heading').allInnerTexts()
/** Waits until the page says this in a status. If it does not, the error has the text of the page. */
export async function said(page: Page, text: string, timeout = 60_000): Promise<void> {
  const main = page.getByRole('main')
  try {
    await main.getByRole('status').filter({ hasText: text }).waitFor({ timeout })
  } catch (cause) {
    throw new Error(`The page does not say “${text}”. It says: ${await main.innerText()}`, { cause })
  }
}

export async function signOutOne(page: Page, name: string): Promise<void> {
  await row(page, name).locator('summary').click()
  await row(page, name)
    .getByRole('button', { name: /^Sign out now/ })
    .click()
}
export async function signOutOthers(page: Page): Promise<void> {
  await page.locator('summary', { hasText: 'Sign out all other sessions' }).click()
  await page.getByRole('button', { name: 'Sign out all others' }).click()
}
export async function signOutEverywhere(page: Page): Promise<void> {
  await page.locator('summary', { hasText: 'Sign out everywhere' }).click()
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
}
export async function changePassword(page: Page, current: string, wanted: string): Promise<void> {
  await page.getByLabel('Current password', { exact: true }).fill(current)
  await page.getByRole('textbox', { name: 'New password', exact: true }).fill(wanted)
  await page.getByRole('button', { name: 'Change password' }).click()
}
