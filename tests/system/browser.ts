import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** Starts the real Chromium that `npm test` found. Names below `sallyport.test` and `other.test` lead to this machine. */
export function launchBrowser(): Promise<Browser> {
  const { CHROMIUM_PATH } = process.env
  return chromium.launch({
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
  })
}

/** Fills in and sends the sign-in form of the page that is open. */
export async function fillSignIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** The cookie of ours that ends in this name, whatever its prefix. */
export async function cookieOf(context: BrowserContext, name: 'accessToken' | 'refreshToken') {
  const cookies = await context.cookies()
  return cookies.find((cookie) => cookie.name === name || cookie.name === `__Host-${name}`)
}
