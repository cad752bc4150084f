import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { authenticator } from '../../packages/server/src/testing/authenticator.ts'
import { accessibilityFaults } from '../system/accessibility.ts'
import { authenticatorPages, type ProtectedPerson, password } from './authenticator-pages.ts'

const {
  url,
  newPerson,
  newProtectedPerson,
  freshCode,
  enterPassword,
  newContext,
  deviceOf,
  ageSignIn,
  planRemoval,
  inDatabase,
} = authenticatorPages()

const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).last().click()
const askedForCode = 'Code from your authenticator app'

/** Signs in with a code and returns the page. With `isOld`, the sign-in was eleven minutes ago. */
async function signedIn(
  person: ProtectedPerson,
  { isOld = false, ...options }: BrowserContextOptions & { isOld?: boolean } = {},
): Promise<Page> {
  const page = await (await newContext(options)).newPage()
  await enterPassword(page, person)
  await page.getByLabel('Six-digit code').fill(await freshCode(person))
  if (options.javaScriptEnabled === false) await press(page, 'Continue')
  await page.waitForURL(url('/dashboard'))
  if (isOld) await ageSignIn(page, person.email)
  return page
}

describe.each<[string, BrowserContextOptions]>([
  ['with scripts', {}],
  ['without scripts', { javaScriptEnabled: false }],
])('the security page, %s', (_, options) => {
  const hasScripts = !('javaScriptEnabled' in options)
  // axe needs scripts in the page.
  const expectAccessible = async (page: Page) => {
    if (hasScripts) expect(await accessibilityFaults(page)).toEqual([])
  }
  /** Opens the question behind a button. */
  const ask = (page: Page, label: string) => page.locator('summary').filter({ hasText: label }).click()

  it('turns two-step verification on and off', async () => {
    const person = await newPerson()
    const page = await deviceOf(person, options)
    await page.goto(url('/profile/security'))
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Set up an app' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Phone')
    await expectAccessible(page)
    await press(page, 'Continue')
    await page.getByRole('img', { name: 'QR code' }).waitFor()
    await expectAccessible(page)
    const secret = (await page.locator('code').innerText()).replaceAll(' ', '')
    await page.getByLabel('Code from the app').fill('000000')
    if (!hasScripts) await press(page, 'Confirm')
    await page.getByText('This code is not right').waitFor()
    await page.getByLabel('Code from the app').fill(authenticator(secret).codeAt(Date.now()))
    if (!hasScripts) await press(page, 'Confirm')
    await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor()
    await expectAccessible(page)
    const codes = await page
      .getByRole('list', { name: 'Recovery codes' })
      .getByRole('listitem')
      .allInnerTexts()
    expect(codes).toHaveLength(10)
    await page.getByRole('link', { name: 'I have saved my codes' }).click()
    await page.getByText('10 left').waitFor()

    await ask(page, 'Rename')
    await page.getByLabel('Name', { exact: true }).fill(' ')
    await press(page, 'Save name')
    await page.getByText('Enter a name.').waitFor()
    await expectAccessible(page)
    await page.getByLabel('Name', { exact: true }).fill('Work phone')
    await press(page, 'Save name')
    await page.getByText('The app has its new name.').waitFor()
    await page.getByText('Work phone').first().waitFor()

    await ask(page, 'Make new codes')
    await press(page, 'Make new codes')
    await page.getByText('Save your new codes now').waitFor()
    await expectAccessible(page)
    const list = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
    expect(await list.allInnerTexts()).not.toContain(codes[0])

    await ageSignIn(page, person.email)
    await page.goto(url('/profile/security'))
    await ask(page, 'Remove')
    await press(page, /^Remove app/)
    await page.locator('[aria-invalid="true"][name="code"]').waitFor()
    await expectAccessible(page)
    const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Remove app' }) })
    await form.getByLabel('Password', { exact: true }).fill(password)
    await form.getByLabel(askedForCode).fill('000000')
    await press(page, /^Remove app/)
    await page.getByText('This code is not right').waitFor()
    await form.getByLabel('Password', { exact: true }).fill(password)
    const app = authenticator(secret, codes)
    await form.getByLabel(askedForCode).fill(await freshCode({ ...person, app }))
    await press(page, /^Remove app/)
    await page.getByText('The app is removed.').waitFor()
    await page.getByText('Only your password protects this account').waitFor()
  })

  it('asks for a code on the confirm page, or for a recovery code', async () => {
    const person = await newProtectedPerson()
    const page = await signedIn(person, { ...options, isOld: true })
    await page.goto(url('/reports/export?months=24'))
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
    await expectAccessible(page)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await press(page, 'Continue')
    await page.locator('[aria-invalid="true"][name="code"]').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByLabel(askedForCode).fill(await freshCode(person))
    const download = page.waitForEvent('download')
    await press(page, 'Continue')
    await download
    await ageSignIn(page, person.email)
    await page.goto(url('/confirm?returnTo=%2Finvoices'))
    await page.getByRole('link', { name: 'Use a recovery code instead' }).click()
    await page.getByLabel('Recovery code').fill(person.app.recoveryCodes[0] ?? '')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await press(page, 'Continue')
    await page.waitForURL(url('/invoices'))
  })

  it('shows a removal that an operator has planned, and how to cancel it', async () => {
    const person = await newProtectedPerson()
    const page = await signedIn(person, options)
    await page.goto(url('/profile/security'))
    await page.getByText('10 left').waitFor()
    const planned = page.getByRole('heading', { name: 'will be removed on' })
    expect(await planned.count()).toBe(0)
    const removeAt = await planRemoval(person.email)
    await page.goto(url('/profile/security?notice=kept'))
    await planned.filter({ hasText: 'Your authenticator app “Authenticator app”' }).waitFor()
    expect(await planned.locator('time').getAttribute('datetime')).toBe(new Date(removeAt).toISOString())
    expect(await page.getByText('said so on the phone').count()).toBe(0)
    expect(await page.getByText('The planned removal is cancelled.').count()).toBe(0)
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Cancel the removal' }).click()
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByLabel(askedForCode).fill(await freshCode(person))
    await press(page, 'Continue')
    await page.getByText('The planned removal is cancelled.').waitFor()
    expect(await planned.count()).toBe(0)
    await page.getByText('10 left').waitFor()
  })

  it('asks for a code before the password changes', async () => {
    const person = await newProtectedPerson()
    const page = await signedIn(person, { ...options, isOld: true })
    await page.goto(url('/profile/password'))
    const fill = async (code: string) => {
      await page.getByLabel('Current password', { exact: true }).fill(password)
      await page.getByLabel(askedForCode).fill(code)
      await page
        .getByRole('textbox', { name: 'New password', exact: true })
        .fill('copper lantern drizzle nine')
      await press(page, 'Change password')
    }
    await fill('000000')
    await page.getByText('This code is not right').waitFor()
    await expectAccessible(page)
    await fill(await freshCode(person))
    await page.getByText('Your password is changed').waitFor()
  })
})

it('keeps the last app if the role requires one, and warns when few recovery codes are left', async () => {
  const person = await newProtectedPerson()
  const page = await signedIn(person)
  const user = '(select id from user where email = ?)'
  inDatabase(
    `delete from recovery_code where userId = ${user} and hash not in (select hash from recovery_code where userId = ${user} limit 2)`,
    person.email,
    person.email,
  )
  await page.goto(url('/profile/security'))
  await page.getByText('Your workspace requires it.').waitFor()
  await page.getByText('Only 2 codes are left').waitFor()
  expect(await page.locator('summary').filter({ hasText: 'Remove' }).count()).toBe(0)
  expect(await page.locator('summary').filter({ hasText: 'Rename' }).count()).toBe(1)
})

it('asks for a code again in every browser that was trusted', async () => {
  const person = await newProtectedPerson()
  const page = await (await newContext({})).newPage()
  await enterPassword(page, person)
  await page.getByLabel('Don’t ask again').check()
  await page.getByLabel('Six-digit code').fill(await freshCode(person))
  await page.waitForURL(url('/dashboard'))
  await page.goto(url('/profile/security'))
  await page.getByText('not to be asked for a code in 1 browser').waitFor()
  await page.locator('summary').filter({ hasText: 'Ask again everywhere' }).click()
  await press(page, 'Ask again everywhere')
  const notice = page.getByText('You are asked for a code again in every browser.')
  await notice.waitFor()
  await page.waitForURL(url('/profile/security'))
  await page.getByText('None. You are asked for a code at every sign-in.').waitFor()
  await page.goto(url('/profile'))
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(url('/login'))
  await enterPassword(page, person)
})

it('asks for a code in the dialog that voids an invoice', async () => {
  const person = await newProtectedPerson()
  const page = await signedIn(person, { isOld: true })
  await page.goto(url('/invoices?status=open'))
  const link = page.getByRole('main').locator('a[href*="/invoices/inv_"]').first()
  const invoice = url(((await link.getAttribute('href')) ?? '').split('?')[0] ?? '')
  await page.goto(invoice)
  await press(page, 'Void invoice')
  const dialog = page.getByRole('alertdialog')
  await dialog.getByRole('button', { name: 'Void invoice' }).click()
  await dialog.getByLabel('Password', { exact: true }).fill(password)
  await dialog.getByLabel(askedForCode).fill(await freshCode(person))
  await page.keyboard.press('Enter')
  await page.waitForURL(`${invoice}?notice=voided`)
})
