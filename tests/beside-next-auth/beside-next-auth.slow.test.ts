import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fillSignIn } from '../system/browser.ts'
import { demoPassword } from '../system/system.ts'
import {
  cookieName,
  cookieNames,
  expectSignedIn,
  pathOf,
  putToken,
  sessionIdOf,
  signIn,
  spoilAccessToken,
  textOf,
  tokenOf,
} from './people.ts'
import { type Stage, startStage } from './stage.ts'
import { describeTheSwitch } from './the-switch.ts'

let stage: Stage
let beside: string
beforeAll(async () => {
  stage = await startStage()
  beside = stage.besideUrl
}, 600_000)
afterAll(() => stage?.close())
beforeEach(() => {
  stage.hop.fate = () => 'deliver'
  stage.hop.all.length = 0
})

const refreshes = () => stage.hop.all.filter(({ path }) => path === '/api/auth/refresh')
const statuses = () => refreshes().map(({ answer }) => answer?.status)
const statusesOf = (page: Page, path: string, count: number) =>
  page.evaluate(
    ([to, times]) =>
      Promise.all(
        Array.from({ length: times }, () => fetch(to, { cache: 'no-store' }).then(({ status }) => status)),
      ),
    [path, count] as const,
  )
const apiStatus = async (accessToken: string) =>
  (await fetch(`${stage.system.apiUrl}/invoices`, { headers: { authorization: `Bearer ${accessToken}` } }))
    .status

describe('NextAuth, with Sallyport behind it', () => {
  it('signs in, shows API data on a protected page, and refuses wrong passwords', async () => {
    const stranger = await stage.browser.newPage()
    await stranger.goto(`${beside}/dashboard`)
    expect(pathOf(stranger)).toBe('/login')
    expect(await statusesOf(stranger, '/api/invoices', 1)).toEqual([401])
    await fillSignIn(stranger, 'owner@example.com', 'not the password')
    await stranger.getByText('The email or the password is not right.').waitFor()
    await stranger.close()

    const person = await signIn(stage.browser, beside)
    await expectSignedIn(person, beside)
    await person.page.getByText('owner@example.com owner').waitFor()
    await person.context.close()
  })

  it('keeps tokens from scripts: session, HTML, flight data, routes, document.cookie, storage', async () => {
    const person = await signIn(stage.browser, beside)
    const { page } = person
    await spoilAccessToken(person, beside)
    await expectSignedIn(person, beside)
    const { accessToken, refreshToken } = await tokenOf(person)
    const told = [
      await textOf(page, '/api/auth/session'),
      await textOf(page, '/dashboard'),
      await textOf(page, '/dashboard', { rsc: '1' }),
      await textOf(page, '/api/invoices'),
      await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })),
      await page.content(),
    ].join('\n')
    expect(told).toContain('"roles":["owner"]')
    for (const word of [accessToken, refreshToken, 'accessToken', 'refreshToken', 'renewAt'])
      expect(told).not.toContain(word)
    const cookie = (await person.context.cookies()).find(({ name }) => name === cookieName)
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
    await person.context.close()
  })

  it('stays signed in for forty parallel requests with an expired token [R02, R11]', {
    timeout: 60_000,
  }, async () => {
    const person = await signIn(stage.browser, beside)
    const second = await person.context.newPage()
    await expectSignedIn({ page: second }, beside)
    for (let round = 1; round <= 3; round++) {
      stage.hop.all.length = 0
      // Loads a document without scripts: useSession of a tab, notified by the other tab, would write the cookie too.
      await Promise.all([person.page, second].map((tab) => tab.goto(`${beside}/api/auth/csrf`)))
      const before = await tokenOf(person)
      await spoilAccessToken(person, beside)
      const [first, other] = await Promise.all([
        statusesOf(person.page, '/api/invoices', 20),
        statusesOf(second, '/api/invoices', 10),
        statusesOf(second, '/api/auth/session', 10),
      ])
      expect(new Set([...first, ...other])).toEqual(new Set([200]))
      expect(new Set(statuses())).toEqual(new Set([200]))
      const after = await tokenOf(person)
      expect(after.refreshToken).not.toBe(before.refreshToken)
      // However many requests there were, the session was refreshed once.
      expect(stage.sessions.row(sessionIdOf(after.accessToken))).toMatchObject({
        generation: round,
        endReason: null,
      })
      await Promise.all([person, { page: second }].map((tab) => expectSignedIn(tab, beside)))
      stage.sessions.passGrace()
    }
    await person.context.close()
  })

  it('stays signed in after lost requests and responses [D08, R04]', async () => {
    const person = await signIn(stage.browser, beside)
    for (const fate of ['loseRequest', 'loseAnswer'] as const) {
      stage.hop.fate = ({ path }) => (path === '/api/auth/refresh' ? fate : 'deliver')
      await putToken(person, beside, { ...(await tokenOf(person)), renewAt: 0 })
      await expectSignedIn(person, beside)
      expect(refreshes().length).toBeGreaterThan(0)
      stage.hop.fate = () => 'deliver'
      stage.sessions.passGrace()
      await spoilAccessToken(person, beside)
      await expectSignedIn(person, beside)
    }
    await person.context.close()
  })

  it('stays signed in if a late response restores an old token', async () => {
    const person = await signIn(stage.browser, beside)
    const old = await tokenOf(person)
    await spoilAccessToken(person, beside)
    await expectSignedIn(person, beside)
    stage.sessions.passGrace()
    await putToken(person, beside, { ...old, accessToken: 'expired', renewAt: 0 })
    await expectSignedIn(person, beside)
    expect(statuses()).toEqual([200, 200])
    await person.context.close()
  })

  it('keeps the session if six renders refresh and cannot store the tokens', async () => {
    const person = await signIn(stage.browser, beside)
    const { accessToken } = await tokenOf(person)
    await putToken(person, beside, { ...(await tokenOf(person)), renewAt: 0 })
    for (let render = 0; render < 6; render++) {
      // Without scripts, which would call /api/auth/session, where the proxy renews and stores.
      const page = await person.context.request.get(`${beside}/naive`)
      expect(await page.text()).toContain('<h1>Olivia Owner</h1>')
      stage.sessions.passGrace()
    }
    expect(stage.sessions.row(sessionIdOf(accessToken))).toEqual({
      generation: 1,
      branches: 6,
      endReason: null,
    })
    // The arrangement that stores the result continues from there.
    await expectSignedIn(person, beside)
    await spoilAccessToken(person, beside)
    await expectSignedIn(person, beside)
    expect(stage.sessions.row(sessionIdOf(accessToken))).toMatchObject({ generation: 2, endReason: null })
    await person.context.close()
  })

  it('signing out ends the tokens at the API, and the session', async () => {
    const person = await signIn(stage.browser, beside)
    const { accessToken, refreshToken } = await tokenOf(person)
    expect(await apiStatus(accessToken)).toBe(200)
    // Also while a renewal is due: cookies that the proxy sets must not outlive the sign-out.
    await putToken(person, beside, { ...(await tokenOf(person)), renewAt: 0 })
    await person.page.getByRole('button', { name: 'Sign out' }).click()
    await person.page.waitForURL(`${beside}/login`)
    expect(await cookieNames(person)).not.toContain(cookieName)
    await expect.poll(() => apiStatus(accessToken)).toBe(401)
    const again = await fetch(`${stage.system.authUrl}/api/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refreshToken }),
    })
    expect(again.status).toBe(401)
    await person.context.close()
  })

  it('ends at the next request after an operator has ended the session', async () => {
    const person = await signIn(stage.browser, beside)
    await stage.operator.sessions.revoke(sessionIdOf((await tokenOf(person)).accessToken))
    await expect.poll(() => textOf(person.page, '/api/auth/session')).toBe('{}')
    expect(await cookieNames(person)).not.toContain(cookieName)
    await person.page.goto(`${beside}/dashboard`)
    expect(pathOf(person.page)).toBe('/login')
    await person.context.close()
  })

  it('shows a changed role at the next request, without signing out [R07]', async () => {
    const person = await signIn(stage.browser, beside, { email: 'member@example.com' })
    const user = await stage.operator.users.find('member@example.com')
    for (const role of ['finance', 'member']) {
      await stage.operator.users.setRoles(user?.id ?? '', [role])
      await expect.poll(() => textOf(person.page, '/api/auth/session')).toContain(`"roles":["${role}"]`)
    }
    await expectSignedIn(person, beside)
    await person.context.close()
  })

  it('Sallyport gets the address and device of the browser, and recognizes it later [X04]', async () => {
    const person = await signIn(stage.browser, beside, {
      email: 'member@example.com',
      headers: { 'x-forwarded-for': '203.0.113.9, 192.0.2.7' },
    })
    const agent = await person.page.evaluate(() => navigator.userAgent)
    const [login] = stage.hop.all.filter(({ path }) => path === '/api/auth/login')
    expect(login?.headers).toMatchObject({
      'sallyport-frontend': stage.env.SALLYPORT_FRONTEND_SECRET,
      'sallyport-client-address': '192.0.2.7',
      'sallyport-client-user-agent': agent,
    })
    const device = (await person.context.cookies()).find(({ name }) => name === 'sallyport_device')
    expect(device).toMatchObject({ httpOnly: true, value: expect.stringMatching(/^[\w-]{32}$/) })
    await person.page.getByRole('button', { name: 'Sign out' }).click()
    await person.page.waitForURL(`${beside}/login`)
    await fillSignIn(person.page, 'member@example.com', demoPassword)
    await person.page.waitForURL(`${beside}/dashboard`)
    const [, again] = stage.hop.all.filter(({ path }) => path === '/api/auth/login')
    expect(again?.headers['sallyport-device']).toBe(device?.value)
    await person.context.close()
  })

  it('works at another path, set by NEXTAUTH_URL', async () => {
    const moved = await stage.serveAt('/api/next-auth')
    const context = await stage.browser.newContext()
    const at = (path: string) => `${moved.url}/api/next-auth/${path}`
    const { csrfToken } = (await (await context.request.get(at('csrf'))).json()) as { csrfToken: string }
    const form = { email: 'owner@example.com', password: demoPassword, csrfToken, json: 'true' }
    expect((await context.request.post(at('callback/credentials'), { form })).ok()).toBe(true)
    expect(await (await context.request.get(at('session'))).text()).toContain('owner@example.com')
    const [provider] = Object.values((await (await context.request.get(at('providers'))).json()) as object)
    expect(provider).toMatchObject({ signinUrl: at('signin/credentials') })
    await context.close()
    await moved.stop()
  })
})

describeTheSwitch(() => stage)
