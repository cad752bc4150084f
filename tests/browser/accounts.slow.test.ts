import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { cookieOf, fillAddress } from '../system/browser.ts'
import type { Person } from '../system/people.ts'
import { accountPages, newAddress, password } from './account-pages.ts'

const { url, open, sendSignUp, openMail, followLink, copiedLink, confirmAddress, signInOn, ...own } =
  accountPages()
const { signUp, newContext, newPerson, deviceOf, ageSignIn, inDatabase } = own

const otherPassword = 'copper lantern drizzle nine'
const pathOf = (page: Page) => new URL(page.url()).pathname

/** A user with a verified address, signed in on this page. */
async function personOnPage(): Promise<Person & { page: Page }> {
  const person = await newPerson()
  return { ...person, page: await deviceOf(person) }
}

describe('signing up', () => {
  it('nobody is signed in before the email address is verified [A17]', async () => {
    const email = newAddress()
    const page = await open('/signup')
    await sendSignUp(page, email)
    await page.getByText(email).first().waitFor()
    expect(await cookieOf(page.context(), 'refreshToken')).toBeUndefined()
    await signInOn(page, email, password)
    await page.getByRole('main').getByRole('alert').waitFor()

    const link = await copiedLink(page, email, /Confirm your email address/, 'Confirm address')
    await followLink(page, 'Confirm address')
    await page.waitForURL(url('/verify'))
    await page.getByLabel('Password', { exact: true }).fill('not the one that was chosen')
    await page.getByRole('button', { name: 'Confirm address' }).click()
    await page.getByText('not the password that was chosen').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Confirm address' }).click()
    await page.waitForURL(url('/dashboard'))
    expect(await cookieOf(page.context(), 'refreshToken')).toMatchObject({ httpOnly: true })

    const second = await open('/verify')
    await second.goto(link)
    await second.getByLabel('Password', { exact: true }).fill(password)
    await second.getByRole('button', { name: 'Confirm address' }).click()
    await second.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
    await second.getByRole('link', { name: 'Send a new link' }).click()
    await second.getByRole('heading', { name: 'Get a new link' }).waitFor()
  })

  it('the secret is only in the request that uses it [P03]', async () => {
    const email = await signUp()
    const page = await open('/inbox')
    const link = await copiedLink(page, email, /Confirm your email address/, 'Confirm address')
    const secret = link.split('#token=')[1] ?? ''
    expect(secret.length).toBeGreaterThan(40)
    const asked: { method: string; text: string }[] = []
    page.on('request', (request) => {
      const headers = Object.values(request.headers()).join(' ')
      asked.push({
        method: request.method(),
        text: `${request.url()} ${headers} ${request.postData() ?? ''}`,
      })
    })
    await followLink(page, 'Confirm address')
    await page.waitForURL(url('/verify'))
    expect(await page.evaluate(() => location.href + JSON.stringify(history.state))).not.toContain(secret)
    expect(asked.filter(({ text }) => text.includes(secret))).toEqual([])
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Confirm address' }).click()
    await page.waitForURL(url('/dashboard'))
    expect(asked.filter(({ text }) => text.includes(secret)).map(({ method }) => method)).toEqual(['POST'])
    await page.goBack()
    expect(page.url()).not.toContain(secret)
  })

  it('a mail scanner that opens the link does not use it [P04]', async () => {
    const email = await signUp()
    const page = await open('/inbox')
    const link = await copiedLink(page, email, /Confirm your email address/, 'Confirm address')
    for (const javaScriptEnabled of [true, false]) {
      const scanner = await (await newContext({ javaScriptEnabled })).newPage()
      await scanner.goto(link, { waitUntil: 'networkidle' })
    }
    await fetch(link)
    await fetch(link, { method: 'HEAD' })
    await confirmAddress(page, email)
  })

  it('a known address gets the same page, and its owner a mail [A01]', async () => {
    const { email } = await newPerson()
    const unknown = newAddress()
    const seen: string[] = []
    for (const address of [email, unknown]) {
      const page = await open('/signup')
      await sendSignUp(page, address)
      seen.push((await page.getByRole('main').innerText()).replace(address, 'ADDRESS'))
    }
    expect(seen[0]).toBe(seen[1])
    await openMail(await open('/inbox'), email, /You already have an account/)
  })

  it('sends the mail again on request, and only the newest link works', async () => {
    const email = newAddress()
    const page = await open('/signup')
    await page.clock.install()
    await sendSignUp(page, email)
    const again = page.getByRole('button', { name: /Send again/ })
    expect(await again.getAttribute('aria-disabled')).toBe('true')
    await page.clock.runFor(31_000)
    await again.click()
    await page.getByRole('status').filter({ hasText: 'Sent again' }).waitFor()
    const reader = await open('/inbox')
    const links = await reader
      .getByRole('link', { name: /Confirm your email/ })
      .filter({ hasText: email })
      .all()
    expect(links.length).toBe(2)
    await links[1]?.click()
    await reader.waitForURL(/mail=/)
    await followLink(reader, 'Confirm address')
    await reader.getByLabel('Password', { exact: true }).fill(password)
    await reader.getByRole('button', { name: 'Confirm address' }).click()
    await reader.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
    await confirmAddress(reader, email)
  })

  it('a mistyped address can be corrected without typing the name again', async () => {
    const page = await open('/signup')
    await sendSignUp(page, newAddress())
    await page.getByRole('button', { name: /Change the address/ }).click()
    await page.getByRole('heading', { name: 'Create an account' }).waitFor()
    expect(await page.getByLabel('Name').inputValue()).toBe('Nora New')
  })

  it('shows the strength while typing, allows paste, and refuses a bad password with advice [ASVS 6.2.4, 6.2.7]', async () => {
    const page = await open('/signup')
    await page.getByLabel('Name').fill('Nora New')
    await page.getByLabel('Email').fill(newAddress())
    const field = page.getByLabel('Password', { exact: true })
    expect(await field.getAttribute('autocomplete')).toBe('new-password')
    await field.pressSequentially('short')
    await page.getByText('7 more characters to go.').waitFor()
    await field.fill('passwordpassword')
    await page.getByText(/Very weak\.|^Weak\./).waitFor()
    await field.fill(password)
    await page.getByText('Strong.').waitFor()
    await page.getByRole('button', { name: 'Show password' }).click()
    expect(await field.getAttribute('type')).toBe('text')
    await field.fill('passwordpassword')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.locator('[aria-invalid="true"][name="password"]').waitFor()
    expect(await field.inputValue()).toBe('')
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
  })
})

describe('a forgotten password', () => {
  it('is replaced by a mailed link, and every session ends', async () => {
    const { email, page: elsewhere } = await personOnPage()
    await elsewhere.goto(url('/invoices'))
    expect(pathOf(elsewhere)).toBe('/invoices')
    const page = await open('/login')
    await fillAddress(page, email)
    await page.getByRole('link', { name: 'Forgot your password?' }).click()
    await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor()
    await page.getByLabel('Email').fill(email)
    await page.getByRole('button', { name: 'Send link' }).click()
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
    await openMail(page, email, /Choose a new password/)
    await followLink(page, 'Choose password')
    await page.waitForURL(url('/reset'))
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill('too short')
    await page.getByRole('button', { name: 'Set password' }).click()
    await page.locator('[aria-invalid="true"]').waitFor()
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill(otherPassword)
    await page.getByRole('button', { name: 'Set password' }).click()
    await page.waitForURL(/\/login/)
    await page.getByText('Your new password is set').waitFor()

    await elsewhere.goto(url('/invoices'))
    expect(pathOf(elsewhere)).toBe('/login')
    await signInOn(page, email, password)
    await page.getByRole('main').getByRole('alert').waitFor()
    await signInOn(page, email, otherPassword)
    await page.waitForURL(url('/dashboard'))
    await openMail(page, email, /password was changed/)
  })

  it('an unknown address gets the same page [A01]', async () => {
    const { email } = await newPerson()
    const seen: string[] = []
    for (const address of [email, newAddress()]) {
      const page = await open('/forgot')
      await page.getByLabel('Email').fill(address)
      await page.getByRole('button', { name: 'Send link' }).click()
      await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
      seen.push((await page.getByRole('main').innerText()).replace(address, 'ADDRESS'))
    }
    expect(seen[0]).toBe(seen[1])
  })
})

describe('settings', () => {
  it('a new address is used after verification, and the old one is notified', async () => {
    const { email, page } = await personOnPage()
    const next = newAddress()
    await page.goto(url('/profile'))
    await page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Email' }).click()
    await page.getByRole('heading', { name: 'Email address', level: 1 }).waitFor()
    await page.getByLabel('New email address').fill(next)
    await page.getByLabel('Your password', { exact: true }).fill('not my password at all')
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.locator('[aria-invalid="true"][name="password"]').waitFor()
    await page.getByLabel('Your password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.getByRole('status').filter({ hasText: next }).waitFor()
    await page.goto(url('/profile'))
    expect(await page.getByLabel('Email').inputValue()).toBe(email)

    await openMail(page, email, /is to be changed/)
    await openMail(page, next, /Confirm your new email address/)
    await followLink(page, 'Confirm new address')
    await page.getByRole('button', { name: 'Use this address' }).click()
    await page.getByText('Your new email address is confirmed').waitFor()
    await page.goto(url('/profile'))
    expect(await page.getByLabel('Email').inputValue()).toBe(next)
  })

  it('the link for a new address needs the session or the password [A18]', async () => {
    const { page } = await personOnPage()
    const next = newAddress()
    const ask = async () => {
      await page.goto(url('/profile/address'))
      await page.getByLabel('New email address').fill(next)
      await page.getByLabel('Your password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Send the link' }).click()
      await page.getByRole('status').filter({ hasText: next }).waitFor()
    }
    await ask()
    const link = await copiedLink(page, next, /Confirm your new email address/, 'Confirm new address')
    const press = (on: Page) => on.getByRole('button', { name: 'Use this address' }).click()
    const refused = (on: Page) => on.locator('[aria-invalid="true"][name="password"]').waitFor()

    // The owner of that address: signed in to their own account, or not at all; with scripts or without.
    const { page: other } = await personOnPage()
    await other.goto(link)
    expect(await other.locator('[name="password"]').count()).toBe(0)
    await press(other)
    await refused(other)
    const nobody = await open('/verify-new-address', { javaScriptEnabled: false })
    await nobody.getByLabel('Link from the mail').fill(link)
    await press(nobody)
    await refused(nobody)
    await nobody.locator('[name="password"]').fill('a guess at it')
    await press(nobody)
    await nobody.getByText('password of the account for which').waitFor()
    await page.goto(url('/profile'))
    expect(await page.getByLabel('Email').inputValue()).not.toBe(next)

    // The user who requested the change, on a device where they are signed out.
    await nobody.locator('[name="password"]').fill(password)
    await press(nobody)
    await nobody.getByText('Your new address is confirmed').waitFor()
    await page.goto(url('/profile'))
    expect(await page.getByLabel('Email').inputValue()).toBe(next)
  })

  it('a token of almost the maximum size opens every page', async () => {
    const { email } = await newPerson()
    const roles = JSON.stringify(['member', ...Array.from({ length: 160 }, (_, at) => `project-${at}`)])
    inDatabase('update user set roles = ? where email = ?', roles, email)
    const page = await deviceOf({ email, password })
    const cookie = await cookieOf(page.context(), 'accessToken')
    expect(cookie?.value.length).toBeGreaterThan(3_400)
    for (const path of ['/invoices', '/profile/sessions']) {
      expect((await page.goto(url(path)))?.status(), path).toBe(200)
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(pathOf(page)).toBe(path)
    }
  })

  it('recent activity lists the events in words [ASVS 16.3.1]', async () => {
    const email = await signUp()
    const page = await open('/inbox')
    await confirmAddress(page, email)
    const stranger = await open('/login')
    await signInOn(stranger, email, 'a guess of somebody else')
    await stranger.getByRole('main').getByRole('alert').waitFor()
    await page.goto(url('/profile/activity'))
    const lines = await page.getByRole('main').getByRole('listitem').allInnerTexts()
    const text = lines.join('\n')
    expect(text).toContain('Sign-in failed')
    expect(text).toContain('Email address confirmed')
    expect(text).toContain('Signed in')
    expect(text).not.toMatch(/sign_in|undefined|null/)
  })

  it('the download requires a recent password check [ASVS 7.5.1]', async () => {
    const { email, page } = await personOnPage()
    await page.goto(url('/profile/data'))
    const download = async () => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download your data' }).click(),
      ])
      expect(file.suggestedFilename()).toBe('ledgerline-my-data.json')
      return JSON.parse(readFileSync(await file.path(), 'utf8'))
    }
    expect(await download()).toMatchObject({ user: { email }, sessions: [expect.anything()] })

    await ageSignIn(page, email)
    await page.goto(url('/profile/data/download'))
    expect(pathOf(page)).toBe('/profile/data')
    const proof = page.getByRole('region', { name: 'Download' })
    expect(await proof.getByRole('link', { name: 'Download your data' }).count()).toBe(0)
    await proof.getByLabel('Password', { exact: true }).fill('not my password at all')
    await proof.getByRole('button', { name: 'Confirm' }).click()
    await page.locator('[aria-invalid="true"]').waitFor()
    await proof.getByLabel('Password', { exact: true }).fill(password)
    await proof.getByRole('button', { name: 'Confirm' }).click()
    await proof.getByRole('link', { name: 'Download your data' }).waitFor()
    expect(await download()).toMatchObject({ user: { email } })
  })

  it('a deleted account is signed out everywhere, and a sign-in restores it [ASVS 7.4.2]', async () => {
    const { email, page } = await personOnPage()
    const phone = await deviceOf({ email, password })
    expect((await phone.goto(url('/invoices')))?.status()).toBe(200)
    expect(pathOf(phone)).toBe('/invoices')
    await page.goto(url('/profile/data'))
    await page.getByText('Delete your account').last().click()
    const form = page.locator('form').filter({ hasText: 'Delete my account' })
    await form.getByLabel('Your password', { exact: true }).fill('not my password at all')
    await form.getByRole('button', { name: 'Delete my account' }).click()
    await page.locator('[aria-invalid="true"]').waitFor()
    await form.getByLabel('Your password', { exact: true }).fill(password)
    await form.getByRole('button', { name: 'Delete my account' }).click()
    await page.waitForURL(/\/deleted/)
    expect(await page.getByRole('main').innerText()).toMatch(/deleted on \w+ \d+, \d{4}/)
    expect(await cookieOf(page.context(), 'refreshToken')).toBeUndefined()
    await phone.goto(url('/invoices'))
    expect(pathOf(phone)).toBe('/login')
    await openMail(page, email, /deleted/)
    await signInOn(page, email, password)
    await page.waitForURL(url('/dashboard'))
  })

  it('an unverified address is marked, and can be verified from the settings', async () => {
    const { email, page } = await personOnPage()
    inDatabase('update user set emailVerifiedAt = null where email = ?', email)
    await page.goto(url('/dashboard'))
    await page.getByRole('main').getByRole('link', { name: 'Confirm it' }).click()
    await page.getByText('Not confirmed', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Send the link' }).first().click()
    await page
      .getByRole('status')
      .filter({ hasText: `Sent to ${email}` })
      .waitFor()
    await openMail(page, email, /Confirm your email address/)
    await followLink(page, 'Confirm address')
    // A link in a mailbox arrives without the session. The page opens again with it, and then needs no password.
    await page.getByText('Press the button to confirm it.').waitFor()
    await page.getByRole('button', { name: 'Confirm address' }).click()
    await page.waitForURL(url('/dashboard'))
    await page.goto(url('/profile/address'))
    await page.getByText('Confirmed', { exact: true }).waitFor()
    expect(await page.getByRole('main').getByRole('link', { name: 'Confirm it' }).count()).toBe(0)
  })
})

describe('before JavaScript has loaded', () => {
  const plain = { javaScriptEnabled: false }

  it('sign-up, verification, reset and change of address work as plain forms', async () => {
    const email = newAddress()
    const page = await open('/signup', plain)
    await sendSignUp(page, email)
    await page.getByRole('button', { name: 'Send again' }).click()
    await page.getByText('Sent again').waitFor()
    const link = await copiedLink(page, email, /Confirm your email address/, 'Confirm address')
    await page.goto(url('/verify'))
    await page.getByLabel('Link from the mail').fill(link.slice(0, -30))
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Confirm address' }).click()
    await page.getByText('This link is not complete.').waitFor()
    await page.getByLabel('Link from the mail').fill(link)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Confirm address' }).click()
    await page.waitForURL(url('/dashboard'))

    await page.goto(url('/profile/data'))
    await page.getByText('Delete your account').last().click()
    await page.getByRole('button', { name: 'Delete my account' }).click()
    await page.getByText('Enter your password.').waitFor()
    await page.goto(url('/profile/address'))
    await page.getByLabel('New email address').fill(newAddress())
    await page.getByLabel('Your password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.getByText('Until then, your address does not change').waitFor()

    const out = await open('/forgot', plain)
    await out.getByLabel('Email').fill(email)
    await out.getByRole('button', { name: 'Send link' }).click()
    await out.getByRole('heading', { name: 'Check your mail' }).waitFor()
    const reset = await copiedLink(out, email, /Choose a new password/, 'Choose password')
    await out.goto(url('/reset'))
    await out.getByLabel('Link from the mail').fill(reset)
    await out.getByRole('textbox', { name: 'New password', exact: true }).fill(otherPassword)
    await out.getByRole('button', { name: 'Set password' }).click()
    await out.getByText('Your new password is set').waitFor()
  })
})

it('the inbox lets a mail run no script [A15]', async () => {
  const email = await signUp()
  const page = await open('/inbox')
  await openMail(page, email, /Confirm your email address/)
  expect(await page.locator('iframe').getAttribute('sandbox')).toBe('allow-top-navigation-by-user-activation')
})
