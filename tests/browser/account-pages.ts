import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { createSallyport, optionsFromEnvironment, type Sallyport } from '../../packages/server/src/index.ts'
import { fillSignIn, launchBrowser } from '../system/browser.ts'
import { type Person, signIn } from '../system/people.ts'
import { type System, startSystem } from '../system/system.ts'

export const password = 'velvet harbour quilt seven'

export const newAddress = () => `p-${crypto.randomUUID()}@example.com`

/**
 * Gives a test file the example with a development inbox, in which users must verify their addresses, and functions for the actions of
 * users. `settings` are added to the environment of the auth server.
 */
export function accountPages(settings: Record<string, string> = {}) {
  let system: System
  let browser: Browser
  let beside: Sallyport
  beforeAll(async () => {
    const auth = {
      SALLYPORT_EMAIL_VERIFICATION: 'sign-in',
      SALLYPORT_DEVELOPMENT_INBOX: '1',
      SALLYPORT_MAILED_SIGN_IN: 'on',
      ...settings,
    }
    ;[system, browser] = await Promise.all([
      startSystem({ env: { auth, web: { ASK_TO_VERIFY_EMAIL: '1' } } }),
      launchBrowser(),
    ])
    beside = await createSallyport({ ...optionsFromEnvironment(system.authEnv), logLevel: 'silent' })
  })
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))
  afterAll(async () => {
    await browser?.close()
    await beside?.close()
    await system?.stop()
  })

  const url = (path: string) => system.webUrl + path

  function inDatabase(sql: string, ...values: string[]): void {
    const database = new DatabaseSync(join(system.dataDir, 'sallyport.db'))
    database.exec('pragma busy_timeout = 5000')
    expect(database.prepare(sql).run(...values).changes).toBeGreaterThan(0)
    database.close()
  }

  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage()
    await page.goto(url(path))
    return page
  }

  async function sendSignUp(page: Page, email: string): Promise<void> {
    await page.goto(url('/signup'))
    await page.getByLabel('Name').fill('Nora New')
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
  }

  /** Opens the newest mail to this address in the development inbox, on this page. */
  async function openMail(page: Page, email: string, subject: RegExp): Promise<void> {
    await page.goto(url('/inbox'))
    await page.getByRole('link', { name: subject }).filter({ hasText: email }).first().click()
    await page.getByRole('heading', { name: subject, level: 2 }).waitFor()
  }

  async function followLink(page: Page, label: string): Promise<void> {
    await page.frameLocator('iframe').getByRole('link', { name: label }).click()
  }

  return {
    url,
    open,
    sendSignUp,
    openMail,
    followLink,
    newContext: (options: BrowserContextOptions) => browser.newContext(options),

    /** Returns a link of the newest mail with this address and subject, as a user copies it. */
    async copiedLink(page: Page, email: string, subject: RegExp, label: string): Promise<string> {
      await openMail(page, email, subject)
      const link = page.frameLocator('iframe').getByRole('link', { name: label })
      return (await link.getAttribute('href')) ?? ''
    },

    async confirmAddress(page: Page, email: string): Promise<void> {
      await openMail(page, email, /Confirm your email address/)
      await followLink(page, 'Confirm address')
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Confirm address' }).click()
      await page.waitForURL(url('/dashboard'))
    },

    /** Signs a user up without the pages. A mail is sent, and nobody is signed in. Returns the address. */
    async signUp(): Promise<string> {
      const email = newAddress()
      const answer = await fetch(url('/api/auth/register'), {
        method: 'POST',
        headers: { origin: system.appUrl, 'content-type': 'application/json' },
        body: JSON.stringify({ email, password, name: 'Nora New' }),
      })
      expect(answer.status).toBe(202)
      return email
    },

    /** Creates a user with a verified address, as an operator does, without a session. */
    async newPerson(roles = ['member'], email = newAddress()): Promise<Person> {
      const person = { email, password }
      await beside.operator.users.create({ ...person, name: 'Nora New', roles })
      return person
    },

    /** Plans the removal of all second factors of a user, as an operator does. Returns when they will be removed, in milliseconds. */
    async planRemoval(email: string): Promise<number> {
      const { users } = beside.operator
      const { id } = (await users.find(email)) ?? { id: '' }
      return users.planFactorRemoval(id, { because: 'said so on the phone', afterSeconds: 86_400 })
    },

    /** Makes the sign-in of a user eleven minutes older. The browser of the page gets a new access token at the next request. */
    async ageSignIn(page: Page, email: string): Promise<void> {
      inDatabase(
        'update session set authenticatedAt = authenticatedAt - 660000 where userId = (select id from user where email = ?)',
        email,
      )
      await page.context().clearCookies({ name: 'accessToken' })
    },

    /** Returns the empty page of another browser in which this user is signed in. */
    async deviceOf(person: Person, options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext(options)
      await signIn(context, system, person)
      return context.newPage()
    },

    async signInOn(page: Page, email: string, secret: string): Promise<void> {
      await page.goto(url('/login'))
      await fillSignIn(page, email, secret)
    },

    /** Links an account at GitHub, as the user has done it before. */
    linkGitHub(email: string): void {
      inDatabase(
        `insert into identity (issuer, subject, id, userId, provider, email, createdAt, lastUsedAt)
         select 'https://github.com/login/oauth', id, lower(hex(randomblob(16))), id, 'github', email, createdAt, createdAt
         from user where email = ?`,
        email,
      )
    },

    inDatabase,
  }
}

/** Settings of the auth server with which the pages have buttons of three providers. Nobody can sign in with them. */
export const threeProviders = {
  SALLYPORT_GOOGLE_CLIENT_ID: 'ledgerline',
  SALLYPORT_GOOGLE_CLIENT_SECRET: 'a secret of the provider',
  SALLYPORT_GITHUB_CLIENT_ID: 'ledgerline',
  SALLYPORT_GITHUB_CLIENT_SECRET: 'a secret of the provider',
  SALLYPORT_MICROSOFT_CLIENT_ID: 'ledgerline',
  SALLYPORT_MICROSOFT_CLIENT_SECRET: 'a secret of the provider',
  SALLYPORT_MICROSOFT_TENANT: 'example.onmicrosoft.com',
}
