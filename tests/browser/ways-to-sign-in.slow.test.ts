import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { accessibilityFaults } from '../system/accessibility.ts'
import type { Person } from '../system/people.ts'
import { accountPages, password } from './account-pages.ts'
import { addAuthenticator, credentialsOf, type VirtualAuthenticator } from './virtual-authenticator.ts'

const { url, newPerson, deviceOf, open, ageSignIn, inDatabase, signInOn } = accountPages({
  SALLYPORT_PASSKEYS: '1',
  // With mailed sign-in, a user always has another way in.
  SALLYPORT_MAILED_SIGN_IN: 'off',
  SALLYPORT_SECOND_FACTOR_ROLES: 'finance',
  SALLYPORT_GITHUB_CLIENT_ID: 'ledgerline',
  SALLYPORT_GITHUB_CLIENT_SECRET: 'a secret of the provider',
})

const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).last().click()
/** Opens the question behind a button. */
const ask = (page: Page, label: string) => page.locator('summary').filter({ hasText: label }).click()
const expectAccessible = async (page: Page) => expect(await accessibilityFaults(page)).toEqual([])

/** The browser no longer offers passkeys in the list of the email field, where the virtual authenticator would answer at once. */
const offerNoList = (page: Page) =>
  page.context().addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = async () => false
  })

type Device = { page: Page; person: Person; authenticator: VirtualAuthenticator }

/** The browser of a signed-in user who has added a passkey on the page. With `offersInList`, the browser offers passkeys in fields. */
async function withPasskey({ offersInList = false } = {}): Promise<Device> {
  const person = await newPerson()
  const page = await deviceOf(person)
  if (!offersInList) await offerNoList(page)
  await page.goto(url('/profile/security'))
  await page.getByText('No passkeys yet').waitFor()
  const authenticator = await addAuthenticator(page)
  await press(page, 'Add a passkey')
  await page.getByText('The passkey is added.').waitFor()
  return { page, person, authenticator }
}

async function signOut(page: Page): Promise<void> {
  await page.goto(url('/profile'))
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(url('/login'))
}

/** Whether the authenticator answers by itself, as if the user touches it at once. */
function setPresence({ cdp, id }: VirtualAuthenticator, enabled: boolean) {
  return cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: id, enabled })
}

describe('passkeys in the pages', () => {
  it('sign in by the button, and continue to the requested page', async () => {
    const { page, authenticator } = await withPasskey()
    await expectAccessible(page)
    await signOut(page)
    await page.goto(url('/login?returnTo=%2Finvoices'))
    await setPresence(authenticator, false)
    const button = page.getByRole('button', { name: 'Sign in with a passkey' })
    await button.click()
    await page.getByText('Waiting for your passkey').waitFor()
    expect(await button.getAttribute('aria-busy')).toBe('true')
    await expectAccessible(page)
    await page.reload()
    await setPresence(authenticator, true)
    await button.click()
    await page.waitForURL(url('/invoices'))
  })

  it('sign in from the list of the email field', async () => {
    const { page, authenticator } = await withPasskey({ offersInList: true })
    await setPresence(authenticator, false)
    await signOut(page)
    await setPresence(authenticator, true)
    await page.goto(url('/login?returnTo=%2Fcustomers'))
    await page.waitForURL(url('/customers'))
  })

  it('a passkey that no account uses any more is refused, and the button says so', async () => {
    const { page, person, authenticator } = await withPasskey()
    await signOut(page)
    inDatabase('delete from passkey where userId = (select id from user where email = ?)', person.email)
    await press(page, 'Sign in with a passkey')
    await page.getByRole('alert').getByText('No account uses this passkey any more.').waitFor()
    await expectAccessible(page)
    await expect.poll(() => credentialsOf(authenticator)).toEqual([])
  })

  it('are renamed and removed on the page, and the browser is told', async () => {
    const { page, authenticator } = await withPasskey()
    await ask(page, 'Rename')
    await page.getByLabel('Name', { exact: true }).fill(' ')
    await press(page, 'Save name')
    await page.getByText('Enter a name.').waitFor()
    await page.getByLabel('Name', { exact: true }).fill('Laptop')
    await press(page, 'Save name')
    await page.getByText('The passkey has its new name.').waitFor()
    expect(await credentialsOf(authenticator)).toHaveLength(1)
    await ask(page, 'Remove')
    await expectAccessible(page)
    await press(page, /^Remove passkey/)
    await page.getByText('The passkey is removed.').waitFor()
    await page.getByText('No passkeys yet').waitFor()
    await expect.poll(() => credentialsOf(authenticator)).toEqual([])
  })

  it('need a recent proof, which a passkey can give', async () => {
    const { page, person } = await withPasskey()
    await ageSignIn(page, person.email)
    await page.goto(url('/profile/security'))
    await ask(page, 'Remove')
    await press(page, /^Remove passkey/)
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
    await expectAccessible(page)
    await press(page, 'Use your passkey')
    await page.waitForURL(url('/profile/security'))
    await ask(page, 'Remove')
    await press(page, /^Remove passkey/)
    await page.getByText('No passkeys yet').waitFor()
    await ageSignIn(page, person.email)
    await page.goto(url('/profile/security'))
    await press(page, 'Add a passkey')
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
    expect(await page.getByRole('button', { name: 'Use your passkey' }).count()).toBe(0)
  })

  it('are the second factor of a user who has no app, in a browser that is then trusted', async () => {
    const { page, person } = await withPasskey()
    await signOut(page)
    inDatabase(`update user set roles = '["finance"]' where email = ?`, person.email)
    await signInOn(page, person.email, password)
    await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
    await expectAccessible(page)
    await page.getByLabel('Don’t ask again').check()
    await press(page, 'Use your passkey')
    await page.waitForURL(url('/dashboard'))
    await signOut(page)
    await signInOn(page, person.email, password)
    await page.waitForURL(url('/dashboard'))
  })

  it('are set up during a sign-in that requires a second factor', async () => {
    const person = await newPerson(['finance'])
    const page = await open('/login')
    await offerNoList(page)
    const authenticator = await addAuthenticator(page)
    await setPresence(authenticator, false)
    await signInOn(page, person.email, password)
    await page.getByRole('heading', { name: 'Protect your account' }).waitFor()
    await expectAccessible(page)
    await press(page, 'Create a passkey')
    await page.getByText('Waiting for your passkey').waitFor()
    await page.reload()
    await setPresence(authenticator, true)
    await press(page, 'Create a passkey')
    await page.waitForURL(url('/dashboard'))
    const session = await page.evaluate(async () => (await fetch('/api/auth/session')).json())
    expect(session.principal).toMatchObject({ acr: 'aal2' })
    expect(await credentialsOf(authenticator)).toHaveLength(1)
    await signOut(page)
    await signInOn(page, person.email, password)
    await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
    await press(page, 'Use your passkey')
    await page.waitForURL(url('/dashboard'))
  })

  it('cannot be set up in a sign-in that has expired', async () => {
    const person = await newPerson(['finance'])
    const page = await open('/login')
    await addAuthenticator(page)
    await signInOn(page, person.email, password)
    await page.getByRole('heading', { name: 'Protect your account' }).waitFor()
    inDatabase(
      'update pending_sign_in set expiresAt = 0 where userId = (select id from user where email = ?)',
      person.email,
    )
    await press(page, 'Create a passkey')
    await page.getByText('A sign-in must be finished within ten minutes').waitFor()
  })

  it('are removed without scripts too', async () => {
    const { page, person } = await withPasskey()
    await page.close()
    const plain = await deviceOf(person, { javaScriptEnabled: false })
    await plain.goto(url('/profile/security'))
    expect(await plain.getByRole('button', { name: 'Add another passkey' }).isVisible()).toBe(false)
    await ask(plain, 'Remove')
    await press(plain, /^Remove passkey/)
    await plain.getByText('The passkey is removed.').waitFor()
  })
})

describe.each([
  ['with scripts', true],
  ['without scripts', false],
])('providers, %s', (_, javaScriptEnabled) => {
  /** Presses a button that leads to the provider, and returns the address that the browser opens there. */
  async function leave(page: Page, name: string): Promise<URL> {
    await page.context().route('https://github.com/**', (route) => route.fulfill({ body: 'The provider' }))
    await press(page, name)
    await page.waitForURL(/^https:\/\/github\.com\/login\/oauth\/authorize\?/)
    return new URL(page.url())
  }
  const cancelled = (address: URL) =>
    url(`/api/auth/providers/github/callback?error=access_denied&state=${address.searchParams.get('state')}`)

  it('have buttons, and a cancelled sign-in comes back to the sign-in page', async () => {
    const page = await open('/login?returnTo=%2Finvoices', { javaScriptEnabled })
    const address = await leave(page, 'Continue with GitHub')
    expect(address.searchParams.get('client_id')).toBe('ledgerline')
    await page.goto(cancelled(address))
    await page.getByRole('alert').getByText('You cancelled at the provider').waitFor()
    expect(new URL(page.url()).searchParams.get('returnTo')).toBe('/invoices')
    if (javaScriptEnabled) await expectAccessible(page)
    await page.goto(url('/signup'))
    await leave(page, 'Continue with GitHub')
  })

  it('are linked on the page of a signed-in user, and errors are shown there', async () => {
    const page = await deviceOf(await newPerson(), { javaScriptEnabled })
    await page.goto(url('/profile/security'))
    if (javaScriptEnabled) await expectAccessible(page)
    const address = await leave(page, 'Link GitHub')
    await page.goto(cancelled(address))
    await page.getByRole('alert').getByText('You cancelled at the provider').waitFor()
    expect(await page.getByText('The provider is linked.').count()).toBe(0)
  })

  it('are unlinked, but not if this is the last way in', async () => {
    const person = await newPerson()
    const page = await deviceOf(person, { javaScriptEnabled })
    link(person.email)
    await page.goto(url('/profile/security'))
    await ask(page, 'Unlink')
    await press(page, 'Unlink GitHub')
    await page.getByText('The provider is not linked any more.').waitFor()
    // An account that was created at the provider has no password.
    link(person.email)
    inDatabase('delete from credential where userId = (select id from user where email = ?)', person.email)
    await page.goto(url('/profile/security'))
    await ask(page, 'Unlink')
    await press(page, 'Unlink GitHub')
    await page.getByRole('alert').getByText('You would not be able to sign in any more.').waitFor()
    if (javaScriptEnabled) await expectAccessible(page)
  })
})

/** Links an account at the provider, as the user has done it before. */
function link(email: string): void {
  inDatabase(
    `insert into identity (issuer, subject, id, userId, provider, email, createdAt, lastUsedAt)
     select 'https://github.com/login/oauth', id, lower(hex(randomblob(16))), id, 'github', email, createdAt, createdAt
     from user where email = ?`,
    email,
  )
}
