import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, it } from 'vitest'
import { openPage } from '../../packages/next/src/testing/open-page.ts'
import { authenticator, setUpTotp } from '../../packages/server/src/testing/authenticator.ts'
import {
  claimsOf,
  frozenClock,
  password,
  startSallyport,
} from '../../packages/server/src/testing/sallyport.ts'
import { freshStore, storeKinds } from '../../packages/server/src/testing/stores.ts'
import { fetchFrom, startNextProcess } from './next-process.ts'

const email = 'ada@example.com'

type Factors = { factors: { id: string; name: string }[] }
type Setup = { id: string; secret: string }

describe.each(storeKinds)('the Next SDK and the second factor, on %s', (kind) => {
  async function start(options: { isEnrolled: boolean }) {
    const store = await freshStore(kind)
    const secondFactor = 'required'
    const server = await startSallyport({ ...store.options, secondFactor }, frozenClock(Date.now()))
    await server.addUser(email)
    const app = options.isEnrolled ? await setUpTotp(server) : authenticator('')
    const network = { isDown: false }
    const fetchImpl: typeof fetch = async (...request) => {
      if (network.isDown) throw new TypeError('fetch failed')
      return fetchFrom(server)(...request)
    }
    /** A page with its own browser and its own Next process: it shares no memory with another. */
    const open = () => {
      const { ask, jar } = openPage(startNextProcess(server, { fetchImpl }))
      const post = (path: string, body: object = {}) => ask('POST', path, { body: JSON.stringify(body) })
      return { post, ask, jar, signIn: () => post(paths.signIn, { email, password }) }
    }
    return { server, app, open, network, code: () => app.codeAt(server.clock.now) }
  }

  it('keeps a pending sign-in in a cookie, and signs in after the code', async () => {
    const { open, code } = await start({ isEnrolled: true })
    const page = open()
    const held = await page.signIn()
    expect(held).toMatchObject({
      status: 202,
      body: { status: 'second_factor_required', factors: ['totp'], expiresIn: 600 },
      set: ['pendingSignIn'],
    })
    expect(Object.keys(held.body as object).sort()).toEqual([
      'expiresIn',
      'factors',
      'status',
      'trustedBrowserSeconds',
    ])
    expect(await page.ask('GET', paths.readSession)).toMatchObject({ body: { principal: null } })
    expect(await page.post(paths.describePendingSignIn)).toMatchObject({
      status: 200,
      body: { status: 'second_factor_required', factors: ['totp'] },
    })
    expect(await page.post(paths.proveSecondFactor, { code: '000000' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'code' }] },
    })
    const done = await page.post(paths.proveSecondFactor, { code: code(), trustBrowser: true })
    expect(done).toMatchObject({ status: 200, body: { user: { email } } })
    expect(JSON.stringify(done.body)).not.toMatch(/eyJ/)
    const { accessToken = '', pendingSignIn } = page.jar()
    expect(claimsOf(accessToken)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] })
    expect(pendingSignIn).toBeUndefined()
    // The browser is trusted now, and the device cookie of the first sign-in identifies it.
    expect(await page.signIn()).toMatchObject({ status: 200 })
  })

  it('lets only the browser with the cookie finish the sign-in', async () => {
    const { open, code, network } = await start({ isEnrolled: true })
    const page = open()
    await page.signIn()
    const { pendingSignIn } = page.jar()
    const expired = { status: 400, body: { code: 'sign_in_expired' } }
    expect(await open().post(paths.proveSecondFactor, { code: code() })).toMatchObject(expired)
    expect(await open().post(paths.describePendingSignIn)).toMatchObject(expired)
    const sent = { code: code(), pendingSignIn }
    expect(await open().post(paths.proveSecondFactor, sent)).toMatchObject(expired)
    // The SDK adds the member itself. A body that has it too is refused, because a member may occur only once.
    expect(await page.post(paths.proveSecondFactor, sent)).toMatchObject({ status: 400 })
    network.isDown = true
    expect(await page.post(paths.proveSecondFactor, { code: code() })).toMatchObject({ status: 503, set: [] })
    network.isDown = false
    expect(await page.post(paths.proveSecondFactor, { code: code() })).toMatchObject({ status: 200 })
  })

  it('clears the cookie of a sign-in that has expired', async () => {
    const { server, open, code } = await start({ isEnrolled: true })
    const page = open()
    await page.signIn()
    server.clock.advance(600)
    expect(await page.post(paths.proveSecondFactor, { code: code() })).toMatchObject({
      status: 400,
      body: { code: 'sign_in_expired' },
    })
    expect(page.jar()).toEqual({})
  })

  it('sets up the factor that the sign-in requires, and returns the recovery codes once', async () => {
    const { server, open } = await start({ isEnrolled: false })
    const page = open()
    expect(await page.signIn()).toMatchObject({
      status: 202,
      body: { status: 'second_factor_setup_required' },
    })
    const setup = await page.post(paths.startSecondFactor)
    const { id, secret } = setup.body as { id: string; secret: string }
    const code = authenticator(secret).codeAt(server.clock.now)
    const done = await page.post(paths.finishSecondFactor, { id, code, name: 'Phone' })
    expect(done).toMatchObject({ status: 200, body: { user: { email }, recoveryCodes: { length: 10 } } })
    expect(claimsOf(page.jar().accessToken ?? '')).toMatchObject({ acr: 'aal2' })
  })

  it('lets the signed-in user manage the factors, after a fresh proof', async () => {
    const { server, app, open, code } = await start({ isEnrolled: true })
    const page = open()
    await page.signIn()
    await page.post(paths.proveSecondFactor, { code: code(), trustBrowser: true })
    const list = async () => (await page.ask('GET', paths.listFactors)).body as Factors
    expect(await list()).toMatchObject({ factors: [{}], recoveryCodesLeft: 10, trustedBrowsers: 1 })
    const remove = (path: string, body?: object) =>
      page.ask('DELETE', path, body === undefined ? {} : { body: JSON.stringify(body) })
    expect(await remove(paths.forgetTrustedBrowsers)).toMatchObject({ status: 204 })
    expect(await list()).toMatchObject({ trustedBrowsers: 0 })

    server.clock.advance(601)
    const tooOld = { status: 401, body: { code: 'insufficient_user_authentication' } }
    expect(await page.post(paths.startTotp, { name: 'Tablet' })).toMatchObject(tooOld)
    expect(await page.post(paths.makeRecoveryCodes)).toMatchObject(tooOld)
    const { accessToken } = page.jar()
    expect(await page.post(paths.reauthenticate, { password })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'code' }] },
    })
    expect(page.jar().accessToken).toBe(accessToken)
    expect(await page.post(paths.reauthenticate, { password, code: code() })).toMatchObject({ status: 204 })
    expect(claimsOf(page.jar().accessToken ?? '')).toMatchObject({
      acr: 'aal2',
      auth_time: Math.floor(server.clock.now / 1000),
    })

    const { id, secret } = (await page.post(paths.startTotp, { name: 'Tablet' })).body as Setup
    const added = authenticator(secret)
    expect(await page.post(paths.confirmTotp, { id, code: added.codeAt(server.clock.now) })).toMatchObject({
      status: 200,
      body: { recoveryCodes: null },
    })
    const rename = { body: JSON.stringify({ id, name: 'Work tablet' }) }
    expect(await page.ask('PATCH', paths.renameFactor, rename)).toMatchObject({ status: 204 })
    const made = (await page.post(paths.makeRecoveryCodes)).body as { recoveryCodes: string[] }
    expect(made.recoveryCodes).toHaveLength(10)
    expect(made.recoveryCodes).not.toContain(app.recoveryCodes[0])
    const { factors } = await list()
    expect(factors).toMatchObject([{}, { id, name: 'Work tablet' }])
    const [first] = factors
    expect(await remove(paths.removeFactor, { id: first?.id })).toMatchObject({ status: 204 })
    // The policy requires a second factor, so the last one stays.
    expect(await remove(paths.removeFactor, { id })).toMatchObject({
      status: 409,
      body: { code: 'last_second_factor' },
    })
    expect(await list()).toMatchObject({ factors: [{ id }], isRequired: true })
  })
})
