import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cookieOf, fillSignIn, launchBrowser, settledCookies } from '../system/browser.ts'
import { startCookielessFront } from '../system/cookieless-front.ts'
import { type RunningExample, runningExample } from '../system/example/running-example.ts'
import { demoPerson, newPerson, signIn } from '../system/people.ts'
import { demoPassword } from '../system/system.ts'

let system: RunningExample
let browser: Browser
beforeAll(async () => {
  ;[system, browser] = await Promise.all([runningExample(), launchBrowser()])
})
afterAll(() => browser?.close())

/** Next shortens a redirect to its own host to a path. */
const locationOf = (answer: Response) => new URL(answer.headers.get('location') ?? '', system.webUrl)

const guarded = [
  '/dashboard',
  '/invoices',
  '/invoices/new',
  '/customers',
  '/reports',
  '/profile',
  '/profile/sessions',
  '/profile/password',
  '/profile/address',
  '/profile/activity',
  '/profile/data',
  '/profile/data/download',
  '/invoices/does-not-exist',
  '/nothing-here',
]

describe('without a session', () => {
  it.each(guarded)('%s redirects before anything protected is rendered', async (path) => {
    const answer = await fetch(system.webUrl + path, { redirect: 'manual' })
    expect(answer.status).toBe(307)
    expect(locationOf(answer).href).toBe(`${system.webUrl}/login?returnTo=${encodeURIComponent(path)}`)
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(await answer.text()).not.toMatch(/<html|INV-\d|\$\d/i)
  })

  it('keeps the query in returnTo', async () => {
    const answer = await fetch(`${system.webUrl}/invoices?status=open&page=2`, { redirect: 'manual' })
    expect(locationOf(answer).searchParams.get('returnTo')).toBe('/invoices?status=open&page=2')
  })
})

it('the page of the inbox exists only with a development inbox', async () => {
  const answer = await fetch(`${system.webUrl}/inbox`)
  expect(answer.status).toBe(404)
  expect(await answer.text()).toContain('Page not found')
})

describe('signing in', () => {
  it('opens the requested page, and sets the two cookies and nothing else', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/invoices?status=open`)
    expect(new URL(page.url()).pathname).toBe('/login')
    await fillSignIn(page, 'member@example.com', demoPassword)
    await page.waitForURL(`${system.webUrl}/invoices?status=open`)
    await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()

    for (const name of ['accessToken', 'refreshToken'] as const) {
      expect(await cookieOf(context, name)).toMatchObject({
        name,
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
        secure: false,
      })
    }
    await context.close()
  })

  it('a wrong password, an unknown user and a malformed address look the same [A01]', async () => {
    const seen: string[] = []
    for (const [email, password] of [
      ['member@example.com', 'not the password'],
      ['nobody@example.com', demoPassword],
      // Valid in browsers, but not at the server.
      ['nobody@example', 'x'],
    ] as const) {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(`${system.webUrl}/login`)
      await fillSignIn(page, email, password)
      const alert = page.getByRole('main').getByRole('alert')
      await alert.waitFor()
      seen.push(
        `${new URL(page.url()).pathname} ${await alert.innerText()} ${(await settledCookies(context)).length}`,
      )
      expect(await page.getByLabel('Email').inputValue()).toBe(email)
      await context.close()
    }
    expect(new Set(seen).size).toBe(1)
  })

  // That a hash is made for both is shown by packages/server/src/flows/sign-in/sign-in.test.ts, and its time by enumeration-by-time.
  it('an unknown user and a wrong password get the same status, headers and bytes [A01]', async () => {
    const ask = async (email: string) => {
      const answer = await fetch(`${system.webUrl}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: system.appUrl },
        body: JSON.stringify({ email, password: 'not the password' }),
      })
      const text = await answer.text()
      const { requestId } = JSON.parse(text) as { requestId: string }
      expect(requestId).toBeTruthy()
      const headers = [...answer.headers].filter(([name]) => name !== 'date')
      return JSON.stringify({ status: answer.status, text, headers }).replaceAll(requestId, 'ID')
    }
    const wrong = await ask('member@example.com')
    expect(JSON.parse(wrong)).toMatchObject({ status: 401 })
    expect(await ask('nobody@example.com')).toBe(wrong)
  })

  it('replaces a session cookie that was planted before the sign-in [S01]', async () => {
    const context = await browser.newContext()
    await context.addCookies([
      {
        name: 'refreshToken',
        value: 'planted-by-somebody-else',
        url: system.webUrl,
        httpOnly: true,
        sameSite: 'Strict',
      },
    ])
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/login`)
    await fillSignIn(page, 'member@example.com', demoPassword)
    await page.waitForURL(`${system.webUrl}/dashboard`)
    expect((await cookieOf(context, 'refreshToken'))?.value).not.toContain('planted')
    await context.close()
  })

  it('redirects a signed-in user away from the sign-in page', async () => {
    const context = await browser.newContext()
    await signIn(context, system, demoPerson('member'))
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/login?returnTo=/customers`)
    await page.waitForURL(`${system.webUrl}/customers`)
    await context.close()
  })
})

describe('roles', () => {
  it('refuses the reports to a member with 403, and shows no link', async () => {
    const context = await browser.newContext()
    await signIn(context, system, demoPerson('member'))
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/dashboard`)
    await page.getByRole('navigation').getByRole('link', { name: 'Invoices' }).first().waitFor()
    expect(await page.getByRole('link', { name: /report/i }).count()).toBe(0)
    const answer = await page.goto(`${system.webUrl}/reports`)
    expect(answer?.status()).toBe(403)
    expect(await page.content()).not.toMatch(/churn rate|recurring revenue/i)
    await page.getByRole('main').getByRole('link').first().waitFor()
    await context.close()
  })

  it.each(['owner', 'finance'] as const)('%s: reads the reports', async (role) => {
    const context = await browser.newContext()
    await signIn(context, system, demoPerson(role))
    const page = await context.newPage()
    expect((await page.goto(`${system.webUrl}/reports`))?.status()).toBe(200)
    await page.getByRole('heading', { level: 1, name: /report/i }).waitFor()
    await context.close()
  })
})

describe('signing up', () => {
  it('creates a member and signs them in, or explains a taken address', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const email = `new-${crypto.randomUUID()}@example.com`
    await page.goto(`${system.webUrl}/signup`)
    await page.getByLabel('Name').fill('Nora New')
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password', { exact: true }).fill('a password of some length')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.waitForURL(`${system.webUrl}/dashboard`)

    const second = await browser.newContext()
    const again = await second.newPage()
    await again.goto(`${system.webUrl}/signup`)
    await again.getByLabel('Name').fill('Nora New')
    await again.getByLabel('Email').fill(email.toUpperCase())
    await again.getByLabel('Password', { exact: true }).fill('a password of some length')
    await again.getByRole('button', { name: 'Create account' }).click()
    await again
      .getByText(/cannot be used/i)
      .first()
      .waitFor()
    expect(await second.cookies()).not.toContainEqual(expect.objectContaining({ name: 'refreshToken' }))
    await Promise.all([context.close(), second.close()])
  })
})

describe('before JavaScript has loaded', () => {
  it('signing in, filtering, editing the profile and signing out work as plain forms', async () => {
    const person = await newPerson(system)
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/invoices`)
    await fillSignIn(page, person.email, 'wrong the first time')
    await page.getByRole('main').getByRole('alert').waitFor()
    await fillSignIn(page, person.email, person.password)
    await page.waitForURL(`${system.webUrl}/invoices`)

    await page.getByRole('searchbox').fill('INV-')
    await page.getByRole('searchbox').press('Enter')
    await page.waitForURL(/search=INV-/)
    await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()

    await page.goto(`${system.webUrl}/profile`)
    await page.getByLabel('Name').fill('Pat P. Person')
    await page.getByRole('button', { name: /save/i }).click()
    await page.getByRole('status').first().waitFor()
    await page.goto(`${system.webUrl}/profile`)
    expect(await page.getByLabel('Name').inputValue()).toBe('Pat P. Person')

    await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(/\/login/)
    expect(await cookieOf(context, 'refreshToken')).toBeUndefined()
    await context.close()
  })
})

describe('cookies switched off', () => {
  it.each([true, false])('the sign-in page shows a message (JavaScript: %s)', async (javaScriptEnabled) => {
    const front = await startCookielessFront(system.webUrl)
    const context = await browser.newContext({ javaScriptEnabled })
    try {
      const page = await context.newPage()
      const session = await context.newCDPSession(page)
      await session.send('Emulation.setDocumentCookieDisabled', { disabled: true })
      await page.goto(`${front.url}/invoices`)
      const told = page.getByRole('alert').filter({ hasText: 'stores no cookies for this site' })
      if (!javaScriptEnabled) {
        expect(await told.count()).toBe(0)
        await fillSignIn(page, 'finance@example.com', demoPassword)
      }
      await told.waitFor()
      expect(new URL(page.url()).pathname).toBe('/login')
    } finally {
      await context.close()
      await front.close()
    }
  })
})
