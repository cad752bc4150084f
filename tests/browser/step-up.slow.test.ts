import { readFileSync } from 'node:fs'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { accessibilityFaults } from '../system/accessibility.ts'
import { cookieOf } from '../system/browser.ts'
import { accountPages, password } from './account-pages.ts'

const { url, newPerson, deviceOf, ageSignIn } = accountPages()

const code = 'insufficient_user_authentication'
const wayOf = (page: Page) => page.url().replace(url(''), '')

/** The page of a user who signed in eleven minutes ago. */
async function olderSignIn(roles: string[], options: BrowserContextOptions = {}): Promise<Page> {
  const person = await newPerson(roles)
  const page = await deviceOf(person, options)
  await ageSignIn(page, person.email)
  return page
}

/** Opens an invoice that can be voided, and returns its address. */
async function openInvoice(page: Page): Promise<string> {
  await page.goto(url('/invoices?status=open'))
  const link = page.getByRole('main').locator('a[href*="/invoices/inv_"]').first()
  return url(((await link.getAttribute('href')) ?? '').split('?')[0] ?? '')
}

async function typePassword(page: Page, text: string, button: string): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(text)
  await page.getByRole('button', { name: button }).last().click()
}

describe.each<[string, BrowserContextOptions]>([
  ['with scripts', {}],
  ['without scripts', { javaScriptEnabled: false }],
])('an action that requires a recent authentication, %s', (_, options) => {
  // axe needs scripts in the page.
  const expectAccessible = async (page: Page) => {
    if (!('javaScriptEnabled' in options)) expect(await accessibilityFaults(page)).toEqual([])
  }

  it('exports the report after the password is confirmed, with the chosen period', async () => {
    const page = await olderSignIn(['finance'], options)
    await page.goto(url('/reports?months=24'))
    await page.getByRole('link', { name: 'Export CSV' }).click()
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
    await expectAccessible(page)
    await typePassword(page, 'not my password at all', 'Continue')
    await page.locator('[aria-invalid="true"]').waitFor()
    const download = page.waitForEvent('download')
    await typePassword(page, password, 'Continue')
    const file = await download
    expect(file.suggestedFilename()).toMatch(/^revenue-.*\.csv$/)
    expect(
      readFileSync(await file.path(), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(1 + 24)
    expect(wayOf(page)).toBe('/reports?months=24&download=1')
    await page.getByText('The download starts now').waitFor()
  })

  it('voids an invoice once, on its confirm page', async () => {
    const page = await olderSignIn(['owner'], options)
    const invoice = await openInvoice(page)
    await page.goto(`${invoice}/void`)
    await page.getByRole('button', { name: 'Void invoice' }).click()
    await page.getByText('You signed in some time ago').waitFor()
    await typePassword(page, 'not my password at all', 'Void invoice')
    await page.locator('[aria-invalid="true"]').waitFor()
    await expectAccessible(page)
    const other = await page.context().newPage()
    await other.goto(invoice)
    expect(await other.getByRole('main').innerText()).not.toMatch(/void(ed)?$/im)
    await typePassword(page, password, 'Void invoice')
    await page.waitForURL(`${invoice}?notice=voided`)
  })
})

it('asks for the password in the dialog, moves the focus there, and voids the invoice', async () => {
  const page = await olderSignIn(['owner'])
  const invoice = await openInvoice(page)
  await page.goto(invoice)
  await page.getByRole('button', { name: 'Void invoice' }).click()
  const dialog = page.getByRole('alertdialog')
  await dialog.getByRole('button', { name: 'Void invoice' }).click()
  const field = dialog.getByLabel('Password', { exact: true })
  await field.waitFor()
  await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true)
  await dialog.getByRole('button', { name: 'Void invoice' }).click()
  await dialog.getByText('Enter your password.', { exact: true }).waitFor()
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${invoice}?notice=voided`)
})

it('does not ask a user who signed in a moment ago', async () => {
  const page = await deviceOf(await newPerson(['owner']))
  const invoice = await openInvoice(page)
  await page.goto(`${invoice}/void`)
  await page.getByRole('button', { name: 'Void invoice' }).click()
  await page.waitForURL(`${invoice}?notice=voided`)
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.goto(url('/reports/export')).catch(() => null),
  ])
  expect(file.suggestedFilename()).toMatch(/^revenue-/)
})

it('refuses a user without the role, and does not ask for the password', async () => {
  const page = await olderSignIn(['member'])
  expect((await page.goto(url('/reports/export')))?.status()).toBe(403)
})

it('the API refuses by itself with the challenge of RFC 9470, and the session stays', async () => {
  const page = await olderSignIn(['owner'])
  await page.goto(url('/dashboard'))
  const before = await cookieOf(page.context(), 'accessToken')
  const answer = await page.request.get(url('/api/reports/revenue.csv'))
  expect(answer.status()).toBe(401)
  expect(answer.headers()['www-authenticate']).toBe(`Bearer error="${code}", max_age="600"`)
  expect(await answer.json()).toMatchObject({ code, maxAgeSeconds: 600 })
  expect(await cookieOf(page.context(), 'accessToken')).toEqual(before)
  expect((await page.request.get(url('/api/reports/revenue'))).status()).toBe(200)
})

it('the confirm page opens for signed-in users only, and leads to no other origin', async () => {
  const person = await newPerson()
  const stranger = await deviceOf(person)
  await stranger.context().clearCookies()
  await stranger.goto(url('/confirm?returnTo=%2Fprofile'))
  expect(wayOf(stranger)).toBe('/login?returnTo=%2Fconfirm%3FreturnTo%3D%252Fprofile')
  const page = await deviceOf(person)
  await page.goto(url('/confirm?returnTo=%2F%2Fevil.example'))
  await typePassword(page, password, 'Continue')
  await page.waitForURL(url('/dashboard'))
})
