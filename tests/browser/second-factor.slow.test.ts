import { readFileSync } from 'node:fs'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { authenticator } from '../../packages/server/src/testing/authenticator.ts'
import { accessibilityFaults } from '../system/accessibility.ts'
import { fillSignIn } from '../system/browser.ts'
import { authenticatorPages } from './authenticator-pages.ts'

const { url, open, newPerson, newProtectedPerson, freshCode, enterPassword, newContext, inDatabase } =
  authenticatorPages()

const wayOf = (page: Page) => page.url().replace(url(''), '')
const newPage = async (options: BrowserContextOptions = {}) => (await newContext(options)).newPage()

describe.each<[string, BrowserContextOptions]>([
  ['with scripts', {}],
  ['without scripts', { javaScriptEnabled: false }],
])('a sign-in with a second factor, %s', (_, options) => {
  const hasScripts = !('javaScriptEnabled' in options)
  // axe needs scripts in the page.
  const expectAccessible = async (page: Page) => {
    if (hasScripts) expect(await accessibilityFaults(page)).toEqual([])
  }
  const press = (page: Page, name: string) => page.getByRole('button', { name }).click()
  /** Types a code. With scripts, the form is sent by itself. */
  const typeCode = async (page: Page, label: string, code: string, button: string) => {
    await page.getByLabel(label).fill(code)
    if (!hasScripts) await press(page, button)
  }

  it('asks again after a wrong code, takes a recovery code instead, and opens the wanted page', async () => {
    const person = await newProtectedPerson()
    const page = await newPage(options)
    await enterPassword(page, person, '/invoices?status=open')
    await expectAccessible(page)
    await typeCode(page, 'Six-digit code', '000 000', 'Continue')
    await page.getByText('This code is not right').waitFor()
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Use a recovery code instead' }).click()
    const field = page.getByLabel('Recovery code')
    await field.fill('not a code of mine')
    await press(page, 'Continue')
    await page.locator('[aria-invalid="true"][name="recoveryCode"]').waitFor()
    await expectAccessible(page)
    const [code = ''] = person.app.recoveryCodes
    await field.fill(` ${code.toUpperCase().replaceAll('-', ' ')}`)
    await press(page, 'Continue')
    await page.waitForURL(url('/invoices?status=open'))
    await page.context().clearCookies()
    await enterPassword(page, person)
    await page.getByRole('link', { name: 'Use a recovery code instead' }).click()
    await page.getByLabel('Recovery code').fill(code)
    await press(page, 'Continue')
    await page.locator('[aria-invalid="true"][name="recoveryCode"]').waitFor()
    await page.getByRole('link', { name: 'Use a code from the app' }).click()
    await typeCode(page, 'Six-digit code', await freshCode(person), 'Continue')
    await page.waitForURL(url('/dashboard'))
  })

  it('sets up the authenticator app that the role requires, and shows the recovery codes once', async () => {
    const person = await newPerson(['finance'])
    const page = await newPage(options)
    await enterPassword(page, person, '/reports')
    await expectAccessible(page)
    await press(page, 'Set up the app')
    await page.getByRole('img', { name: 'QR code' }).waitFor()
    await expectAccessible(page)
    const shown = await page.locator('code').innerText()
    expect(shown).toMatch(/^(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
    const secret = shown.replaceAll(' ', '')
    expect(await page.locator('a[href^="otpauth:"]').getAttribute('href')).toContain(`secret=${secret}`)
    const size = await page.getByRole('img').evaluate((image: HTMLImageElement) => image.naturalWidth)
    expect(size).toBeGreaterThan(0)
    await typeCode(page, 'Code from the app', '000000', 'Confirm')
    await page.getByText('This code is not right').waitFor()
    expect(await page.locator('code').innerText()).toBe(shown)
    await typeCode(page, 'Code from the app', authenticator(secret).codeAt(Date.now()), 'Confirm')
    await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor()
    await expectAccessible(page)
    const codes = await page.getByRole('listitem').allInnerTexts()
    expect(new Set(codes).size).toBe(10)
    expect(await page.getByRole('button', { name: 'Print' }).isVisible()).toBe(hasScripts)
    expect(await page.getByRole('button', { name: 'Copy' }).isVisible()).toBe(hasScripts)
    if (hasScripts) {
      const download = page.waitForEvent('download')
      await press(page, 'Download')
      const text = readFileSync(await (await download).path(), 'utf8')
      for (const code of codes) expect(text).toContain(code)
    }
    await page.getByRole('link', { name: 'I have saved my codes' }).click()
    await page.waitForURL(url('/reports'))
    await page.goto(url('/login/second-factor'))
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
    await page.context().clearCookies()
    await enterPassword(page, person)
    await page.getByRole('link', { name: 'Use a recovery code instead' }).click()
    await page.getByLabel('Recovery code').fill(codes[9] ?? '')
    await press(page, 'Continue')
    await page.waitForURL(url('/dashboard'))
  })

  it('returns to the sign-in page if the sign-in takes too long', async () => {
    const person = await newProtectedPerson()
    const page = await newPage(options)
    await enterPassword(page, person, '/invoices')
    inDatabase(
      'update pending_sign_in set expiresAt = 0 where userId = (select id from user where email = ?)',
      person.email,
    )
    await typeCode(page, 'Six-digit code', await freshCode(person), 'Continue')
    await page.getByText('A sign-in must be finished within ten minutes').waitFor()
    expect(wayOf(page)).toBe('/login?notice=sign-in-expired&returnTo=%2Finvoices')
  })
})

it('needs only the keyboard, and sends the form when the code is complete', async () => {
  const person = await newProtectedPerson()
  const page = await newPage()
  await page.goto(url('/login'))
  await page.getByLabel('Email').focus()
  await page.keyboard.type(person.email)
  await page.keyboard.press('Enter')
  await page.locator('[name="password"]:focus').waitFor()
  await page.keyboard.type(person.password)
  await page.keyboard.press('Enter')
  const field = page.getByLabel('Six-digit code')
  await field.waitFor()
  await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true)
  await page.keyboard.type('000000')
  await page.locator('[aria-invalid="true"]').waitFor()
  await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true)
  expect(await field.inputValue()).toBe('')
  await page.keyboard.type(await freshCode(person))
  await page.waitForURL(url('/dashboard'))
})

it('does not ask for a code in a browser that the user trusts', async () => {
  const person = await newProtectedPerson()
  const page = await newPage()
  await enterPassword(page, person)
  await page.getByLabel('Don’t ask again in this browser').check()
  await page.getByLabel('Six-digit code').fill('000000')
  await page.locator('[aria-invalid="true"]').waitFor()
  expect(await page.getByLabel('Don’t ask again in this browser').isChecked()).toBe(true)
  await page.getByLabel('Six-digit code').fill(await freshCode(person))
  await page.waitForURL(url('/dashboard'))
  await page.goto(url('/profile'))
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(url('/login'))
  await fillSignIn(page, person.email, person.password)
  await page.waitForURL(url('/dashboard'))
  const other = await newPage()
  await enterPassword(other, person)
})

it('opens only after the password, and leads to no other origin', async () => {
  const stranger = await open('/login/second-factor?returnTo=%2Finvoices')
  expect(wayOf(stranger)).toBe('/login?notice=sign-in-expired&returnTo=%2Finvoices')
  const person = await newProtectedPerson()
  const page = await newPage()
  await enterPassword(page, person)
  await page.goto(url('/login/second-factor?returnTo=%2F%2Fevil.example'))
  await page.getByLabel('Six-digit code').fill(await freshCode(person))
  await page.waitForURL(url('/dashboard'))
})
