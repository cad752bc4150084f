import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContext, type Cookie, chromium, type Page } from 'playwright-core'

const { CHROMIUM_PATH } = process.env
const options = {
  ...(CHROMIUM_PATH && { executablePath: CHROMIUM_PATH }),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--host-resolver-rules=MAP *.test 127.0.0.1',
  ],
}

/** Starts the Chromium that `npm test` found. Names below `sallyport.test` and `other.test` resolve to this machine. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch(options)
}

/** Starts the same Chromium with a new profile in an empty folder. The profile allows or blocks third-party cookies. */
export function launchProfile(
  folder: string,
  choice: { blockThirdPartyCookies: boolean },
): Promise<BrowserContext> {
  const profile = {
    block_third_party_cookies: choice.blockThirdPartyCookies,
    cookie_controls_mode: choice.blockThirdPartyCookies ? 1 : 0,
  }
  mkdirSync(join(folder, 'Default'), { recursive: true })
  writeFileSync(join(folder, 'Default/Preferences'), JSON.stringify({ profile }))
  return chromium.launchPersistentContext(folder, { ...options, ignoreHTTPSErrors: true })
}

/** Returns a new page that sends and stores no third-party cookies, for browsers whose profile does not block these cookies. */
export async function pageWithoutThirdPartyCookies(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCookieControls', { enableThirdPartyCookieRestriction: true })
  return page
}

/** Fills in and sends the sign-in form of the page that is open. It has one step, or a first step for the address. */
export async function fillSignIn(page: Page, email: string, password: string): Promise<void> {
  await fillAddress(page, email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Fills in the address on the sign-in page. If the page has two steps, opens the second one. */
export async function fillAddress(page: Page, email: string): Promise<void> {
  const back = page.getByRole('button', { name: 'Change the address' })
  if (await back.isVisible()) await back.click()
  await page.getByLabel('Email').fill(email)
  const next = page.getByRole('button', { name: 'Continue', exact: true })
  if (await next.isVisible()) await next.click()
}

/** Returns our cookie with this name, with or without a prefix such as `__Host-`. */
export async function cookieOf(context: BrowserContext, name: 'accessToken' | 'refreshToken') {
  const cookies = await context.cookies()
  return cookies.find((cookie) =>
    ['', '__Host-', '__Secure-'].some((prefix) => cookie.name === prefix + name),
  )
}

/**
 * Returns the cookies of a browser, without the cookie with which the sign-in page asks for a passkey. That page asks as soon as its scripts
 * run, so it depends on the time whether the browser has the cookie already.
 */
export async function settledCookies(context: BrowserContext): Promise<Cookie[]> {
  return (await context.cookies()).filter(({ name }) => !name.endsWith('sallyport_passkey'))
}
