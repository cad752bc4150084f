import { describe, expect, it } from 'vitest'
import { cookieOf, settledCookies } from '../system/browser.ts'
import { rawRequest } from '../system/raw-request.ts'
import {
  changePassword,
  type Device,
  names,
  newPassword,
  row,
  rows,
  said,
  sessionPages,
  signOutEverywhere,
  signOutOne,
  signOutOthers,
  userAgents,
} from './session-pages.ts'

const { system, auth, askAuth, newPerson, signInElsewhere, device } = sessionPages()

/** The list is reloaded automatically after this many milliseconds. */
const lookAgainMs = 10_000

/** The cookies of the browser before its session ends, as a thief would have them. */
async function credentials({ context }: Device) {
  return {
    cookie: (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; '),
    accessToken: (await cookieOf(context, 'accessToken'))?.value ?? '',
  }
}

/** These credentials are refused: by pages and pass-through at once, by the API within milliseconds. */
async function expectShutOut({ cookie, accessToken }: Awaited<ReturnType<typeof credentials>>) {
  const document = await rawRequest(`${system().webUrl}/invoices`, { cookie })
  expect(document.status).toBe(307)
  expect(document.headers.location).toMatch(/\/login\?returnTo=%2Finvoices$/)
  expect(document.body).not.toMatch(/INV-\d|<table/)
  expect((await rawRequest(`${system().webUrl}/api/invoices`, { cookie })).status).toBe(401)
  const direct = () =>
    fetch(`${system().apiUrl}/invoices`, { headers: { authorization: `Bearer ${accessToken}` } })
  await expect.poll(async () => (await direct()).status, { timeout: 60_000, interval: 10 }).toBe(401)
}

/** A user who stays signed in notices nothing: every page opens without the sign-in page, and no token must be renewed. */
async function expectUndisturbed({ context, page }: Device): Promise<void> {
  auth().seen.length = 0
  for (const path of ['/dashboard', '/customers', '/profile/sessions'])
    expect((await context.request.get(system().webUrl + path, { maxRedirects: 0 })).status(), path).toBe(200)
  expect(await page.evaluate(() => fetch('/api/invoices').then(({ status }) => status))).toBe(200)
  expect(auth().seen.filter((line) => line.includes('refresh'))).toEqual([])
}

describe('the list', () => {
  it('shows this device first and the others in words, with exact times', async () => {
    const person = await newPerson()
    await device(person, userAgents.iphone)
    await signInElsewhere(person, userAgents.android)
    await signInElsewhere(person, 'curl/8.5.0')
    const { page } = await device(person, userAgents.windows)

    const here = page.getByRole('region', { name: 'This device' })
    expect(await here.innerText()).toMatch(/Chrome on Windows\s+Active now\s+Address unknown/)
    expect((await names(page)).sort()).toEqual(['Chrome on Android', 'Safari on iPhone', 'Unknown browser'])
    expect(await row(page, 'Chrome on Android').innerText()).toMatch(/Active just now\s+127\.0\.0\.1/)
    const times = await row(page, 'Safari on iPhone')
      .locator('time')
      .evaluateAll((found) => found.map((time) => time.getAttribute('datetime') ?? ''))
    expect(times).toHaveLength(2)
    for (const time of times) expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000)
  })

  it('is linked from the profile and from the menu', async () => {
    const { page } = await device(await newPerson(), userAgents.windows, '/profile')
    await page.getByRole('link', { name: 'All your sessions' }).click()
    await page.getByRole('heading', { name: 'Sessions', level: 1 }).waitFor()
    await page.getByText('Only this device is signed in').waitFor()
    await page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Profile' }).click()
    await page.getByRole('heading', { name: 'Profile', level: 1 }).waitFor()
    await page.getByRole('banner').locator('summary').click()
    await page.getByRole('banner').getByRole('link', { name: 'Sessions' }).click()
    await page.getByRole('heading', { name: 'Sessions', level: 1 }).waitFor()
  })

  it('a client’s user agent is never markup, never shown, and never too long', async () => {
    const person = await newPerson()
    await signInElsewhere(person, '<img src=x onerror=document.title="owned">')
    await signInElsewhere(person, `Chrome/1 (<b>${'long'.repeat(100)}`)
    const { page } = await device(person, userAgents.windows)
    await expect.poll(() => rows(page).count()).toBe(2)
    await expect.poll(() => page.title()).toBe('Sessions · Ledgerline')
    expect(await page.content()).not.toMatch(/onerror|longlong/)
    for (const name of await names(page)) expect(name.length).toBeLessThan(40)
  })
})

describe('ending one session', () => {
  it('refuses that device immediately, and moves the focus to the next row', async () => {
    const person = await newPerson()
    const phone = await device(person, userAgents.iphone, '/dashboard')
    await signInElsewhere(person, userAgents.android)
    const here = await device(person, userAgents.windows)
    const held = await credentials(phone)
    expect((await rawRequest(`${system().webUrl}/invoices`, { cookie: held.cookie })).status).toBe(200)

    await signOutOne(here.page, 'Safari on iPhone')
    await said(here.page, 'Safari on iPhone is signed out.')
    await expectShutOut(held)
    expect(await names(here.page)).toEqual(['Chrome on Android'])
    expect(
      await row(here.page, 'Chrome on Android')
        .locator('summary')
        .evaluate((summary) => summary === document.activeElement),
    ).toBe(true)

    await phone.page.getByRole('navigation').getByRole('link', { name: 'Invoices' }).first().click()
    await phone.page.waitForURL(/\/login/)
    expect(await cookieOf(phone.context, 'refreshToken')).toBeUndefined()
    await expectUndisturbed(here)
  })

  it('of another user is refused, and nothing changes for them', async () => {
    const [one, other] = await Promise.all([newPerson(), newPerson()])
    const victim = await device(other, userAgents.iphone)
    await signInElsewhere(one, userAgents.android)
    const { page } = await device(one, userAgents.windows)
    const victimId = await victim.page.evaluate(async () => {
      const answer = await fetch('/api/auth/sessions')
      const { sessions } = (await answer.json()) as { sessions: { id: string }[] }
      return sessions[0]?.id ?? ''
    })
    expect(victimId).toMatch(/^[\da-f-]{36}$/)

    await row(page, 'Chrome on Android').locator('summary').click()
    await row(page, 'Chrome on Android')
      .locator('input[name="session"]')
      .evaluate((input: HTMLInputElement, id) => {
        input.value = id
      }, victimId)
    await row(page, 'Chrome on Android')
      .getByRole('button', { name: /^Sign out now/ })
      .click()
    await page
      .getByRole('main')
      .getByRole('alert')
      .filter({ hasText: 'This session has already ended' })
      .waitFor()
    expect(await names(page)).toEqual(['Chrome on Android'])

    const status = await page.evaluate(
      (id) => fetch(`/api/auth/sessions/${id}`, { method: 'DELETE' }).then((answer) => answer.status),
      victimId,
    )
    expect(status).toBe(404)
    await expectUndisturbed(victim)
  })
})

it('without a session, no action does anything, even with a known action id [N07]', async () => {
  const person = await newPerson()
  await signInElsewhere(person, userAgents.android)
  const here = await device(person, userAgents.windows)
  const calls: { url: string; headers: Record<string, string>; body: string }[] = []
  here.page.on('request', (request) => {
    const { 'next-action': action, 'content-type': type } = request.headers()
    if (action && type)
      calls.push({
        url: request.url(),
        headers: { 'next-action': action, 'content-type': type },
        body: request.postData() ?? '',
      })
  })
  await signOutOne(here.page, 'Chrome on Android')
  await said(here.page, 'Chrome on Android is signed out.')
  await here.page.goto(`${system().webUrl}/profile/password`)
  await changePassword(here.page, 'not the right one', newPassword)
  await here.page.getByText('This is not your current password.').waitFor()
  expect(calls).toHaveLength(2)

  const hereId = await here.page.evaluate(() =>
    fetch('/api/auth/session').then(
      async (answer) => ((await answer.json()) as { principal: { sessionId: string } }).principal.sessionId,
    ),
  )
  for (const { url, headers, body } of calls) {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...headers, origin: system().appUrl },
      body: body.replace(/[\da-f]{8}-[\da-f-]{27}/, hereId).replace('not the right one', person.password),
    })
    expect(await answer.text()).not.toMatch(/signed out|is changed|Windows/)
  }
  await expectUndisturbed(here)
  await signInElsewhere(person)
})

describe('ending many', () => {
  it('all others: they are signed out, and this one gets new tokens', async () => {
    const person = await newPerson()
    const [phone, tablet] = [
      await device(person, userAgents.iphone, '/dashboard'),
      await device(person, userAgents.android, '/dashboard'),
    ]
    const here = await device(person, userAgents.windows)
    const [before, ...held] = await Promise.all([here, phone, tablet].map(credentials))

    await signOutOthers(here.page)
    await said(here.page, '2 sessions signed out.')
    await here.page.getByText('Only this device is signed in').waitFor()
    for (const one of held) await expectShutOut(one)
    expect((await credentials(here)).accessToken).not.toBe(before?.accessToken)
    await expectUndisturbed(here)
    for (const { page } of [phone, tablet]) {
      await page.getByRole('navigation').getByRole('link', { name: 'Customers' }).first().click()
      await page.waitForURL(/\/login/)
    }
  })

  it('everywhere: this device too', async () => {
    const person = await newPerson()
    const phone = await device(person, userAgents.iphone, '/dashboard')
    const here = await device(person, userAgents.windows)
    const held = await Promise.all([here, phone].map(credentials))
    await signOutEverywhere(here.page)
    await here.page.waitForURL(/\/login\?notice=signed-out-everywhere/)
    await said(here.page, 'signed out on every device')
    // The remaining cookie does not sign anybody in: it only identifies the browser.
    expect((await settledCookies(here.context)).map(({ name }) => name)).toEqual(['sallyport_device'])
    for (const one of held) await expectShutOut(one)
    await phone.page.reload()
    expect(new URL(phone.page.url()).pathname).toBe('/login')
  })
})

describe('a new password', () => {
  it('shows errors at the fields, then ends the other sessions and keeps this one', async () => {
    const person = await newPerson()
    const phone = await device(person, userAgents.iphone, '/dashboard')
    const held = await credentials(phone)
    const here = await device(person, userAgents.windows, '/profile/password')
    const { page } = here

    await changePassword(page, '', '')
    await page.getByText('Enter your current password.').waitFor()
    await changePassword(page, 'not the right one', newPassword)
    await page.getByText('This is not your current password.').waitFor()
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('currentPassword')
    expect(await page.getByRole('textbox', { name: 'New password', exact: true }).inputValue()).toBe('')
    await changePassword(page, person.password, 'short')
    await page.getByText('Use at least 12 characters').waitFor()
    expect((await rawRequest(`${system().webUrl}/invoices`, { cookie: held.cookie })).status).toBe(200)

    await changePassword(page, person.password, newPassword)
    await said(page, 'Your password is changed. All other sessions have been signed out.')
    await expectShutOut(held)
    await expectUndisturbed(here)
    await phone.page.reload()
    expect(new URL(phone.page.url()).pathname).toBe('/login')

    await expect(signInElsewhere(person)).rejects.toThrow('401')
    await signInElsewhere({ ...person, password: newPassword })
  })

  it('a password manager can tell the fields apart', async () => {
    const person = await newPerson()
    const { page } = await device(person, userAgents.windows, '/profile/password')
    const form = page.locator('form', { has: page.getByLabel('Current password', { exact: true }) })
    expect(
      await form
        .locator('input[autocomplete]')
        .evaluateAll((inputs) => inputs.map((input) => input.getAttribute('autocomplete'))),
    ).toEqual(['username', 'current-password', 'new-password'])
    expect(await form.locator('input[autocomplete="username"]').inputValue()).toBe(person.email)
  })
})

describe('before JavaScript has loaded', () => {
  it('each action is a plain form', async () => {
    const person = await newPerson()
    const phone = await credentials(await device(person, userAgents.iphone, '/dashboard'))
    const elsewhere = [await signInElsewhere(person, userAgents.android), await signInElsewhere(person)]
    const { page, context } = await device(person, userAgents.windows, '/profile/sessions', {
      javaScriptEnabled: false,
    })
    await expect.poll(() => rows(page).count()).toBe(3)
    await signOutOne(page, 'Safari on iPhone')
    await said(page, 'Safari on iPhone is signed out.')
    await expectShutOut(phone)
    expect((await names(page)).sort()).toEqual(['Chrome on Android', 'Unknown browser'])

    await signOutOthers(page)
    await said(page, '2 sessions signed out.')
    for (const { accessToken } of elsewhere) {
      const answer = await fetch(`${system().authUrl}/api/auth/session`, {
        headers: { authorization: `Bearer ${accessToken}` },
      })
      expect(answer.status).toBe(401)
    }

    const again = await signInElsewhere(person)
    await page.goto(`${system().webUrl}/profile/password`)
    await changePassword(page, 'not the right one', newPassword)
    await page.getByText('This is not your current password.').waitFor()
    await changePassword(page, person.password, newPassword)
    await said(page, 'Your password is changed.')
    await expect(askAuth('refresh', { refreshToken: again.refreshToken })).rejects.toThrow('401')

    await page.goto(`${system().webUrl}/profile/sessions`)
    await page.getByText('Only this device is signed in').waitFor()
    await signOutEverywhere(page)
    await page.waitForURL(/\/login/)
    expect((await settledCookies(context)).map(({ name }) => name)).toEqual(['sallyport_device'])
  })
})

describe('changes on other devices are shown automatically', () => {
  it('a session begins or ends, without a reload, moved rows or lost focus', async () => {
    const person = await newPerson()
    await signInElsewhere(person, userAgents.android)
    const { page } = await device(person, userAgents.windows, '/profile/sessions', { hasClock: true })
    await page.evaluate(() => Object.assign(window, { isSamePage: true }))
    const kept = row(page, 'Chrome on Android')
    await kept.locator('summary').click()
    await kept.getByRole('button', { name: /^Sign out now/ }).focus()
    const box = await kept.boundingBox()

    const { refreshToken } = await signInElsewhere(person, userAgents.iphone)
    await page.clock.runFor(lookAgainMs)
    await row(page, 'Safari on iPhone').waitFor()
    expect(await names(page)).toEqual(['Chrome on Android', 'Safari on iPhone'])
    expect(await kept.boundingBox()).toEqual(box)
    const button = kept.getByRole('button', { name: /^Sign out now/ })
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true)

    await askAuth('logout', { refreshToken })
    await page.evaluate(() => window.dispatchEvent(new Event('focus')))
    await row(page, 'Safari on iPhone').waitFor({ state: 'detached' })
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true)
  })

  it('the focused row disappears: the focus stays in the list, then next to it', async () => {
    const person = await newPerson()
    const tokens = [
      await signInElsewhere(person, userAgents.android),
      await signInElsewhere(person, userAgents.iphone),
    ]
    const { page } = await device(person, userAgents.windows)
    await row(page, 'Safari on iPhone').locator('summary').focus()
    const focused = () => page.locator('main :focus').allTextContents()
    for (const [refreshToken, next] of [
      [tokens[1]?.refreshToken, 'Sign out Chrome on Android'],
      [tokens[0]?.refreshToken, 'None at the moment.'],
    ] as const) {
      await askAuth('logout', { refreshToken })
      await page.evaluate(() => window.dispatchEvent(new Event('focus')))
      await expect.poll(focused, { timeout: 60_000 }).toEqual([expect.stringContaining(next)])
    }
  })

  it('a device that is signed out meanwhile goes to the sign-in page', async () => {
    const person = await newPerson()
    const phone = await device(person, userAgents.iphone, '/profile/sessions', { hasClock: true })
    const here = await device(person, userAgents.windows)
    await signOutOthers(here.page)
    await said(here.page, '1 session signed out.')
    await phone.page.clock.runFor(lookAgainMs)
    await phone.page.waitForURL(/\/login/)
  })

  it('while the page is hidden, it sends no requests', async () => {
    const { page } = await device(await newPerson(), userAgents.windows)
    await page.getByText('Only this device is signed in').waitFor()
    const hide = (state: 'hidden' | 'visible') =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, state)
    const asked = () => auth().seen.filter((line) => line === 'GET /api/auth/sessions').length
    const before = asked()
    await hide('hidden')
    await page.evaluate(() => window.dispatchEvent(new Event('focus')))
    // Once the response to this last request is here, all earlier requests of the page have been seen.
    expect(await page.evaluate(() => fetch('/api/user/profile').then(({ status }) => status))).toBe(200)
    expect(asked()).toBe(before)
    await hide('visible')
    await expect.poll(asked, { timeout: 60_000 }).toBe(before + 1)
  })
})

describe('while the auth server does not respond', () => {
  it('the page shows a message, and later the list', async () => {
    const { page } = await device(await newPerson(), userAgents.windows, '/dashboard', { hasClock: true })
    auth().affects = (path) => path.startsWith('/api/auth/sessions')
    auth().mode = 'silent'
    await page.goto(`${system().webUrl}/profile/sessions`)
    await page.getByText('Your sessions cannot be listed right now').waitFor()
    await page.getByRole('link', { name: 'Try again' }).waitFor()
    auth().mode = 'pass'
    // A request sent meanwhile may still wait for its response; the page then sends no other.
    await expect
      .poll(
        async () => {
          await page.clock.runFor(lookAgainMs)
          return page.getByText('Only this device is signed in').count()
        },
        { interval: 200 },
      )
      .toBe(1)
  })

  it('a list that is shown stays, with a note that it may be outdated', async () => {
    const person = await newPerson()
    await signInElsewhere(person, userAgents.android)
    const { page } = await device(person, userAgents.windows)
    auth().affects = (path) => path.startsWith('/api/auth/sessions')
    auth().mode = 'down'
    await page.evaluate(() => window.dispatchEvent(new Event('focus')))
    await said(page, 'The list could not be updated.')
    expect(await names(page)).toEqual(['Chrome on Android'])

    const sorry = { hasText: 'The sign-in service did not respond' }
    await signOutOne(page, 'Chrome on Android')
    await row(page, 'Chrome on Android').getByRole('alert').filter(sorry).waitFor()
    await signOutOthers(page)
    await page.getByRole('region', { name: 'Other sessions' }).getByRole('alert').filter(sorry).waitFor()
    expect(await names(page)).toEqual(['Chrome on Android'])
    await signOutEverywhere(page)
    await page.getByRole('region', { name: 'Sign out everywhere' }).getByRole('alert').filter(sorry).waitFor()
    expect(new URL(page.url()).pathname).toBe('/profile/sessions')

    auth().mode = 'pass'
    await signOutOne(page, 'Chrome on Android')
    // With the response, not ten seconds later when the page reloads the list.
    await said(page, 'Chrome on Android is signed out.', 8_000)
  })
})
