import { execFile } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { findNextApp } from '../../packages/cli/src/scaffold/next-app.ts'
import { partsOf } from '../../packages/cli/src/scaffold/parts.ts'
import type { Piece } from '../../packages/cli/src/scaffold/pieces.ts'
import { textOf } from '../../packages/cli/src/scaffold/template-text.ts'
import { authenticator } from '../../packages/server/src/testing/authenticator.ts'
import { addAuthenticator, type VirtualAuthenticator } from '../browser/virtual-authenticator.ts'
import { accessibilityFaults, sidewaysOverflow } from '../system/accessibility.ts'
import { fillSignIn, launchBrowser } from '../system/browser.ts'
import { startCookielessFront } from '../system/cookieless-front.ts'
import { freshApp, password } from './fresh-app.ts'

let app: Awaited<ReturnType<typeof freshApp>>
let site: Awaited<ReturnType<typeof app.serve>>
let browser: Browser
beforeAll(async () => {
  app = await freshApp()
  await app.sallyport([
    ...['init', '--yes', '--ways', 'password,passkey,mail'],
    ...['--providers', 'github', '--second-factor', 'required'],
  ])
  await app.build()
  const auth = { SALLYPORT_GITHUB_CLIENT_ID: 'my-app', SALLYPORT_GITHUB_CLIENT_SECRET: 'a secret of GitHub' }
  ;[site, browser] = await Promise.all([app.serve({ auth }), launchBrowser()])
}, 600_000)
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  app?.remove()
})

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(site.url + path, { waitUntil: 'networkidle' })
  return page
}

async function newUser(): Promise<string> {
  const email = `${crypto.randomUUID()}@example.com`
  await site.createUser(email)
  return email
}

const { SCREENSHOTS } = process.env
const looks = [
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const
const allLooks = looks.flatMap((look) => looks.map(({ viewport }) => ({ ...look, viewport })))

/** Checks the page that is open in both themes, one of them on a phone. */
async function expectGood(page: Page, what: string): Promise<void> {
  for (const { colorScheme, viewport } of SCREENSHOTS ? allLooks : looks) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize(viewport)
    const name = `${what}-${colorScheme}-${viewport.width}`
    expect(await accessibilityFaults(page), name).toEqual([])
    expect(await sidewaysOverflow(page), name).toBe(0)
    if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true })
  }
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
/** The field of the page that is shown. With cacheComponents, Next keeps the earlier pages, and hides them. */
const address = (page: Page) => page.getByRole('textbox', { name: 'Email' })
const codeField = (page: Page) => page.getByRole('textbox', { name: 'Code', exact: true })
const appCode = (page: Page) => page.getByRole('textbox', { name: 'Code from your app', exact: true })
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
const hello = (page: Page) => heading(page, 'Hello, Ada')
const refusal = (page: Page, text: string) => page.getByRole('alert').filter({ hasText: text }).waitFor()

/** Whether the authenticator answers by itself, as if the user touches it at once. */
function setPresence({ cdp, id }: VirtualAuthenticator, enabled: boolean) {
  return cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: id, enabled })
}

/** Returns the code and the link of the newest mail to the address. */
async function mailTo(email: string): Promise<{ code: string; link: string }> {
  const response = await fetch(`${site.authUrl}/api/development/inbox`)
  const { mails } = (await response.json()) as { mails: { to: string; text: string }[] }
  const text = mails.find(({ to }) => to === email)?.text ?? ''
  const link = /\S+\/login\/link#token=\S+/.exec(text)?.[0] ?? ''
  return { code: /\b\d{6}\b/.exec(text)?.[0] ?? '', link: site.url + link.replace(/^https?:\/\/[^/]+/, '') }
}

/** Sets up the authenticator app that the sign-in requires, on the page that is open. */
async function setUpApp(page: Page, see: (what: string) => Promise<void> = async () => {}) {
  await heading(page, 'Set up a second factor')
  await see('set-up')
  await button(page, 'Set up the app').click()
  await heading(page, 'Scan the QR code')
  const image = page.getByRole('img', { name: 'QR code for your authenticator app' })
  expect(await image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(0)
  const { codeAt } = authenticator((await page.locator('code').innerText()).replaceAll(' ', ''))
  await appCode(page).fill('000000')
  await button(page, 'Confirm').click()
  await refusal(page, 'This code is not right')
  await see('set-up-refused')
  await appCode(page).fill(codeAt(Date.now()))
  await button(page, 'Confirm').click()
  await heading(page, 'Save your recovery codes')
  await see('recovery-codes')
  expect(await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').count()).toBe(10)
  await page.getByRole('link', { name: 'I have saved my codes' }).click()
  await hello(page)
  return { codeAt }
}

describe('sallyport init with all ways to sign in', () => {
  it('a user sets up an authenticator app and a passkey, and then signs in with each of them', async () => {
    const email = await newUser()
    const page = await open('/dashboard')
    const device = await addAuthenticator(page)
    await expectGood(page, 'ways-login')
    await fillSignIn(page, email, password)
    const { codeAt } = await setUpApp(page, (what) => expectGood(page, what))

    await button(page, 'Add a passkey').click()
    const remove = page.getByRole('button', { name: /^Remove / })
    await remove.waitFor()
    await expectGood(page, 'dashboard-passkey')
    await setPresence(device, false)
    await button(page, 'Sign out').click()
    await heading(page, 'Sign in')

    // The browser offers passkeys in the list of the email field, and this authenticator then answers at once.
    await button(page, 'Sign in with a passkey').click()
    await button(page, 'Waiting for your passkey…').waitFor()
    await setPresence(device, true)
    await page.goto(`${site.url}/login?returnTo=%2Fdashboard`)
    await hello(page)
    await page.context().clearCookies()
    await page.addInitScript(() => {
      PublicKeyCredential.isConditionalMediationAvailable = async () => false
    })
    await page.goto(`${site.url}/login?returnTo=%2Fdashboard`)
    await button(page, 'Sign in with a passkey').click()
    await hello(page)

    // After the password, the passkey is a second factor.
    await page.context().clearCookies()
    await page.goto(`${site.url}/login`)
    await fillSignIn(page, email, password)
    await heading(page, 'Enter your code')
    await expectGood(page, 'second-factor-passkey')
    await button(page, 'Use a passkey').click()
    await hello(page)
    await page.context().clearCookies()
    await page.goto(`${site.url}/login`)
    await fillSignIn(page, email, password)
    await appCode(page).fill(codeAt(Date.now() + 30_000))
    await button(page, 'Continue').click()
    await hello(page)

    page.on('dialog', (dialog) => dialog.accept())
    await remove.click()
    await remove.waitFor({ state: 'detached' })
  })

  it('a passkey is set up at the sign-in, and is then the only second factor', async () => {
    const email = await newUser()
    const page = await open('/login')
    await addAuthenticator(page)
    await page.addInitScript(() => {
      PublicKeyCredential.isConditionalMediationAvailable = async () => false
    })
    await page.reload()
    await fillSignIn(page, email, password)
    await heading(page, 'Set up a second factor')
    await button(page, 'Create a passkey').click()
    await hello(page)
    await page.context().clearCookies()
    await page.goto(`${site.url}/login`)
    await fillSignIn(page, email, password)
    await heading(page, 'Use your passkey')
    await expectGood(page, 'second-factor-only-passkey')
    await button(page, 'Use a passkey').click()
    await hello(page)
  })

  it.each([true, false])(
    'a mailed code signs in, and leads to the set-up of the app (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const email = await newUser()
      const page = await open('/dashboard', { javaScriptEnabled })
      const see = async (what: string) => {
        if (javaScriptEnabled) await expectGood(page, what)
      }
      // Without scripts, no passkey can be used.
      expect(await button(page, 'Sign in with a passkey').isVisible()).toBe(javaScriptEnabled)
      await page.getByRole('link', { name: 'Email me a code' }).click()
      await heading(page, 'Sign in by mail')
      await see('mail')
      await address(page).fill(email)
      await button(page, 'Email me a code').click()
      await heading(page, 'Enter the code')
      await see('code')
      const { code } = await mailTo(email)
      await codeField(page).fill(code === '000000' ? '111111' : '000000')
      await button(page, 'Sign in').click()
      await refusal(page, 'This is not the code in the mail.')
      await see('code-refused')
      await page.getByRole('link', { name: 'Send another mail' }).click()
      await address(page).waitFor()
      await page.goto(`${site.url}/login/code?returnTo=%2Fdashboard`)
      await codeField(page).fill(code)
      await button(page, 'Sign in').click()
      if (javaScriptEnabled) {
        await setUpApp(page)
        expect(new URL(page.url()).pathname).toBe('/dashboard')
      } else {
        await heading(page, 'Set up a second factor')
        await page.getByText('This needs JavaScript.').waitFor()
        expect(await button(page, 'Set up the app').isVisible()).toBe(false)
      }
    },
  )

  it('the mailed link signs in another browser, only after a click and only once', async () => {
    const email = await newUser()
    const asking = await open('/login/code')
    await address(asking).fill(email)
    await button(asking, 'Email me a code').click()
    await heading(asking, 'Enter the code')
    const { link } = await mailTo(email)
    const path = link.slice(site.url.length)

    const page = await open(path)
    await page.getByText(email).waitFor()
    await page.getByText(', another browser than this one').waitFor()
    // The token is not in the address any more, and the page has used nothing up.
    expect(page.url()).toBe(`${site.url}/login/link`)
    await expectGood(page, 'link')
    await button(page, 'Sign in').click()
    await heading(page, 'Set up a second factor')
    const used = await open(path)
    await refusal(used, 'was used already')
    await expectGood(used, 'link-used')

    const plain = await open(path, { javaScriptEnabled: false })
    await plain.getByText('Enter the code from the mail instead').waitFor()
  })

  it('a browser that stores no cookies is told why there is no field for the code', async () => {
    const front = await startCookielessFront(site.url)
    onTestFinished(() => front.close())
    const context = await browser.newContext({ javaScriptEnabled: false })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(`${front.url}/login/code`)
    await address(page).fill('ada@example.com')
    await button(page, 'Email me a code').click()
    await refusal(page, 'this browser stores no cookies')
  })

  it.each([true, false])(
    'the button of a provider opens the provider, and the page says that the user has cancelled there (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const page = await open('/dashboard', { javaScriptEnabled })
      await page.route('https://github.com/**', (route) =>
        route.fulfill({ contentType: 'text/html', body: '<h1>GitHub</h1>' }),
      )
      await button(page, 'Continue with GitHub').click()
      await page.waitForURL(/^https:\/\/github\.com\//)
      const { searchParams } = new URL(page.url())
      const callback = searchParams.get('redirect_uri') ?? ''
      expect(searchParams.get('client_id')).toBe('my-app')
      expect(callback).toBe(`${site.url}/api/auth/providers/github/callback`)
      const answer = new URLSearchParams({ error: 'access_denied', state: searchParams.get('state') ?? '' })
      await page.goto(`${callback}?${answer}`)
      await refusal(page, 'You have cancelled at the provider')
      expect(new URL(page.url()).searchParams.get('returnTo')).toBe('/dashboard')
      if (javaScriptEnabled) await expectGood(page, 'provider-cancelled')
    },
  )

  it('the page says that a sign-in without its second factor has expired', async () => {
    const page = await open('/login')
    await fillSignIn(page, await newUser(), password)
    await heading(page, 'Set up a second factor')
    await page.context().clearCookies()
    await button(page, 'Set up the app').click()
    await heading(page, 'Sign in')
  })
})

it('the files for each choice of ways compile', async () => {
  const names: Piece[] = ['passkey', 'mail', 'providers', 'secondFactor']
  const target = findNextApp(app.folder)
  const folder = join(app.outside, 'choices')
  for (let bits = 0; bits < 2 ** names.length; bits++) {
    const pieces = new Set(names.filter((_, at) => bits & (2 ** at)))
    for (const file of partsOf(pieces).flatMap((part) => part.files)) {
      const path = join(folder, `choice-${[...pieces].join('-')}`, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, textOf(file, target, pieces))
    }
  }
  symlinkSync(join(app.folder, 'node_modules'), join(folder, 'node_modules'))
  const compilerOptions = {
    ...{ target: 'es2024', lib: ['es2024', 'dom', 'dom.iterable'], module: 'esnext', jsx: 'react-jsx' },
    ...{ moduleResolution: 'bundler', strict: true, noEmit: true, skipLibCheck: true },
    ...{ noUnusedLocals: true, noUnusedParameters: false, types: [] },
  }
  writeFileSync(join(folder, 'css.d.ts'), "declare module '*.css'\n")
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*'] }))
  const compiler = join(app.folder, 'node_modules/typescript/bin/tsc')
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', folder]).catch(
    (error: { stdout: string }) => error,
  )
  expect(stdout).toBe('')
})
