import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nextBuild } from '../../scripts/example/build.ts'
import { createBell } from '../system/bell.ts'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import { type Hosts, startHosts } from '../system/hosts.ts'
import { bearerSignIn, demoPassword, type System, startSystem } from '../system/system.ts'
import { documentedEnvironment } from './documented.ts'
import { startStrangers } from './strangers.ts'

const names = ['app.sallyport.test', 'api.sallyport.test', 'evil.sallyport.test', 'other.test'] as const
const bell = createBell()
let hosts: Hosts
let strangers: Awaited<ReturnType<typeof startStrangers>>
let system: System
let browser: Browser
let app: string
let api: string
let evil: string
let other: string

beforeAll(async () => {
  ;[hosts, strangers, browser] = await Promise.all([
    startHosts([...names, 'api.app.sallyport.test'], bell),
    startStrangers(),
    launchBrowser(),
  ])
  ;[app, api, evil, other] = names.map((name) => hosts.origin(name)) as [string, string, string, string]
  for (const name of ['evil.sallyport.test', 'other.test']) hosts.targets.set(name, () => strangers.url)
  const environment = (process: Parameters<typeof documentedEnvironment>[1]) =>
    documentedEnvironment('Shared parent domain', process, {
      'https://app.example.com': app,
      'https://api.example.com': api,
      'example.com': 'sallyport.test',
    })
  await nextBuild('examples/shared-domain', 'Building the pages below a shared parent domain', {
    NEXT_PUBLIC_API_URL: api,
  })
  system = await startSystem({
    web: 'examples/shared-domain',
    env: { auth: environment('auth server'), web: environment('Next'), api: environment('API') },
  })
  hosts.targets.set('app.sallyport.test', () => system.webUrl)
  // A reverse proxy with both behind one name does this.
  hosts.targets.set('api.sallyport.test', (path) =>
    /^\/(?:api\/(?:auth|user)|\.well-known)\//.test(path) ? system.authUrl : system.apiUrl,
  )
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await system?.stop()
  await hosts?.close()
  await strangers?.close()
})
beforeEach(() => {
  hosts.all.length = 0
  strangers.cookies.length = 0
  hosts.fate = () => 'deliver'
})

const newContext = (options = {}) => browser.newContext({ ignoreHTTPSErrors: true, ...options })
const pathOf = (page: Page) => new URL(page.url()).pathname
const customers = (page: Page) => page.getByText(/^\d+ customers$/).waitFor()
const crossings = (method: string, path: string) =>
  hosts.all.filter((crossing) => crossing.method === method && crossing.path === path)
const statusesOf = (method: string, path: string) =>
  crossings(method, path).map(({ answer }) => answer?.status)

async function signedIn(): Promise<{ context: BrowserContext; page: Page }> {
  const context = await newContext()
  const page = await context.newPage()
  await page.goto(`${app}/dashboard`)
  await fillSignIn(page, 'finance@example.com', demoPassword)
  await page.waitForURL(`${app}/dashboard`)
  await customers(page)
  return { context, page }
}

type Sent = Pick<RequestInit, 'method' | 'mode' | 'credentials'> & {
  headers?: Record<string, string>
  body?: string
}

/** A request of a page by its own script, as far as browsers allow it. */
const send = (page: Page, url: string, init: Sent) =>
  page.evaluate(
    ([to, how]) =>
      fetch(to, how).then(
        async (answer) => ({ type: answer.type, status: answer.status, text: await answer.text() }),
        () => 'refused by the browser' as const,
      ),
    [url, init] as const,
  )
const json = { 'content-type': 'application/json' }

describe('pages and API below one parent domain', () => {
  it('sign-in by our form sets cookies for pages and API [CK-01]', async () => {
    const context = await newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${app}/dashboard`)
    await fillSignIn(page, 'finance@example.com', demoPassword)
    await page.getByText('Roles: finance').waitFor()
    for (const name of ['accessToken', 'refreshToken'] as const)
      expect(await cookieOf(context, name)).toMatchObject({
        name: `__Secure-${name}`,
        domain: '.sallyport.test',
        path: '/',
        httpOnly: true,
        secure: true,
        sameSite: 'Strict',
      })
    await page.goto(`${api}/summary`)
    expect(await page.textContent('body')).toContain('activeCustomers')
    await context.close()
  })

  it('the browser calls the API directly with cookies, not through Next', async () => {
    const { context, page } = await signedIn()
    expect(statusesOf('GET', '/summary')).toContain(200)
    expect(crossings('GET', '/summary').every(({ headers }) => headers.host?.startsWith('api.'))).toBe(true)
    const seen = await page.evaluate(() => document.documentElement.outerHTML + document.cookie)
    // The cookie that scripts may read contains nothing of a token (session-cookies.test.ts).
    for (const { name, value } of await context.cookies())
      if (name !== '__Secure-sallyport_session') expect(seen).not.toContain(value)
    await context.close()
  })

  it('sign-in and sign-out by a script at the API are seen by the pages', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await page.goto(`${app}/login`)
    const login = await send(page, `${api}/api/auth/login`, {
      method: 'POST',
      headers: json,
      credentials: 'include',
      body: JSON.stringify({ email: 'member@example.com', password: demoPassword }),
    })
    expect(login).toMatchObject({ status: 200, text: expect.not.stringMatching(/token/i) })
    await page.goto(`${app}/dashboard`)
    await page.getByText('Roles: member').waitFor()
    await customers(page)
    const copied = await context.cookies()

    const logout = { method: 'POST', headers: json, credentials: 'include', body: '{}' } as const
    expect(await send(page, `${api}/api/auth/logout`, logout)).toMatchObject({ status: 204 })
    expect(await cookieOf(context, 'refreshToken')).toBeUndefined()
    await page.goto(`${app}/dashboard`)
    expect(pathOf(page)).toBe('/login')
    // The cookies copied before are refused by pages and API.
    await context.addCookies(copied)
    expect(await send(page, `${api}/summary`, { credentials: 'include' })).toMatchObject({ status: 401 })
    await page.goto(`${app}/dashboard`)
    expect(pathOf(page)).toBe('/login')
    await context.close()
  })

  it('sign-out on a page is seen by the API', async () => {
    const { context, page } = await signedIn()
    const copied = await context.cookies()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(/\/login/)
    expect(await send(page, `${api}/summary`, { credentials: 'include' })).toMatchObject({ status: 401 })
    await context.addCookies(copied)
    expect(await send(page, `${api}/summary`, { credentials: 'include' })).toMatchObject({ status: 401 })
    await context.close()
  })

  it('the proxy refreshes before a page renders, and the API accepts the new cookie', async () => {
    const { context, page } = await signedIn()
    const before = await cookieOf(context, 'refreshToken')
    await context.clearCookies({ name: '__Secure-accessToken' })
    hosts.all.length = 0
    await page.goto(`${app}/dashboard`)
    await customers(page)
    expect(statusesOf('GET', '/summary')).toEqual([200])
    const cookies = (await context.cookies()).filter(({ name }) => /Token$/.test(name))
    expect(cookies.map(({ domain }) => domain)).toEqual(['.sallyport.test', '.sallyport.test'])
    expect((await cookieOf(context, 'refreshToken'))?.value).not.toBe(before?.value)
    await context.close()
  })

  it('two refused tabs cause one refresh [R02, R11]', async () => {
    const { context, page } = await signedIn()
    const second = await context.newPage()
    await second.goto(`${app}/dashboard`)
    await customers(second)
    await context.clearCookies({ name: '__Secure-accessToken' })
    hosts.all.length = 0
    hosts.fate = ({ path }) => (path === '/api/auth/refresh' ? 'hold' : 'deliver')
    await page.getByRole('button', { name: 'Refresh' }).click()
    await bell.until(() => crossings('POST', '/api/auth/refresh')[0]?.state === 'answered')
    await second.getByRole('button', { name: 'Refresh' }).click()
    await bell.until(() => statusesOf('GET', '/summary').filter((status) => status === 401).length === 2)
    const waiting = () =>
      second.evaluate(() => navigator.locks.query().then(({ pending = [] }) => pending.length))
    await expect.poll(waiting).toBe(1)
    crossings('POST', '/api/auth/refresh')[0]?.deliver()
    await Promise.all([customers(page), customers(second)])
    expect(crossings('POST', '/api/auth/refresh')).toHaveLength(1)
    await context.close()
  })

  it('a refresh by a script renews the session for pages and API', async () => {
    const { context, page } = await signedIn()
    await context.clearCookies({ name: '__Secure-accessToken' })
    const refresh = { method: 'POST', headers: json, credentials: 'include', body: '{}' } as const
    const answer = await send(page, `${api}/api/auth/refresh`, refresh)
    expect(answer).toMatchObject({ status: 200, text: expect.not.stringMatching(/token/i) })
    await page.getByRole('button', { name: 'Refresh' }).click()
    await customers(page)
    hosts.all.length = 0
    await page.goto(`${app}/dashboard`)
    await page.getByText('Roles: finance').waitFor()
    await context.close()
  })
})

describe('one list has all allowed origins [C08]', () => {
  const preflight = (url: string, origin: string) =>
    fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })

  it.each([
    ['the auth server', () => `${system.authUrl}/api/auth/refresh`],
    ['the API', () => `${system.apiUrl}/invoices`],
  ])('%s: a preflight allows our pages, with credentials, and no other origin', async (_, url) => {
    const ours = (await preflight(url(), app)).headers
    expect(ours.get('access-control-allow-origin')).toBe(app)
    expect(ours.get('access-control-allow-credentials')).toBe('true')
    expect(ours.get('access-control-allow-methods')).toContain('POST')
    expect(ours.get('access-control-allow-headers')).toContain('content-type')
    expect(ours.get('vary')).toMatch(/origin/i)
    for (const foreign of [evil, other, 'null', `${app}.other.test`, app.replace('https', 'http')]) {
      const { headers } = await preflight(url(), foreign)
      expect(headers.get('access-control-allow-origin')).toBe(null)
      expect(headers.get('vary')).toMatch(/origin/i)
    }
  })

  it('responses and errors allow the same origins', async () => {
    for (const url of [`${system.apiUrl}/summary`, `${system.authUrl}/api/auth/session`]) {
      const answer = await fetch(url, { headers: { origin: app } })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('access-control-allow-origin')).toBe(app)
      expect(answer.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('www-authenticate')
      expect(answer.headers.get('vary')).toMatch(/origin/i)
    }
  })
})

describe.each([
  ['C06: a sibling', () => evil],
  ['C01: another site', () => other],
])('%s', (_, stranger) => {
  it('cannot read cookies or responses', async () => {
    const { context } = await signedIn()
    const page = await context.newPage()
    await page.goto(stranger())
    expect(await page.evaluate(() => document.cookie)).not.toMatch(/Token/)
    for (const url of [`${api}/summary`, `${api}/api/auth/session`, `${app}/api/auth/session`])
      for (const mode of ['cors', 'no-cors'] as const) {
        const answer = await send(page, url, { credentials: 'include', mode })
        if (answer !== 'refused by the browser')
          expect(answer).toEqual({ type: 'opaque', status: 0, text: '' })
      }
    await context.close()
  })

  it('cannot change anything: each request is refused with 403', async () => {
    const { context, page: ours } = await signedIn()
    const page = await context.newPage()
    await page.goto(stranger())
    hosts.all.length = 0
    const targets = ['/api/auth/logout', '/api/auth/refresh', '/api/auth/login']
    const urls = [...targets.flatMap((path) => [api + path, app + path]), `${api}/invoices`]
    const body = JSON.stringify({ email: 'member@example.com', password: demoPassword })
    for (const url of urls) {
      await send(page, url, { method: 'POST', mode: 'no-cors', credentials: 'include', body })
      // A form needs no permission; the browser sends it in this way.
      const form = await context.newPage()
      await form.goto(stranger())
      await form.evaluate((to) => {
        document.body.innerHTML = `<form method="post" enctype="text/plain" action="${to}"><input name='{"a":"' value='"}'></form>`
        document.forms[0]?.submit()
      }, url)
      await bell.until(() => crossings('POST', new URL(url).pathname).every(({ state }) => state === 'over'))
      await form.waitForURL(url)
      await form.close()
    }
    const posted = hosts.all.filter(({ method }) => method === 'POST')
    expect(posted).toHaveLength(2 * urls.length)
    // To the API a cross-site POST without cookies is unauthenticated; with them it is forbidden.
    expect(new Set(posted.map(({ answer }) => answer?.status))).toEqual(
      new Set(stranger() === evil ? [403] : [403, 401]),
    )
    hosts.all.length = 0
    await ours.getByRole('button', { name: 'Refresh' }).click()
    await customers(ours)
    expect(statusesOf('GET', '/summary')).toEqual([200])
    await context.close()
  })
})

describe('a sibling subdomain that sets cookies of our names [S02, S03]', () => {
  const toss = async (
    context: BrowserContext,
    value: string,
    path: string,
    { name = '__Secure-accessToken', more = '' } = {},
  ) => {
    const page = await context.newPage()
    await page.goto(evil)
    await page.evaluate((cookie) => {
      // biome-ignore lint/suspicious/noDocumentCookie: this is the attack.
      document.cookie = cookie
    }, `${name}=${value}; Domain=sallyport.test; Path=${path}; Secure${more}`)
    await page.close()
  }

  it('does not replace our cookies', async () => {
    const { context } = await signedIn()
    const before = await cookieOf(context, 'accessToken')
    await toss(context, 'stolen', '/')
    expect(await cookieOf(context, 'accessToken')).toEqual(before)
    await context.close()
  })

  it('cannot replace a session: two cookies of one name are refused', async () => {
    const { context, page } = await signedIn()
    const { accessToken } = await bearerSignIn(system.authUrl, 'owner@example.com')
    await toss(context, accessToken, '/summary')
    const answer = await send(page, `${api}/summary`, { credentials: 'include' })
    expect(answer).toMatchObject({ status: 401, text: expect.stringContaining('credential_conflict') })
    // They are cleared there, and our own with them; the next page sets a new token, and the API works again.
    await page.goto(`${app}/dashboard`)
    await customers(page)
    expect(await send(page, `${api}/summary`, { credentials: 'include' })).toMatchObject({ status: 200 })
    await toss(context, accessToken, '/dashboard')
    await page.goto(`${app}/dashboard`)
    expect(pathOf(page)).toBe('/login')
    await context.close()
  })

  it('locks nobody out, because a new sign-in works on every path [CK-06]', async () => {
    const { context, page } = await signedIn()
    for (const name of ['__Secure-accessToken', '__Secure-refreshToken'])
      for (const more of ['', '; Partitioned']) await toss(context, 'planted', '/dashboard', { name, more })
    await page.goto(`${app}/dashboard`)
    expect(pathOf(page)).toBe('/login')
    await fillSignIn(page, 'finance@example.com', demoPassword)
    await page.waitForURL(`${app}/dashboard`)
    await page.goto(`${app}/dashboard`)
    await customers(page)
    expect(pathOf(page)).toBe('/dashboard')
    expect((await context.cookies()).filter(({ value }) => value === 'planted')).toEqual([])
    await context.close()
  })

  it('does not affect the auth server by duplicates of other cookies [CK-06]', async () => {
    const { context, page } = await signedIn()
    for (const path of ['/', '/api/auth/session'])
      await toss(context, 'planted', path, { name: 'accessToken' })
    for (const path of ['/', '/api/auth/refresh'])
      await toss(context, 'planted', path, { name: 'refreshToken' })
    expect(await send(page, `${api}/api/auth/session`, { credentials: 'include' })).toMatchObject({
      status: 200,
    })
    await context.clearCookies({ name: '__Secure-accessToken' })
    const refresh = { method: 'POST', headers: json, credentials: 'include', body: '{}' } as const
    expect(await send(page, `${api}/api/auth/refresh`, refresh)).toMatchObject({ status: 200 })
    await context.close()
  })

  it('causes one refusal on a path of the auth server, which clears the cookies [CK-06]', async () => {
    const { context, page } = await signedIn()
    for (const path of ['/api', '/api/auth/session']) await toss(context, 'planted', path)
    const ask = () => send(page, `${api}/api/auth/session`, { credentials: 'include' })
    expect(await ask()).toMatchObject({ status: 401, text: expect.stringContaining('credential_conflict') })
    expect((await context.cookies()).filter(({ value }) => value === 'planted')).toEqual([])
    const body = JSON.stringify({ email: 'finance@example.com', password: demoPassword })
    const login = { method: 'POST', headers: json, credentials: 'include', body } as const
    expect(await send(page, `${api}/api/auth/login`, login)).toMatchObject({ status: 200 })
    expect(await ask()).toMatchObject({ status: 200 })
    await context.close()
  })
})

describe('a changed domain', () => {
  it('a user with cookies of the old domain must sign in once [CK-06]', async () => {
    const { context, page } = await signedIn()
    const old = { value: 'old', domain: '.app.sallyport.test', path: '/', secure: true, httpOnly: true }
    await context.addCookies([{ name: '__Secure-accessToken', ...old }])
    await page.goto(`${app}/dashboard`)
    expect(pathOf(page)).toBe('/login')
    await fillSignIn(page, 'finance@example.com', demoPassword)
    await page.waitForURL(`${app}/dashboard`)
    await page.goto(`${app}/dashboard`)
    await customers(page)
    expect(pathOf(page)).toBe('/dashboard')
    await context.close()
  })
})

describe('which servers get the cookies', () => {
  it('every host below the domain gets them, and no other site', async () => {
    const { context, page } = await signedIn()
    await page.goto(evil)
    expect(strangers.cookies.at(-1)).toMatch(/__Secure-accessToken=/)
    await page.goto(other)
    expect(strangers.cookies.at(-1)).not.toMatch(/Token/)
    await context.close()
  })

  it('no other host gets them if pages and API have a separate domain', async () => {
    const narrow = await startSystem({
      web: null,
      env: {
        auth: {
          SALLYPORT_ISSUER: hosts.origin('api.app.sallyport.test'),
          SALLYPORT_ORIGINS: app,
          SALLYPORT_COOKIE_DOMAIN: 'app.sallyport.test',
        },
      },
    })
    hosts.targets.set('api.app.sallyport.test', () => narrow.authUrl)
    // Any page of that origin.
    hosts.targets.set('app.sallyport.test', () => strangers.url)
    const context = await newContext()
    const page = await context.newPage()
    await page.goto(app)
    const login = await send(page, `${hosts.origin('api.app.sallyport.test')}/api/auth/login`, {
      method: 'POST',
      headers: json,
      credentials: 'include',
      body: JSON.stringify({ email: 'member@example.com', password: demoPassword }),
    })
    expect(login).toMatchObject({ status: 200 })
    expect(await cookieOf(context, 'accessToken')).toMatchObject({ domain: '.app.sallyport.test' })
    await page.goto(evil)
    expect(strangers.cookies.at(-1)).not.toMatch(/Token/)
    await context.close()
    await narrow.stop()
    hosts.targets.set('app.sallyport.test', () => system.webUrl)
  })
})
