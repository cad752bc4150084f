import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type * as passkeyFunctions from '../../packages/next/src/passkeys.ts'
import { createSallyport, optionsFromEnvironment, type Sallyport } from '../../packages/server/src/index.ts'
import { launchBrowser } from '../system/browser.ts'
import { type System, startSystem } from '../system/system.ts'
import {
  type AuthenticatorOptions,
  addAuthenticator,
  credentialsOf,
  platform,
} from './virtual-authenticator.ts'

declare global {
  interface Window {
    passkeys: typeof passkeyFunctions
  }
}

const password = 'velvet harbour quilt seven'
const root = join(import.meta.dirname, '../..')

let system: System
let browser: Browser
let beside: Sallyport
let script: string

beforeAll(async () => {
  const auth = { SALLYPORT_PASSKEYS: '1', SALLYPORT_SECOND_FACTOR_ROLES: 'owner' }
  ;[system, browser, script] = await Promise.all([startSystem({ env: { auth } }), launchBrowser(), bundled()])
  beside = await createSallyport({ ...optionsFromEnvironment(system.authEnv), logLevel: 'silent' })
})
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))
afterAll(async () => {
  await browser?.close()
  await beside?.close()
  await system?.stop()
})

/** Bundles `@sallyport/next/passkeys` as an app does. */
async function bundled(): Promise<string> {
  const bundle = await rolldown({
    input: join(root, 'packages/next/src/passkeys.ts'),
    platform: 'browser',
    logLevel: 'silent',
  })
  const { output } = await bundle.generate({ format: 'iife', name: 'passkeys' })
  await bundle.close()
  // Next replaces `process.env` in its bundles.
  return `window.process = { env: {} };\n${output[0].code}\nwindow.passkeys = passkeys;`
}

/**
 * Opens a page of the example in a new browser with a virtual authenticator. The page itself does not ask for passkeys, so that only the
 * test does.
 */
async function device(options: AuthenticatorOptions = platform, address = `${system.webUrl}/forgot`) {
  const context = await browser.newContext()
  await context.addInitScript(script)
  const page = await context.newPage()
  await page.goto(address)
  return { page, authenticator: await addAuthenticator(page, options) }
}

async function newPerson() {
  const email = `p-${crypto.randomUUID()}@example.com`
  const { id } = await beside.operator.users.create({ email, password, name: 'Nora New', roles: ['member'] })
  return { id, email }
}

/** Calls a route of the app from the page, as its own scripts do. */
function call(page: Page, method: string, path: string, body?: object) {
  return page.evaluate(
    async ([verb, address, json]) => {
      const response = await fetch(address, {
        method: verb,
        headers: { 'content-type': 'application/json' },
        ...(json !== undefined && { body: json }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? null : JSON.parse(text) }
    },
    [method, path, body && JSON.stringify(body)] as [string, string, string | undefined],
  )
}

const byPassword = (page: Page, email: string) => call(page, 'POST', '/api/auth/login', { email, password })
const who = async (page: Page) => (await call(page, 'GET', '/api/auth/session')).body.principal
const signOut = (page: Page) => call(page, 'POST', '/api/auth/logout', {})
const byPasskey = (page: Page, options = {}) =>
  page.evaluate((all) => window.passkeys.signInWithPasskey(all), options)
const addPasskey = (page: Page, options = {}) =>
  page.evaluate((all) => window.passkeys.addPasskey(all), options)

/** A device of a new user who has added a passkey, and is signed out. */
async function registered(options?: Parameters<typeof device>[0]) {
  const person = await newPerson()
  const { page, authenticator } = await device(options)
  expect(await byPassword(page, person.email)).toMatchObject({ status: 200 })
  const added = await addPasskey(page)
  if (!added.ok) throw new Error(JSON.stringify(added))
  await signOut(page)
  expect(await who(page)).toBeNull()
  return { ...person, page, authenticator, passkey: added.passkey }
}

it('adds a passkey, and signs in with it without an address or a password', async () => {
  const { page, authenticator, id, email, passkey } = await registered()
  const [stored] = await credentialsOf(authenticator)
  expect(stored).toMatchObject({ rpId: 'localhost', isResidentCredential: true })
  expect(Buffer.from(stored?.userHandle ?? '', 'base64').toString()).toBe(id)
  expect(await byPasskey(page)).toMatchObject({ ok: true, user: { id, email } })
  expect(await who(page)).toMatchObject({ userId: id, acr: 'aal2' })
  expect(passkey).toMatchObject({ lastUsedAt: null, synced: false })
  // No token and no handle is readable for scripts.
  expect(await page.evaluate(() => document.cookie)).not.toMatch(/Token|passkey/)
  // The same authenticator refuses a second passkey of this user.
  expect(await addPasskey(page)).toEqual({ ok: false, reason: 'exists' })
})

it('signs in from the list of the address field', async () => {
  const { page, id } = await registered()
  await page.evaluate(() => {
    const input = document.createElement('input')
    input.autocomplete = 'username webauthn' as AutoFill
    document.body.append(input)
  })
  expect(await byPasskey(page, { autofill: true })).toMatchObject({ ok: true, user: { id } })
})

it('a page of another origin cannot use the answer of a passkey', async () => {
  const { page, authenticator } = await registered()
  const foreign = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<h1>Not the example</h1>')
  })
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve))
  try {
    // All ports of localhost share one domain, so the browser itself allows the passkey here.
    const address = `http://localhost:${(foreign.address() as AddressInfo).port}/`
    const phishing = await device(platform, address)
    const [credential] = await credentialsOf(authenticator)
    const { cdp, id } = phishing.authenticator
    await cdp.send('WebAuthn.addCredential', { authenticatorId: id, credential: credential as never })
    const { body } = await call(page, 'POST', '/api/auth/login/passkey/options', {})
    const answer = await phishing.page.evaluate(async (options) => {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
      const found = await navigator.credentials.get({ publicKey, signal: AbortSignal.timeout(30_000) })
      return (found as PublicKeyCredential).toJSON()
    }, body.options)
    const finished = await call(page, 'POST', '/api/auth/login/passkey', { credential: answer })
    expect(finished).toMatchObject({ status: 400, body: { code: 'passkey_refused' } })
    expect(await who(page)).toBeNull()
  } finally {
    foreign.close()
  }
})

it('an authenticator that does not verify the user cannot sign in, but adds a passkey', async () => {
  const { page, authenticator } = await registered()
  const { cdp, id } = authenticator
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: false })
  expect(await byPasskey(page, { timeoutMs: 5_000 })).toMatchObject({ ok: false })
  expect(await who(page)).toBeNull()
  await registered({ ...platform, transport: 'usb', hasUserVerification: false, hasResidentKey: false })
})

it('a copied passkey is refused, because its counter is too low', async () => {
  const { page, authenticator, id } = await registered()
  const [before] = await credentialsOf(authenticator)
  expect(await byPasskey(page)).toMatchObject({ ok: true })
  const thief = await device()
  await thief.authenticator.cdp.send('WebAuthn.addCredential', {
    authenticatorId: thief.authenticator.id,
    credential: before as never,
  })
  expect(await byPasskey(thief.page)).toMatchObject({
    ok: false,
    reason: 'refused',
    problem: { code: 'passkey_refused' },
  })
  expect(await who(thief.page)).toBeNull()
  const events = []
  for await (const event of beside.operator.audit.read({ userId: id })) events.push(event.action)
  expect(events).toContain('passkey_copied')
})

it('reports a cancelled dialog, and one that nobody answers, as values', async () => {
  const { page, authenticator } = await registered()
  const { cdp, id } = authenticator
  await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: id, enabled: false })
  const cancelled = await page.evaluate(async () => {
    const controller = new AbortController()
    const asked = window.passkeys.signInWithPasskey({ signal: controller.signal })
    controller.abort()
    return asked
  })
  expect(cancelled).toEqual({ ok: false, reason: 'cancelled' })
  expect(await byPasskey(page, { timeoutMs: 300 })).toEqual({ ok: false, reason: 'timed_out' })
  // Another call ends the dialog of the first one.
  const both = await page.evaluate(async () => {
    const first = window.passkeys.signInWithPasskey({ timeoutMs: 20_000 })
    const second = window.passkeys.signInWithPasskey({ timeoutMs: 1_000 })
    return Promise.all([first, second])
  })
  expect(both.map((one) => one.ok)).toEqual([false, false])
  expect(both).toContainEqual({ ok: false, reason: 'cancelled' })
  await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: id, enabled: true })
  expect(await byPasskey(page)).toMatchObject({ ok: true })
})

it('a passkey that was removed elsewhere is refused, and the browser forgets it', async () => {
  const { page, authenticator, email, passkey } = await registered()
  const other = await device()
  await byPassword(other.page, email)
  expect(await call(other.page, 'DELETE', `/api/user/passkeys/${passkey.id}`)).toMatchObject({ status: 204 })
  expect(await byPasskey(page)).toMatchObject({
    ok: false,
    reason: 'refused',
    problem: { code: 'passkey_refused', errors: [{ field: 'credential.id' }] },
  })
  await expect.poll(() => credentialsOf(authenticator)).toEqual([])
})

it('removes a passkey on this device, and tells the browser', async () => {
  const { page, authenticator, email, passkey } = await registered()
  await byPassword(page, email)
  const renamed = await call(page, 'PATCH', `/api/user/passkeys/${passkey.id}`, { name: 'Laptop' })
  expect(renamed.status).toBe(204)
  const { body } = await call(page, 'GET', '/api/user/passkeys')
  expect(body).toMatchObject({ rpId: 'localhost', passkeys: [{ id: passkey.id, name: 'Laptop' }] })
  expect(await page.evaluate((id) => window.passkeys.removePasskey(id), passkey.id)).toEqual({ ok: true })
  await expect.poll(() => credentialsOf(authenticator)).toEqual([])
})

it('raises a session to two factors', async () => {
  const { page, email, id } = await registered()
  await byPassword(page, email)
  expect(await who(page)).toMatchObject({ userId: id, acr: 'aal1' })
  expect(await page.evaluate(() => window.passkeys.confirmWithPasskey())).toEqual({ ok: true })
  expect(await who(page)).toMatchObject({ userId: id, acr: 'aal2' })
})

it('finishes a sign-in whose user must have a second factor', async () => {
  const { page, email, id } = await registered()
  await beside.operator.users.setRoles(id, ['owner'])
  const held = await byPassword(page, email)
  expect(held).toMatchObject({
    status: 202,
    body: { status: 'second_factor_required', factors: ['passkey'] },
  })
  expect(await who(page)).toBeNull()
  const proved = await page.evaluate(() => window.passkeys.proveSecondFactorWithPasskey())
  expect(proved).toMatchObject({ ok: true, user: { id } })
  expect(await who(page)).toMatchObject({ userId: id, acr: 'aal2' })
  // The sign-in is finished, so it cannot be continued again.
  const again = await page.evaluate(() => window.passkeys.proveSecondFactorWithPasskey())
  expect(again).toMatchObject({ reason: 'refused', problem: { code: 'sign_in_expired' } })
})
