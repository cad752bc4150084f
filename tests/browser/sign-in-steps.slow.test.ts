import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { accessibilityFaults } from '../system/accessibility.ts'
import { fillAddress } from '../system/browser.ts'
import { accountPages, newAddress, password } from './account-pages.ts'

const { url, open, newPerson } = accountPages({
  SALLYPORT_PASSKEYS: '1',
  SALLYPORT_GITHUB_CLIENT_ID: 'ledgerline',
  SALLYPORT_GITHUB_CLIENT_SECRET: 'a secret of the provider',
})

const email = (page: Page) => page.getByLabel('Email')
const secret = (page: Page) => page.getByLabel('Password', { exact: true })
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const firstStep = (page: Page) => page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor()
const secondStep = (page: Page) => page.getByRole('heading', { name: 'Enter your password' }).waitFor()

describe.each<[string, BrowserContextOptions]>([
  ['with scripts', {}],
  ['without scripts', { javaScriptEnabled: false }],
])('the sign-in page with several ways, %s', (_, options) => {
  const hasScripts = !('javaScriptEnabled' in options)
  const expectFocus = async (page: Page, selector: string) => {
    if (hasScripts) await page.locator(`${selector}:focus`).waitFor()
  }

  it('asks for the address, then for the password, and continues to the requested page', async () => {
    const person = await newPerson()
    const page = await open('/login?returnTo=%2Finvoices%3Fstatus%3Dopen', options)
    expect(await email(page).getAttribute('autocomplete')).toBe('username webauthn')
    expect(await page.locator('[name="password"]:not([type="hidden"])').count()).toBe(0)
    await email(page).fill(person.email)
    await press(page, 'Continue')
    await secondStep(page)
    await expectFocus(page, '[name="password"]')
    // A password manager finds the address beside the password.
    expect(await email(page).inputValue()).toBe(person.email)
    expect(await email(page).getAttribute('autocomplete')).toBe('username')
    expect(await email(page).isEditable()).toBe(false)
    expect(await secret(page).getAttribute('autocomplete')).toBe('current-password webauthn')
    expect(page.url()).not.toContain('example.com')
    await secret(page).fill('not the password')
    await press(page, 'Sign in')
    await page.getByRole('main').getByRole('alert').waitFor()
    expect(page.url()).not.toContain('example.com')
    expect([await email(page).inputValue(), await secret(page).inputValue()]).toEqual([person.email, ''])
    await press(page, 'Sign in')
    await page.getByText('Enter your password.', { exact: true }).waitFor()
    await expectFocus(page, '[name="password"]')
    await secret(page).fill(password)
    await press(page, 'Sign in')
    await page.waitForURL(url('/invoices?status=open'))
  })

  it('shows errors of the address, and keeps what was typed', async () => {
    const page = await open('/login', options)
    await press(page, 'Continue')
    await page.getByText('Enter your email address.').waitFor()
    await expectFocus(page, '[name="email"]')
    await email(page).fill('ada')
    await press(page, 'Continue')
    await page.getByText('Enter a whole address').waitFor()
    expect(await email(page).inputValue()).toBe('ada')
    await expectFocus(page, '[name="email"]')
    if (hasScripts) expect(await accessibilityFaults(page)).toEqual([])
  })

  it('the second step is the same for every address [A01]', async () => {
    const person = await newPerson()
    const seen: string[] = []
    for (const address of [person.email, newAddress()]) {
      const page = await open('/login', options)
      await fillAddress(page, address)
      await secondStep(page)
      // Ids of React, and the state that it sends with the form.
      const html = (await page.getByRole('main').innerHTML()).replaceAll(
        / value="[^"]*"|[_«][rR]_\w+[_»]/g,
        '',
      )
      seen.push(html.replaceAll(address, 'ADDRESS'))
      await page.getByRole('button', { name: 'Email me a sign-in code' }).waitFor()
      if (hasScripts) await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor()
    }
    expect(seen[1]).toBe(seen[0])
  })

  it('the address can be changed, by the button and by the Back button of the browser', async () => {
    const person = await newPerson()
    const page = await open('/', options)
    await page.goto(url('/login'))
    await fillAddress(page, 'typo@example.com')
    await secondStep(page)
    await page.goBack()
    await firstStep(page)
    expect(await email(page).inputValue()).toBe('typo@example.com')
    await fillAddress(page, 'another@example.com')
    await secondStep(page)
    await press(page, 'Change the address')
    await firstStep(page)
    expect(await email(page).inputValue()).toBe('another@example.com')
    await expectFocus(page, '[name="email"]')
    await fillAddress(page, person.email)
    await secondStep(page)
    await press(page, 'Email me a sign-in code')
    await page.getByRole('heading', { name: 'Enter the code' }).waitFor()
    await page.getByText(person.email).waitFor()
    await press(page, 'Change the address')
    await firstStep(page)
    expect(await email(page).inputValue()).toBe(person.email)
    await fillAddress(page, person.email)
    await secret(page).fill(password)
    await press(page, 'Sign in')
    await page.waitForURL(url('/dashboard'))
  })
})

it('the Back button leads from the code to the password, then to the address, then to the page before', async () => {
  const person = await newPerson()
  const page = await open('/')
  await page.goto(url('/login'))
  await fillAddress(page, person.email)
  await press(page, 'Email me a sign-in code')
  await page.getByRole('heading', { name: 'Enter the code' }).waitFor()
  await page.goBack()
  await secondStep(page)
  // An error is shown on the step that it belongs to.
  await secret(page).fill('not the password')
  await press(page, 'Sign in')
  await page.getByRole('main').getByRole('alert').waitFor()
  await page.goBack()
  await firstStep(page)
  expect(await page.getByRole('main').getByRole('alert').count()).toBe(0)
  expect(await email(page).inputValue()).toBe(person.email)
  await page.goForward()
  await secondStep(page)
  await page.goBack()
  await firstStep(page)
  await page.goBack()
  await page.waitForURL(url('/'))
})
