import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { accessibilityFaults } from '../system/accessibility.ts'
import type { Person } from '../system/people.ts'
import { accountPages, newAddress, password } from './account-pages.ts'
import { addAuthenticator, credentialsOf, type VirtualAuthenticator } from './virtual-authenticator.ts'

const pages = accountPages({
  SALLYPORT_PASSKEYS: '1',
  // With mailed sign-in, a user always has another way in.
  SALLYPORT_MAILED_SIGN_IN: 'off',
  SALLYPORT_SECOND_FACTOR_ROLES: 'finance',
  SALLYPORT_GITHUB_CLIENT_ID: 'ledgerline',
  SALLYPORT_GITHUB_CLIENT_SECRET: 'a secret of the provider',
})
const { url, newPerson, deviceOf, open, openMail, followLink, ageSignIn, inDatabase, signInOn, linkGitHub } =
  pages

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

describe('a sign-up with a passkey', () => {
  const createMail = /^Create your .* account/

  /** Asks for the link on the sign-up page, and opens it from the mail. */
  async function openLink(page: Page, email: string): Promise<void> {
    await page.goto(url('/signup'))
    await page.getByLabel('Name').fill('Nora New')
    await page.getByLabel('Email').fill(email)
    await press(page, 'Sign up with a passkey')
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
    await expectAccessible(page)
    await openMail(page, email, createMail)
    await followLink(page, 'Create your passkey')
    await page.getByRole('heading', { name: 'Create your passkey' }).waitFor()
  }

  it('creates the account after the link in the mail, and the passkey signs in afterwards', async () => {
    const page = await open('/signup')
    await offerNoList(page)
    const authenticator = await addAuthenticator(page)
    await press(page, 'Sign up with a passkey')
    await page.getByText('Enter your email address.').waitFor()
    const email = newAddress()
    await openLink(page, email)
    await page.getByText(email).waitFor()
    await expectAccessible(page)
    // The page has only shown the link: it still works after a reload.
    expect(page.url()).toBe(url('/signup/passkey'))
    await press(page, 'Create a passkey')
    await page.waitForURL(url('/dashboard'))
    const session = await page.evaluate(async () => (await fetch('/api/auth/session')).json())
    expect(session.principal).toMatchObject({ acr: 'aal2' })
    expect(await credentialsOf(authenticator)).toMatchObject([{ isResidentCredential: true }])
    await signOut(page)
    await press(page, 'Sign in with a passkey')
    await page.waitForURL(url('/dashboard'))
    await openMail(page, email, createMail)
    await followLink(page, 'Create your passkey')
    await page.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
  })

  it('takes a password instead, on a device without passkeys', async () => {
    const page = await open('/signup')
    const email = newAddress()
    await openLink(page, email)
    await ask(page, 'Choose a password instead')
    await press(page, 'Create account')
    await page.getByText('Choose a password.').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(password)
    await press(page, 'Create account')
    await page.waitForURL(url('/dashboard'))
  })
})

describe('passkeys in several tabs and in frames', () => {
  /** Adds an authenticator with a copy of the passkey to a page. Its counter is higher, so that the copy can be used after the original. */
  async function addCopy(page: Page, of: VirtualAuthenticator): Promise<VirtualAuthenticator> {
    const [credential] = await credentialsOf(of)
    const copy = await addAuthenticator(page)
    await copy.cdp.send('WebAuthn.addCredential', {
      authenticatorId: copy.id,
      credential: { ...credential, signCount: (credential?.signCount ?? 0) + 100 } as never,
    })
    return copy
  }

  /** Asks for the passkey on the sign-in page, and holds its answer back. Returns a function that sends the answer. */
  async function answerLater(page: Page): Promise<() => void> {
    const asked = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    await page.route('**/api/auth/login/passkey', async (route) => {
      asked.resolve()
      await released.promise
      await route.continue()
    })
    await press(page, 'Sign in with a passkey')
    await asked.promise
    return released.resolve
  }

  it('two tabs that begin a sign-in at the same time both finish it', async () => {
    const { page, authenticator } = await withPasskey()
    await signOut(page)
    const other = await page.context().newPage()
    await other.goto(url('/login'))
    await addCopy(other, authenticator)
    const send = await answerLater(page)
    const sendOther = await answerLater(other)
    send()
    await page.waitForURL(url('/dashboard'))
    sendOther()
    await other.waitForURL(url('/dashboard'))
    await page.goto(url('/customers'))
    await page.waitForURL(url('/customers'))
  })

  it('a tab whose challenge was replaced says so, and can try again', async () => {
    const { page } = await withPasskey()
    await signOut(page)
    const send = await answerLater(page)
    // As if the other tab had begun before this one had its cookie.
    await page.context().clearCookies({ name: /passkey/i })
    const other = await page.context().newPage()
    await other.goto(url('/login'))
    await other.evaluate(() => fetch('/api/auth/login/passkey/options', { method: 'POST', body: '{}' }))
    send()
    await page.getByRole('alert').getByText('This passkey was not accepted. Try again').waitFor()
    await press(page, 'Sign in with a passkey')
    await page.waitForURL(url('/dashboard'))
  })

  it('a site that puts the pages into a frame gets no passkey [W02]', async () => {
    const { page, authenticator } = await withPasskey()
    await signOut(page)
    const site = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(
        `<iframe src="${url('/login')}" allow="publickey-credentials-get *; publickey-credentials-create *"></iframe>`,
      )
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void site.close())
    const address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`
    const outer = await page.context().newPage()
    const frameOf = async () => {
      await outer.goto(address)
      const frame = outer.frames().find((one) => one !== outer.mainFrame())
      if (frame === undefined) throw new Error('There is no frame.')
      await frame.waitForLoadState()
      return frame
    }
    // The headers of the pages forbid the frame.
    const blocked = await frameOf()
    expect(await blocked.getByRole('button').count()).toBe(0)
    // A page without these headers: the browser signs that it is in a frame of another site, and the server refuses this.
    await outer.route(url('/login'), async (route) => {
      const answer = await route.fetch()
      const { 'content-security-policy': _, 'x-frame-options': __, ...headers } = answer.headers()
      await route.fulfill({ response: answer, headers, body: '<h1>Our page</h1>' })
    })
    await addCopy(outer, authenticator)
    const frame = await frameOf()
    await frame.getByRole('heading', { name: 'Our page' }).waitFor()
    const { options } = await page.evaluate(async () =>
      (await fetch('/api/auth/login/passkey/options', { method: 'POST', body: '{}' })).json(),
    )
    const credential = await frame.evaluate(async (json) => {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json)
      const found = await navigator.credentials.get({ publicKey, signal: AbortSignal.timeout(20_000) })
      return (found as PublicKeyCredential).toJSON()
    }, options)
    const signed = Buffer.from(credential.response.clientDataJSON, 'base64url').toString()
    expect(JSON.parse(signed)).toMatchObject({ origin: new URL(url('/')).origin, crossOrigin: true })
    const answer = await page.evaluate(async (json) => {
      const response = await fetch('/api/auth/login/passkey', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: json,
      })
      return { status: response.status, code: (await response.json()).code }
    }, JSON.stringify({ credential }))
    expect(answer).toEqual({ status: 400, code: 'passkey_refused' })
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
    linkGitHub(person.email)
    await page.goto(url('/profile/security'))
    await ask(page, 'Unlink')
    await press(page, 'Unlink GitHub')
    await page.getByText('The provider is not linked any more.').waitFor()
    // An account that was created at the provider has no password.
    linkGitHub(person.email)
    inDatabase('delete from credential where userId = (select id from user where email = ?)', person.email)
    await page.goto(url('/profile/security'))
    await ask(page, 'Unlink')
    await press(page, 'Unlink GitHub')
    await page.getByRole('alert').getByText('You would not be able to sign in any more.').waitFor()
    if (javaScriptEnabled) await expectAccessible(page)
  })
})
