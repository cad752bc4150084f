import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { accessibilityFaults } from '../system/accessibility.ts'
import { fillSignIn } from '../system/browser.ts'
import { newAddress } from './account-pages.ts'
import { authenticatorPages, password } from './authenticator-pages.ts'
import { addAuthenticator } from './virtual-authenticator.ts'

const pages = authenticatorPages({
  SALLYPORT_PASSKEYS: '1',
  // With mailed sign-in, every user can sign in again.
  SALLYPORT_MAILED_SIGN_IN: 'off',
  SALLYPORT_GITHUB_CLIENT_ID: 'ledgerline',
  SALLYPORT_GITHUB_CLIENT_SECRET: 'a secret of the provider',
})
const { url, open, openMail, followLink, newPerson, newProtectedPerson, freshCode, enterPassword } = pages
const { newContext, deviceOf, ageSignIn, inDatabase, linkGitHub } = pages

const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).last().click()
const heading = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor()
const passwordFields = (page: Page) => page.locator('input[type="password"]').count()
const confirmLink = (page: Page) => page.getByRole('link', { name: 'Confirm that it is you' })
const askedForCode = 'Code from your authenticator app'

/** Checks that the page asks for no password and is accessible. */
async function expectNoPassword(page: Page): Promise<void> {
  expect(await passwordFields(page)).toBe(0)
  expect(await accessibilityFaults(page)).toEqual([])
}

/** The browser of a user who has signed up with a passkey, eleven minutes ago. */
async function signedUpEarlier() {
  const email = newAddress()
  const page = await open('/signup')
  // In the list of the email field, the virtual authenticator would answer at once.
  await page.context().addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = async () => false
  })
  await page.reload()
  await addAuthenticator(page)
  await page.getByLabel('Name').fill('Nora New')
  await page.getByLabel('Email').fill(email)
  await press(page, 'Sign up with a passkey')
  await heading(page, 'Check your mail')
  await openMail(page, email, /^Create your .* account/)
  await followLink(page, 'Create your passkey')
  await press(page, 'Create a passkey')
  await page.waitForURL(url('/dashboard'))
  await ageSignIn(page, email)
  return { page, email }
}

function dropPassword(email: string): void {
  inDatabase('delete from credential where userId = (select id from user where email = ?)', email)
}

/** The browser of an imported user who has no password, and who signed in eleven minutes ago. */
async function signedInEarlier(options: BrowserContextOptions = {}, roles = ['member']) {
  const { email } = await newPerson(roles)
  const page = await deviceOf({ email, password }, options)
  dropPassword(email)
  await page.goto(url('/profile'))
  await ageSignIn(page, email)
  return { page, email }
}

describe('a user who has signed up with a passkey', () => {
  it('deletes the account after the passkey, and not with an old session alone [A22]', async () => {
    const { page } = await signedUpEarlier()
    await page.goto(url('/profile/data'))
    const remove = () =>
      page.evaluate(async () => {
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch('/api/user/profile', { method: 'DELETE', headers, body: '{}' })
        return [answer.status, (await answer.json()).code]
      })
    expect(await remove()).toEqual([401, 'insufficient_user_authentication'])
    await page.locator('summary').filter({ hasText: 'Delete your account' }).click()
    expect(await page.getByRole('button', { name: 'Delete my account' }).count()).toBe(0)
    await expectNoPassword(page)
    await confirmLink(page).last().click()
    await heading(page, 'Confirm that it is you')
    await page.getByText('Use your passkey to continue.').waitFor()
    await expectNoPassword(page)
    await press(page, 'Use your passkey')
    await page.waitForURL(url('/profile/data?open=delete'))
    await expectNoPassword(page)
    await press(page, 'Delete my account')
    await heading(page, 'Your account will be deleted')
  })

  it('changes the address after the passkey', async () => {
    const { page } = await signedUpEarlier()
    const newEmail = newAddress()
    await page.goto(url('/profile/address'))
    await expectNoPassword(page)
    await confirmLink(page).click()
    await press(page, 'Use your passkey')
    await page.waitForURL(url('/profile/address'))
    await press(page, 'Send the link')
    await page.getByText('Enter the new address.').waitFor()
    await expectNoPassword(page)
    await page.getByLabel('New email address').fill(newEmail)
    await press(page, 'Send the link')
    await page.getByText('Open the link that we have sent').waitFor()
    await openMail(page, newEmail, /Confirm your new email address/)
    await followLink(page, 'Confirm new address')
    await heading(page, 'Confirm your new address')
    // The click in the mailbox opens the page without the session first.
    await expect.poll(() => passwordFields(page)).toBe(0)
    await expectNoPassword(page)
    await press(page, 'Use this address')
    await page.getByText('Your new email address is confirmed.').waitFor()
    await page.getByRole('main').getByText(newEmail).first().waitFor()
  })

  it('is asked again if the proof has become too old while the form was open', async () => {
    const { page, email } = await signedUpEarlier()
    await page.goto(url('/profile/data'))
    await confirmLink(page).first().click()
    await press(page, 'Use your passkey')
    await page.getByRole('link', { name: 'Download your data' }).waitFor()
    await page.locator('summary').filter({ hasText: 'Delete your account' }).click()
    await ageSignIn(page, email)
    await press(page, 'Delete my account')
    await page.getByText('Confirm that it is you, then delete your account here.').waitFor()
    await expect
      .poll(() =>
        confirmLink(page)
          .last()
          .evaluate((link) => link === document.activeElement),
      )
      .toBe(true)
  })

  it('sets a password with the link that is mailed, and then has one', async () => {
    const { page, email } = await signedUpEarlier()
    await page.goto(url('/profile/security'))
    await page.getByText('You have no password.').waitFor()
    await page.getByText(email).last().waitFor()
    await expectNoPassword(page)
    await press(page, 'Set a password')
    await page.getByText('Open the link that we have sent').waitFor()
    await expectNoPassword(page)
    await openMail(page, email, /^Choose a new password/)
    await followLink(page, 'Choose password')
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill(password)
    await press(page, 'Set password')
    await page.getByText('Your new password is set.').waitFor()
    await fillSignIn(page, email, password)
    await page.waitForURL(url('/dashboard'))
    await page.goto(url('/profile/security'))
    await page.getByRole('link', { name: 'Change password' }).click()
    await page.getByLabel('Current password', { exact: true }).waitFor()
  })
})

it('a user who has only an authenticator app enters a code, and no password', async () => {
  const person = await newProtectedPerson()
  const page = await (await newContext({})).newPage()
  await enterPassword(page, person)
  await page.getByLabel('Six-digit code').fill(await freshCode(person))
  await page.waitForURL(url('/dashboard'))
  dropPassword(person.email)
  await ageSignIn(page, person.email)
  await page.goto(url('/confirm?returnTo=%2Finvoices'))
  await page.getByText('Enter a code to continue.').waitFor()
  await expectNoPassword(page)
  await press(page, 'Continue')
  await page.getByText('Enter the code.').waitFor()
  await page.getByLabel(askedForCode).fill(await freshCode(person))
  await press(page, 'Continue')
  await page.waitForURL(url('/invoices'))
  await ageSignIn(page, person.email)
  await page.goto(url('/profile/security'))
  await page.locator('summary').filter({ hasText: 'Make new codes' }).click()
  await expectNoPassword(page)
  const codes = page.locator('form').filter({ has: page.getByRole('button', { name: 'Make new codes' }) })
  await codes.getByLabel(askedForCode).fill(await freshCode(person))
  await press(page, 'Make new codes')
  await page.getByText('Save your new codes now').waitFor()
  await ageSignIn(page, person.email)
  await page.goto(url('/profile/data'))
  await page.locator('summary').filter({ hasText: 'Delete your account' }).click()
  await expectNoPassword(page)
  const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Delete my account' }) })
  await form.getByLabel(askedForCode).fill('000000')
  await press(page, 'Delete my account')
  await page.getByText('This code is not right').waitFor()
  await form.getByLabel(askedForCode).fill(await freshCode(person))
  await press(page, 'Delete my account')
  await heading(page, 'Your account will be deleted')
})

describe.each<[string, BrowserContextOptions]>([
  ['with scripts', {}],
  ['without scripts', { javaScriptEnabled: false }],
])('a user who has nothing to confirm with, %s', (_, options) => {
  it('sets a password by mail on the confirm page, and then continues with it', async () => {
    const { page, email } = await signedInEarlier(options)
    await page.goto(url('/profile/address'))
    await confirmLink(page).click()
    await page.getByText('You have no password yet. Set one to continue.').waitFor()
    expect(await passwordFields(page)).toBe(0)
    await press(page, 'Set a password')
    await page.getByText('Open the link that we have sent').waitFor()
    await page.getByRole('button', { name: 'Send again' }).waitFor()
    await openMail(page, email, /^Choose a new password/)
  })

  it('signs in again at a provider that cannot confirm, and comes back to the form', async () => {
    const { page, email } = await signedInEarlier(options)
    linkGitHub(email)
    await page.goto(url('/confirm?returnTo=%2Fprofile%2Fdata%3Fopen%3Ddelete'))
    await page.getByText('Sign in again to continue.').waitFor()
    expect(await passwordFields(page)).toBe(0)
    await press(page, 'Sign in again')
    await page.waitForURL(url('/login?returnTo=%2Fprofile%2Fdata%3Fopen%3Ddelete'))
    await page.getByRole('button', { name: /GitHub/ }).waitFor()
  })
})

it('a user without a password confirms before an invoice is voided', async () => {
  const { page } = await signedInEarlier({}, ['owner'])
  await page.goto(url('/invoices?status=open'))
  const link = page.getByRole('main').locator('a[href*="/invoices/inv_"]').first()
  const invoice = ((await link.getAttribute('href')) ?? '').split('?')[0] ?? ''
  await page.goto(url(invoice))
  await press(page, 'Void invoice')
  const dialog = page.getByRole('alertdialog')
  await dialog.getByRole('button', { name: 'Void invoice' }).click()
  await confirmLink(page).waitFor()
  await expectNoPassword(page)
  await confirmLink(page).click()
  await page.waitForURL(url(`/confirm?returnTo=${encodeURIComponent(`${invoice}/void`)}`))
})
