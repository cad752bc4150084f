import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { findNextApp } from '../../packages/cli/src/scaffold/next-app.ts'
import { partsOf } from '../../packages/cli/src/scaffold/parts.ts'
import type { Piece } from '../../packages/cli/src/scaffold/pieces.ts'
import { textOf } from '../../packages/cli/src/scaffold/template-text.ts'
import { authenticator } from '../../packages/server/src/testing/authenticator.ts'
import { newKey, oidcServer, testClient } from '../../packages/server/src/testing/outside-providers.ts'
import { addAuthenticator, type VirtualAuthenticator } from '../browser/virtual-authenticator.ts'
import { accessibilityFaults, sidewaysOverflow } from '../system/accessibility.ts'
import { fillSignIn, launchBrowser } from '../system/browser.ts'
import { startCookielessFront } from '../system/cookieless-front.ts'
import { freshApp, password } from './fresh-app.ts'

let app: Awaited<ReturnType<typeof freshApp>>
let site: Awaited<ReturnType<typeof app.serve>>
let browser: Browser
let provider: Server
beforeAll(async () => {
  app = await freshApp()
  await app.sallyport([
    ...['init', '--yes', '--ways', 'password,passkey,mail'],
    ...['--providers', 'github,oidc', '--second-factor', 'roles:finance'],
  ])
  await app.build()
  let answer: RequestListener = (_, response) => response.end()
  provider = createServer((request, response) => answer(request, response)).listen(0, 'localhost')
  await once(provider, 'listening')
  const issuer = `http://localhost:${(provider.address() as AddressInfo).port}`
  const auth = {
    ...{ SALLYPORT_GITHUB_CLIENT_ID: 'my-app', SALLYPORT_GITHUB_CLIENT_SECRET: 'a secret of GitHub' },
    ...{ SALLYPORT_OIDC_ISSUER: issuer, SALLYPORT_OIDC_LABEL: 'Acme' },
    SALLYPORT_OIDC_CLIENT_ID: testClient.clientId,
    SALLYPORT_OIDC_CLIENT_SECRET: testClient.clientSecret,
  }
  ;[site, browser] = await Promise.all([app.serve({ auth }), launchBrowser()])
  const accounts = { 'ada-at-acme': { email: 'ada@acme.example', email_verified: true, name: 'Ada' } }
  const redirectUrls = [`${site.url}/api/auth/providers/oidc/callback`]
  answer = oidcServer(issuer, accounts, { keys: [await newKey()], redirectUrls })
}, 600_000)
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  provider?.closeAllConnections()
  provider?.close()
  app?.remove()
})

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(site.url + path, { waitUntil: 'networkidle' })
  return page
}

/** Creates a user. With the role `finance`, the user must have a second factor. */
async function newUser(role = 'finance'): Promise<string> {
  const email = `${crypto.randomUUID()}@example.com`
  await site.createUser(email, '--role', role)
  return email
}

function inDatabase(sql: string, email: string): void {
  const database = new DatabaseSync(join(app.folder, '.sallyport/sallyport.db'))
  database.exec('pragma busy_timeout = 5000')
  const { changes } = database
    .prepare(`${sql} where userId = (select id from user where email = ?)`)
    .run(email)
  database.close()
  expect(changes).toBeGreaterThan(0)
}

/** Makes the last sign-in eleven minutes older, so that changes need a new proof. */
function ageSignIn(email: string): void {
  inDatabase('update session set authenticatedAt = authenticatedAt - 660000', email)
}

/** Does the same, and the browser gets a new access token with this time. */
async function ageToken(page: Page, email: string): Promise<void> {
  ageSignIn(email)
  await page.context().clearCookies({ name: /accessToken$/ })
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

/** Scans the QR code of the page that is open, and enters the first code of the app. */
async function scanCode(page: Page, see: (what: string) => Promise<void> = async () => {}) {
  await button(page, 'Set up the app').click()
  await heading(page, 'Scan the QR code')
  const image = page.getByRole('img', { name: 'QR code for your authenticator app' })
  expect(await image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(0)
  const { codeAt } = authenticator((await page.locator('code:visible').innerText()).replaceAll(' ', ''))
  await appCode(page).fill('000000')
  await button(page, 'Confirm').click()
  await refusal(page, 'This code is not right')
  await see('set-up-refused')
  await appCode(page).fill(codeAt(Date.now()))
  await button(page, 'Confirm').click()
  return { codeAt }
}

/** Sets up the first authenticator app of the user, on the page that is open. */
async function setUpApp(page: Page, see: (what: string) => Promise<void> = async () => {}) {
  const { codeAt } = await scanCode(page, see)
  await heading(page, 'Save your recovery codes')
  await see('recovery-codes')
  const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts()
  expect(codes).toHaveLength(10)
  await page.getByRole('link', { name: 'I have saved my codes' }).click()
  await hello(page)
  return { codeAt, recoveryCode: codes[0] ?? '' }
}

/** Signs in a user who needs no second factor, and opens the dashboard. */
async function signedIn(email: string, options?: BrowserContextOptions): Promise<Page> {
  const page = await open('/dashboard', options)
  await fillSignIn(page, email, password)
  await hello(page)
  page.on('dialog', (dialog) => dialog.accept())
  return page
}

const addApp = (page: Page) => page.getByRole('link', { name: 'Add an app', exact: true }).click()
const removeApp = (page: Page, name: string) => button(page, `Remove ${name}`)
const passwordField = (page: Page) => page.getByRole('textbox', { name: 'Password', exact: true })

describe('sallyport init with all ways to sign in', () => {
  it('a user sets up an authenticator app and a passkey, and then signs in with each of them', async () => {
    const email = await newUser()
    const page = await open('/dashboard')
    const device = await addAuthenticator(page)
    await expectGood(page, 'ways-login')
    await fillSignIn(page, email, password)
    await heading(page, 'Set up a second factor')
    await expectGood(page, 'set-up')
    const { codeAt } = await setUpApp(page, (what) => expectGood(page, what))

    await button(page, 'Add a passkey').click()
    const passkeys = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Passkeys' }) })
    const remove = passkeys.getByRole('button', { name: /^Remove / })
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
    // The policy requires a second factor.
    await removeApp(page, 'Authenticator app').click()
    await refusal(page, 'Your account must have an app.')
    await expectGood(page, 'dashboard-last-app')
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

    // The password would not be enough for a change.
    ageSignIn(email)
    await button(page, 'Add a passkey').click()
    await heading(page, 'Confirm that it is you')
    expect(await passwordField(page).count()).toBe(0)
    await expectGood(page, 'confirm-only-passkey')
    await button(page, 'Use your passkey').click()
    await hello(page)
    await addApp(page)
    await setUpApp(page)
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
        await heading(page, 'Set up a second factor')
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

describe('changes of a signed-in user', () => {
  it('adds an authenticator app, signs in with it, adds another one, and removes both', async () => {
    const email = await newUser('member')
    const page = await signedIn(email)
    await expectGood(page, 'dashboard')
    await addApp(page)
    await heading(page, 'Add an app')
    await expectGood(page, 'add-app')
    await page.getByRole('textbox', { name: 'Name' }).fill('My phone')
    const { codeAt } = await setUpApp(page)
    expect(new URL(page.url()).pathname).toBe('/dashboard')
    await removeApp(page, 'My phone').waitFor()

    await button(page, 'Sign out').click()
    await heading(page, 'Sign in')
    await fillSignIn(page, email, password)
    await appCode(page).fill(codeAt(Date.now() + 30_000))
    await button(page, 'Continue').click()
    await hello(page)
    await addApp(page)
    await page.getByRole('textbox', { name: 'Name' }).fill('Tablet')
    await scanCode(page)
    await heading(page, 'The app is added')
    await expectGood(page, 'app-added')
    await page.getByRole('link', { name: 'Continue' }).click()
    await removeApp(page, 'Tablet').waitFor()
    await expectGood(page, 'dashboard-apps')

    for (const name of ['My phone', 'Tablet']) {
      await removeApp(page, name).click()
      await removeApp(page, name).waitFor({ state: 'detached' })
    }
    await button(page, 'Sign out').click()
    await heading(page, 'Sign in')
    await fillSignIn(page, email, password)
    await hello(page)
  })

  it('needs a recent proof: the password, then also a code, a recovery code or a passkey', async () => {
    const email = await newUser('member')
    const page = await signedIn(email)
    await addAuthenticator(page)
    await ageToken(page, email)
    await page.reload()
    await addApp(page)
    await heading(page, 'Confirm that it is you')
    await expectGood(page, 'confirm')
    await passwordField(page).fill('not the password')
    await button(page, 'Continue').click()
    await refusal(page, 'This is not your password.')
    await expectGood(page, 'confirm-refused')
    await passwordField(page).fill(password)
    await button(page, 'Continue').click()
    await heading(page, 'Add an app')
    const { codeAt, recoveryCode } = await setUpApp(page)
    await button(page, 'Add a passkey').click()
    await page.getByRole('button', { name: /^Remove (?!Authenticator app)/ }).waitFor()

    ageSignIn(email)
    await removeApp(page, 'Authenticator app').click()
    await heading(page, 'Confirm that it is you')
    await expectGood(page, 'confirm-code')
    await passwordField(page).fill(password)
    await appCode(page).fill('000000')
    await button(page, 'Continue').click()
    await refusal(page, 'This code is not right')
    await passwordField(page).fill(password)
    await appCode(page).fill(codeAt(Date.now() + 30_000))
    await button(page, 'Continue').click()
    await hello(page)

    ageSignIn(email)
    await removeApp(page, 'Authenticator app').click()
    await page.getByRole('link', { name: 'Use a recovery code' }).click()
    const recovery = page.getByRole('textbox', { name: 'Recovery code' })
    await recovery.fill('not a code of mine')
    await passwordField(page).fill(password)
    await button(page, 'Continue').click()
    await refusal(page, 'This recovery code is not right')
    await expectGood(page, 'confirm-recovery')
    await recovery.fill(recoveryCode)
    await passwordField(page).fill(password)
    await button(page, 'Continue').click()
    await hello(page)

    // A change that was refused begins again after the proof.
    ageSignIn(email)
    await addApp(page)
    await page.getByRole('textbox', { name: 'Name' }).fill('Tablet')
    await button(page, 'Set up the app').click()
    await heading(page, 'Confirm that it is you')
    await button(page, 'Use your passkey').click()
    await heading(page, 'Add an app')
    await page.goto(`${site.url}/dashboard`)
    await removeApp(page, 'Authenticator app').click()
    await removeApp(page, 'Authenticator app').waitFor({ state: 'detached' })
  })

  it('confirms at a provider, or signs in again, without a password', async () => {
    const page = await open('/dashboard')
    const signInAtAcme = async () => {
      await page.waitForURL(/\/interaction\//)
      await page.locator('[name=login]').fill('ada-at-acme')
      await page.locator('[name=password]').fill('any')
      await button(page, 'Sign-in').click()
    }
    await button(page, 'Continue with Acme').click()
    await signInAtAcme()
    await button(page, 'Continue').click()
    await hello(page)
    await ageToken(page, 'ada@acme.example')
    await page.reload()
    await addApp(page)
    await heading(page, 'Confirm that it is you')
    expect(await passwordField(page).count()).toBe(0)
    await expectGood(page, 'confirm-provider')
    await button(page, 'Confirm with Acme').click()
    await page.waitForURL(/\/interaction\//)
    await page.getByRole('link', { name: /cancel/i }).click()
    await refusal(page, 'You have cancelled at the provider')
    await button(page, 'Confirm with Acme').click()
    await signInAtAcme()
    await heading(page, 'Add an app')

    inDatabase('delete from identity', 'ada@acme.example')
    await page.goto(`${site.url}/confirm?returnTo=/dashboard/add-app`)
    await expectGood(page, 'confirm-sign-in-again')
    await button(page, 'Sign in again').click()
    await heading(page, 'Sign in')
    expect(new URL(page.url()).searchParams.get('returnTo')).toBe('/dashboard/add-app')
  })

  it('works without JavaScript, except the set-up', async () => {
    const email = await newUser('member')
    const withScripts = await signedIn(email)
    await addApp(withScripts)
    const { codeAt } = await setUpApp(withScripts)
    const page = await open('/dashboard', { javaScriptEnabled: false })
    await fillSignIn(page, email, password)
    await appCode(page).fill(codeAt(Date.now() + 30_000))
    await button(page, 'Continue').click()
    await hello(page)
    await ageToken(page, email)
    await page.reload()
    await addApp(page)
    await heading(page, 'Confirm that it is you')
    expect(await button(page, 'Use your passkey').count()).toBe(0)
    await passwordField(page).fill('not the password')
    await appCode(page).fill('000000')
    await button(page, 'Continue').click()
    await refusal(page, 'This is not your password.')
    inDatabase('update totp set lastStep = -1', email)
    await passwordField(page).fill(password)
    await appCode(page).fill(codeAt(Date.now()))
    await button(page, 'Continue').click()
    await page.getByText('This needs JavaScript.').waitFor()
    await page.goto(`${site.url}/dashboard`)
    await removeApp(page, 'Authenticator app').click()
    await hello(page)
    expect(await removeApp(page, 'Authenticator app').count()).toBe(0)
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
