import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { BrowserContext, Page, Response } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createBell } from '../system/bell.ts'
import { cookieOf, fillSignIn, launchProfile } from '../system/browser.ts'
import { type Hosts, startHosts } from '../system/hosts.ts'
import { newPerson } from '../system/people.ts'
import {
  hostsEnvironment,
  type ProviderHost,
  providerEnvironment,
  startProviderHosts,
} from '../system/provider-hosts.ts'
import type { SmallApp } from '../system/small-app.ts'
import { type System, startSystem } from '../system/system.ts'
import { documentedEnvironment } from '../topologies/documented.ts'
import { buildProviderTokenApp } from './provider-token-app.ts'

const acme: ProviderHost = { name: 'acme', label: 'Acme', host: 'login.acme.test', responseMode: 'query' }
const apple: ProviderHost = {
  name: 'apple',
  label: 'Apple',
  host: 'id.apple.test',
  responseMode: 'form_post',
}
const accounts = Object.fromEntries(
  ['ada', 'bea', 'cleo', 'dora', 'eve', 'fay'].flatMap((name) =>
    [acme, apple].map((provider) => [
      `${name}-at-${provider.name}`,
      { email: `${name}@${provider.host}`, email_verified: true, name },
    ]),
  ),
)

const topologies = [
  {
    topology: 'Same origin',
    auth: 'auth.other.test',
    addresses: (app: string, auth: string) => ({
      'https://app.example.com': app,
      'https://auth.example.com': auth,
    }),
    session: { name: '__Host-refreshToken', domain: 'app.sallyport.test' },
  },
  {
    topology: 'Shared parent domain',
    auth: 'api.sallyport.test',
    addresses: (app: string, auth: string) => ({
      'https://app.example.com': app,
      'https://api.example.com': auth,
      'example.com': 'sallyport.test',
    }),
    session: { name: '__Secure-refreshToken', domain: '.sallyport.test' },
  },
]

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** Signs in on the pages of the provider with this origin. */
async function signInAtOrigin(page: Page, origin: string, account: string): Promise<void> {
  await page.waitForURL(`${origin}/interaction/**`)
  await page.locator('[name=login]').fill(account)
  await page.locator('[name=password]').fill('any')
  await press(page, 'Sign-in')
  await press(page, 'Continue')
}

describe.each(topologies)(
  'sign-in with a provider in Chromium: $topology',
  ({ topology, auth, addresses, session }) => {
    let folder: string
    let hosts: Hosts
    let providers: Awaited<ReturnType<typeof startProviderHosts>>
    let system: System
    let sibling: Server
    let app: string
    let browsers: BrowserContext[] = []
    /** The cookies that the pages of `evil.sallyport.test` set. */
    let planted: string[] = []

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sallyport-providers-'))
      hosts = await startHosts(
        ['app.sallyport.test', 'evil.sallyport.test', auth, acme.host, apple.host],
        createBell(),
      )
      app = hosts.origin('app.sallyport.test')
      providers = await startProviderHosts(hosts, [acme, apple], accounts, app)
      const environment = (process: Parameters<typeof documentedEnvironment>[1]) =>
        documentedEnvironment(topology, process, addresses(app, hosts.origin(auth)))
      system = await startSystem({
        env: {
          auth: { ...environment('auth server'), ...providerEnvironment(folder, hosts, [acme, apple]) },
          web: environment('Next'),
          api: environment('API'),
        },
        appUrl: () => app,
      })
      hosts.targets.set('app.sallyport.test', () => system.webUrl)
      hosts.targets.set(auth, () => system.authUrl)
      sibling = createServer((_, response) =>
        response
          .setHeader('set-cookie', planted)
          .setHeader('content-type', 'text/html')
          .end('<!doctype html><title>A sibling</title><link rel="icon" href="data:,">'),
      ).listen(0, '127.0.0.1')
      hosts.targets.set(
        'evil.sallyport.test',
        () => `http://127.0.0.1:${(sibling.address() as AddressInfo).port}`,
      )
    }, 180_000)
    beforeEach(() => {
      hosts.all.length = 0
      hosts.fate = () => 'deliver'
    })
    afterEach(async () => {
      await Promise.all(browsers.map((context) => context.close()))
      browsers = []
    })
    afterAll(async () => {
      await system?.stop()
      await providers?.close()
      sibling?.close()
      await hosts?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    /** Returns the page of a new browser that blocks third-party cookies. */
    async function newBrowser(): Promise<Page> {
      const profile = join(folder, crypto.randomUUID())
      mkdirSync(profile)
      const context = await launchProfile(profile, { blockThirdPartyCookies: true })
      browsers.push(context)
      return context.newPage()
    }

    const signInAt = (page: Page, { host }: ProviderHost, account: string) =>
      signInAtOrigin(page, hosts.origin(host), account)

    async function signUp(page: Page, provider: ProviderHost, account: string): Promise<void> {
      await page.goto(`${app}/login?returnTo=%2Finvoices`)
      await press(page, `Continue with ${provider.label}`)
      await signInAt(page, provider, account)
      await page.waitForURL(`${app}/invoices`)
    }

    async function signOut(page: Page): Promise<void> {
      await page.goto(`${app}/profile`)
      await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${app}/login**`)
    }

    /** The address of the user who is signed in. */
    async function addressOf(page: Page): Promise<string> {
      await page.goto(`${app}/confirm`)
      return page.getByText('You are signed in as').locator('strong').innerText()
    }

    const stateCookie = async (page: Page) =>
      (await page.context().cookies()).find(({ name }) => name.endsWith('providerState'))

    /** Makes all sign-ins and links eleven minutes older. The browser of the page gets a new access token at the next request. */
    async function ageSignIn(page: Page): Promise<void> {
      const database = new DatabaseSync(join(system.dataDir, 'sallyport.db'))
      database.exec('pragma busy_timeout = 5000')
      database.exec('update session set authenticatedAt = authenticatedAt - 660000')
      database.exec('update identity set createdAt = createdAt - 660000')
      database.close()
      await page.context().clearCookies({ name: /accessToken$/ })
    }

    /**
     * Signs in on the pages of the provider. The browser loses the request of the callback. Returns its address, and another page of the
     * same browser.
     */
    async function heldCallback(
      page: Page,
      provider: ProviderHost,
      account: string,
    ): Promise<{ callback: string; page: Page }> {
      const isCallback = ({ path }: { path: string }) => path.includes('/callback?')
      const before = hosts.all.length
      const lost = () => hosts.all.slice(before).find(isCallback)?.path
      hosts.fate = (crossing) => (isCallback(crossing) ? 'loseRequest' : 'deliver')
      const next = await page.context().newPage()
      await signInAt(page, provider, account)
      await expect.poll(lost).toBeDefined()
      // The page would request the callback again by itself.
      await page.close()
      hosts.fate = () => 'deliver'
      return { callback: app + lost(), page: next }
    }

    it.each([acme, apple])(
      'a new user signs up, and signs in the second time ($responseMode)',
      async (provider) => {
        const page = await newBrowser()
        await page.goto(`${app}/login?returnTo=%2Finvoices`)
        await press(page, `Continue with ${provider.label}`)
        await page.waitForURL(`${hosts.origin(provider.host)}/**`)
        expect(await stateCookie(page)).toMatchObject({
          name: '__Host-providerState',
          domain: 'app.sallyport.test',
          path: '/',
          httpOnly: true,
          secure: true,
          sameSite: 'Lax',
        })
        await signInAt(page, provider, `ada-at-${provider.name}`)
        await page.waitForURL(`${app}/invoices`)
        expect(await cookieOf(page.context(), 'refreshToken')).toMatchObject({
          ...session,
          httpOnly: true,
          secure: true,
          sameSite: 'Strict',
        })
        expect(await cookieOf(page.context(), 'accessToken')).toMatchObject({
          httpOnly: true,
          sameSite: 'Strict',
        })
        expect(await stateCookie(page)).toBeUndefined()
        const posts = hosts.all.filter(({ method, path }) => method === 'POST' && path.endsWith('/callback'))
        expect(posts).toHaveLength(provider.responseMode === 'form_post' ? 1 : 0)
        // The browser has the cookie, and does not send it with the form of another site.
        for (const { headers } of posts) expect(headers.cookie ?? '').not.toContain('providerState')
        expect(await addressOf(page)).toBe(`ada@${provider.host}`)

        await signOut(page)
        await press(page, `Continue with ${provider.label}`)
        await page.waitForURL(`${app}/dashboard`)
        expect(await addressOf(page)).toBe(`ada@${provider.host}`)
      },
    )

    it.each([acme, apple])(
      'a user links a provider on the page “Ways to sign in” ($responseMode)',
      async (provider) => {
        const person = await newPerson(system)
        const page = await newBrowser()
        await page.goto(`${app}/login`)
        await fillSignIn(page, person.email, person.password)
        await page.waitForURL(`${app}/dashboard`)
        await page.goto(`${app}/profile/security`)
        await press(page, `Link ${provider.label}`)
        await signInAt(page, provider, `bea-at-${provider.name}`)
        await page.waitForURL(`${app}/profile/security?notice=linked`)
        await page.getByText('The provider is linked.').waitFor()
        expect(await stateCookie(page)).toBeUndefined()

        await signOut(page)
        await press(page, `Continue with ${provider.label}`)
        await page.waitForURL(`${app}/dashboard`)
        expect(await addressOf(page)).toBe(person.email)
      },
    )

    it('the callback of another browser is refused, and uses nothing up [O01]', async () => {
      const [attacker, victim] = [await newBrowser(), await newBrowser()]
      await attacker.goto(`${app}/login`)
      await press(attacker, 'Continue with Acme')
      const { callback, page } = await heldCallback(attacker, acme, 'cleo-at-acme')
      await victim.goto(callback)
      await victim.waitForURL(`${app}/login?error=sign_in_expired`)
      await victim.getByText('or was finished in another browser').waitFor()
      expect(await cookieOf(victim.context(), 'refreshToken')).toBeUndefined()
      await page.goto(callback)
      await page.waitForURL(`${app}/dashboard`)
    })

    it.each([acme, apple])('a user who cancels sees a clear message ($responseMode)', async (provider) => {
      const page = await newBrowser()
      await page.goto(`${app}/login?returnTo=%2Finvoices`)
      await press(page, `Continue with ${provider.label}`)
      await page.waitForURL(`${hosts.origin(provider.host)}/interaction/**`)
      await page.getByRole('link', { name: 'Cancel' }).click()
      await page.waitForURL(`${app}/login?returnTo=%2Finvoices&error=provider_refused`)
      await page.getByRole('alert').getByText('You cancelled at the provider').waitFor()
      expect(await stateCookie(page)).toBeUndefined()
      expect(await cookieOf(page.context(), 'refreshToken')).toBeUndefined()
    })

    describe('a start that another host of the domain plants in the browser [O09]', () => {
      /** The attacker has begun something at the provider. The victim visits a page of the attacker, and then opens the callback. */
      async function plant(attacker: Page, victim: Page, callback: string): Promise<void> {
        const value = (await stateCookie(attacker))?.value ?? ''
        expect(value).not.toBe('')
        planted = ['', '__Secure-', '__Host-'].map(
          (prefix) => `${prefix}providerState=${value}; Domain=sallyport.test; Path=/; Secure; SameSite=Lax`,
        )
        await victim.goto(hosts.origin('evil.sallyport.test'))
        const names = (await victim.context().cookies()).map(({ name }) => name)
        expect(names.filter((name) => name.endsWith('providerState')).sort()).toEqual([
          '__Secure-providerState',
          'providerState',
        ])
        await victim.goto(callback)
      }

      it('links nothing to the account of the victim', async () => {
        const [attacker, victim] = [await newBrowser(), await newBrowser()]
        await signUp(victim, acme, 'dora-at-acme')
        await signUp(attacker, acme, 'eve-at-acme')
        await attacker.goto(`${app}/profile/security`)
        await press(attacker, 'Link Apple')
        const { callback, page } = await heldCallback(attacker, apple, 'eve-at-apple')
        await plant(page, victim, callback)
        // The page for the error redirects users who are signed in.
        await victim.waitForURL(`${app}/dashboard`)
        await victim.goto(`${app}/profile/security`)
        await victim.getByRole('button', { name: 'Link Apple', exact: true }).waitFor()
        await page.goto(callback)
        await page.getByText('The provider is linked.').waitFor()
      })

      it('signs the victim in to no account', async () => {
        const [attacker, victim] = [await newBrowser(), await newBrowser()]
        await attacker.goto(`${app}/login`)
        await press(attacker, 'Continue with Acme')
        const { callback, page } = await heldCallback(attacker, acme, 'eve-at-acme')
        await plant(page, victim, callback)
        await victim.waitForURL(`${app}/login?error=sign_in_expired`)
        expect(await cookieOf(victim.context(), 'refreshToken')).toBeUndefined()
      })
    })

    it('a user who has only a provider confirms there who they are, and then links another one', async () => {
      const page = await newBrowser()
      await signUp(page, acme, 'fay-at-acme')
      await ageSignIn(page)
      await page.goto(`${app}/profile/security`)
      await press(page, 'Link Apple')
      await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
      await press(page, 'Confirm with Acme')
      // The user is signed in at the provider, and it asks for the password again.
      await page.waitForURL(`${hosts.origin(acme.host)}/interaction/**`)
      await page.locator('[name=login]').fill('fay-at-acme')
      await page.locator('[name=password]').fill('any')
      await press(page, 'Sign-in')
      await page.waitForURL(`${app}/profile/security**`)
      expect(await page.getByText('The provider is linked.').count()).toBe(0)
      await press(page, 'Link Apple')
      await signInAt(page, apple, 'fay-at-apple')
      await page.getByText('The provider is linked.').waitFor()
    })
  },
)

/** What a page has fetched since it was opened. */
type Recording = { bodies: Promise<string>[] }

describe('the token of a provider in Chromium', () => {
  const provider = { ...acme, keepTokens: true }
  let folder: string
  let hosts: Hosts
  let providers: Awaited<ReturnType<typeof startProviderHosts>>
  let built: SmallApp
  let system: System
  let context: BrowserContext
  let app: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-provider-token-'))
    hosts = await startHosts(['app.sallyport.test', 'auth.other.test', acme.host], createBell())
    app = hosts.origin('app.sallyport.test')
    providers = await startProviderHosts(hosts, [provider], accounts, app)
    built = await buildProviderTokenApp()
    const environment = (process: Parameters<typeof documentedEnvironment>[1]) =>
      documentedEnvironment('Same origin', process, {
        'https://app.example.com': app,
        'https://auth.example.com': hosts.origin('auth.other.test'),
      })
    system = await startSystem({
      web: built.folder,
      env: {
        auth: { ...environment('auth server'), ...providerEnvironment(folder, hosts, [provider]) },
        web: {
          ...environment('Next'),
          ...hostsEnvironment(folder, hosts),
          ACME_URL: hosts.origin(acme.host),
        },
        api: environment('API'),
      },
      appUrl: () => app,
    })
    hosts.targets.set('app.sallyport.test', () => system.webUrl)
    hosts.targets.set('auth.other.test', () => system.authUrl)
    context = await launchProfile(join(folder, 'profile'), { blockThirdPartyCookies: true })
  }, 180_000)
  afterAll(async () => {
    await context?.close()
    await system?.stop()
    built?.remove()
    await providers?.close()
    await hosts?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('a page and a server action read the API of the provider, and no token reaches the browser [O11]', async () => {
    const page = await context.newPage()
    const seen: string[] = []
    const pending: Promise<void>[] = []
    const keep = async (response: Response) => {
      const text = await response.text().catch(() => '')
      seen.push(`${response.url()}\n${JSON.stringify(await response.allHeaders())}\n${text}`)
    }
    page.on('response', (response) => pending.push(keep(response)))
    // Chromium drops some bodies before they can be read from outside. So the page records what its scripts fetch.
    await page.addInitScript(() => {
      const { fetch } = window
      const bodies: Promise<string>[] = []
      const recorded: typeof fetch = async (...sent) => {
        const answer = await fetch(...sent)
        bodies.push(answer.clone().text())
        return answer
      }
      Object.assign(window, { bodies, fetch: recorded })
    })
    await page.goto(`${app}/login`)
    await press(page, 'Continue with Acme')
    await signInAtOrigin(page, hosts.origin(acme.host), 'ada-at-acme')
    await page.waitForURL(`${app}/account`)
    const account = `200 ada@${acme.host}`
    await page.getByRole('heading', { name: account }).waitFor()
    await press(page, 'Read')
    await page.locator('output').filter({ hasText: account }).waitFor()
    const ofScript = await page.evaluate(async () => {
      // The page, and the same as flight data.
      await Promise.all([fetch('/account'), fetch('/account', { headers: { rsc: '1' } })])
      const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
      const body = JSON.stringify({ provider: 'acme' })
      return (await fetch('/api/auth/providers/token', { ...init, body })).ok
    })
    expect(ofScript).toBe(false)
    const fetched = await page.evaluate(() => Promise.all((window as unknown as Recording).bodies))
    const visible = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.documentElement.outerHTML]),
    )
    await Promise.all(pending)

    const [{ access_token, refresh_token, id_token } = {}] = providers.grants
    const tokens = [access_token, refresh_token, id_token].map(String)
    for (const token of tokens) expect(token.length).toBeGreaterThan(20)
    // The action, the page, and the page as flight data.
    expect(fetched.filter((text) => text.includes(account))).toHaveLength(3)
    const cookies = JSON.stringify(await context.cookies())
    for (const text of [...seen, ...fetched, visible, cookies])
      for (const token of tokens) expect(text).not.toContain(token)
  })
})
