import { paths } from '@sallyport/protocol/endpoints'
import { createVerifier } from '@sallyport/verify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../packages/next/src/config/config.ts'
import { createAuthServerClient } from '../../packages/next/src/session/auth-server-client.ts'
import { createRefresher } from '../../packages/next/src/session/refresh.ts'
import type { Runtime } from '../../packages/next/src/session/runtime.ts'
import { openPage } from '../../packages/next/src/testing/open-page.ts'
import type { SallyportOptions } from '../../packages/server/src/index.ts'
import {
  frontendSecret,
  frozenClock,
  password,
  startSallyport,
  testOptions,
} from '../../packages/server/src/testing/sallyport.ts'
import { freshStore, storeKinds } from '../../packages/server/src/testing/stores.ts'

const nobody = { address: null, userAgent: null, requestId: null, device: null }
const email = 'eve@example.com'
const newPassword = 'a better one than before'
const minute = 60_000
const someWait = { emailVerification: 'permissions', verifiedPermissions: 'report:read' } as const

describe.each(storeKinds)('the Next SDK and the auth server, on %s', (kind) => {
  /** An auth server in this process, and pages that know it by its answers alone. */
  async function start(options: SallyportOptions = {}) {
    const store = await freshStore(kind)
    const server = await startSallyport(
      {
        ...store.options,
        developmentInbox: true,
        emailVerification: 'sign-in',
        rolePermissions: { member: ['invoice:read', 'report:read'] },
        ...options,
      },
      frozenClock(Date.now()),
    )
    const config = readConfig(
      { server: testOptions.issuer, audience: 'billing-web', app: testOptions.origins, frontendSecret },
      {},
    )
    /** Every address that the pages have asked for. */
    const sent: string[] = []
    const fetchImpl: typeof fetch = async (input, init) => {
      const request = new Request(input, init)
      sent.push(request.url)
      // Time goes on from request to request, so that what they leave behind has an order.
      server.clock.now += 1
      return server.sallyport.fetch(request, { connection: { remoteAddress: '127.0.0.1' } })
    }
    /** A page in a browser of its own, and from a Next process of its own: nothing is known there of what another has learnt. */
    const open = () => {
      const authServer = createAuthServerClient(config, fetchImpl)
      const verifier = createVerifier({
        issuer: config.issuer,
        audience: config.audience,
        fetch: fetchImpl,
        clock: server.clock,
      })
      onTestFinished(() => verifier.close())
      const runtime: Runtime = {
        config,
        authServer,
        verifier,
        refresh: createRefresher(authServer),
        asksForRenewal: () => false,
      }
      const { ask, jar } = openPage(runtime)
      const send = (path: string, body: object) => ask('POST', path, { body: JSON.stringify(body) })
      return {
        ask,
        jar,
        send,
        authServer,
        signIn: (secret = password) => send(paths.signIn, { email, password: secret }),
        /** Who the pages take this browser for. */
        principal: async () => {
          const { body } = await ask('GET', paths.readSession)
          return (body as { principal: { permissions: string[]; authenticatedAt: number } | null }).principal
        },
      }
    }
    /** The secret of the newest link that was mailed to somebody. */
    const secretFor = async (address: string) => {
      const { authServer } = open()
      const inbox = await authServer.call('inbox', {}, nobody)
      const mail = inbox.ok
        ? inbox.mails.find(({ to, text }) => to === address && text.includes('#token='))
        : null
      return /#token=([\w-]+)/.exec(mail?.text ?? '')?.[1] ?? ''
    }
    const signUp = async (page = open()) => {
      await page.send(paths.signUp, { email, password, name: 'Eve' })
      return page
    }
    const verified = async () => {
      const page = await signUp()
      await page.send(paths.verifyAddress, { token: await secretFor(email), password })
      return page
    }
    return { server, open, secretFor, signUp, verified, sent }
  }

  it('ASVS 6.4.1: signs up by a mail, and the link alone signs nobody in', async () => {
    const { open, secretFor } = await start()
    const page = open()
    expect(await page.send(paths.signUp, { email, password, name: 'Eve' })).toMatchObject({
      status: 202,
      body: { status: 'mailed' },
      set: [],
    })
    const token = await secretFor(email)
    for (const body of [{ token }, { token, password: 'not the one that was chosen' }])
      expect(await open().send(paths.verifyAddress, body)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'password' }] },
        set: [],
      })
    const answer = await page.send(paths.verifyAddress, { token, password })
    expect(answer).toMatchObject({ status: 200, body: { user: { email, emailVerified: true } } })
    expect(await page.principal()).not.toBeNull()
    expect(await open().send(paths.verifyAddress, { token, password })).toMatchObject({
      status: 400,
      body: { code: 'link_invalid' },
    })
  })

  it('a link that was mailed again replaces the one before', async () => {
    const { signUp, secretFor } = await start()
    const page = await signUp()
    const first = await secretFor(email)
    expect(await page.send(paths.resendVerification, { email })).toMatchObject({ status: 202 })
    const second = await secretFor(email)
    expect(second).not.toBe(first)
    expect(await page.send(paths.verifyAddress, { token: first, password })).toMatchObject({ status: 400 })
    expect(await page.send(paths.verifyAddress, { token: second, password })).toMatchObject({ status: 200 })
  })

  it('A17: proving the address while signed in ends every other session, and brings what waited for it', async () => {
    const { open, signUp, secretFor } = await start(someWait)
    const page = await signUp()
    const other = open()
    await other.signIn()
    expect((await page.principal())?.permissions).toEqual(['invoice:read'])
    const token = await secretFor(email)
    expect(await page.send(paths.verifyAddress, { token })).toMatchObject({
      status: 200,
      body: { user: { email } },
    })
    expect((await page.principal())?.permissions).toEqual(['invoice:read', 'report:read'])
    expect((await page.ask('GET', paths.listSessions)).body).toMatchObject({ sessions: { length: 1 } })
    expect(await other.ask('GET', paths.listSessions)).toMatchObject({ status: 401 })
  })

  it('a link of somebody else’s asks for their password, and then they are here instead', async () => {
    const { open, signUp, secretFor, server } = await start(someWait)
    await signUp()
    await server.addUser('ada@example.com')
    const page = open()
    await page.send(paths.signIn, { email: 'ada@example.com', password })
    const { refreshToken } = page.jar()
    const token = await secretFor(email)
    expect(await page.send(paths.verifyAddress, { token })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'password' }] },
      set: [],
    })
    expect(await page.send(paths.verifyAddress, { token, password })).toMatchObject({
      status: 200,
      body: { user: { email } },
    })
    expect((await server.refresh(refreshToken ?? '')).status).toBe(401)
  })

  it('ASVS 6.4.3: a reset ends the session here and signs nobody in', async () => {
    const { open, verified, secretFor } = await start()
    const page = await verified()
    expect(await page.send(paths.forgotPassword, { email })).toMatchObject({ status: 202 })
    const token = await secretFor(email)
    expect(await page.send(paths.resetPassword, { token, newPassword: 'short' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'newPassword' }] },
    })
    expect(await page.send(paths.resetPassword, { token, newPassword })).toMatchObject({
      status: 204,
      set: [],
    })
    expect(await page.ask('GET', paths.listSessions)).toMatchObject({ status: 401 })
    expect(page.jar().refreshToken).toBeUndefined()
    expect(await open().signIn()).toMatchObject({ status: 401 })
    expect(await open().signIn(newPassword)).toMatchObject({ status: 200 })
  })

  it('A01: forgot and resend say the same of an address that nobody has', async () => {
    const { verified } = await start()
    const { send } = await verified()
    for (const path of [paths.forgotPassword, paths.resendVerification]) {
      const [known, unknown] = [
        await send(path, { email }),
        await send(path, { email: 'nobody@example.com' }),
      ]
      expect(unknown).toEqual({ ...known, headers: expect.anything() })
      expect([...unknown.headers]).toEqual([...known.headers])
    }
  })

  it('A18: another address counts once it is proven, and the session goes on', async () => {
    const { open, verified, secretFor } = await start()
    const page = await verified()
    const newEmail = 'eve@example.org'
    expect(await page.send(paths.changeAddress, { newEmail, password: 'a guess at it' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'password' }] },
    })
    expect(await page.send(paths.changeAddress, { newEmail, password })).toMatchObject({ status: 202 })
    expect(await open().signIn()).toMatchObject({ status: 200 })
    const token = await secretFor(newEmail)
    const bare = await open().send(paths.confirmAddress, { token })
    expect(bare).toMatchObject({ status: 400, body: { errors: [{ field: 'password' }] } })
    expect(await open().signIn()).toMatchObject({ status: 200 })
    expect(await page.send(paths.confirmAddress, { token })).toMatchObject({ status: 204, set: [] })
    expect(await page.ask('GET', paths.listSessions)).toMatchObject({ status: 200 })
    expect(await open().signIn()).toMatchObject({ status: 401 })
  })

  it('ASVS 7.5.1: the data needs a proof within ten minutes, which a refresh is not', async () => {
    const { verified, server } = await start()
    const page = await verified()
    expect(await page.ask('GET', paths.downloadData)).toMatchObject({
      status: 200,
      body: { user: { email } },
    })
    const before = (await page.principal())?.authenticatedAt
    server.clock.now += 11 * minute
    expect(await page.ask('GET', paths.downloadData)).toMatchObject({
      status: 403,
      body: { code: 'reauthentication_required' },
    })
    expect((await page.principal())?.authenticatedAt).toBe(before)
    expect(await page.send(paths.reauthenticate, { password: 'a guess at it' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'password' }] },
      set: [],
    })
    expect(await page.send(paths.reauthenticate, { password })).toMatchObject({ status: 204 })
    expect((await page.principal())?.authenticatedAt).toBeGreaterThanOrEqual((before ?? 0) + 11 * minute)
    expect(await page.ask('GET', paths.downloadData)).toMatchObject({ status: 200 })
  })

  it('ASVS 7.4.2: a deletion signs out everywhere; signing in before it is due keeps the account', async () => {
    const { verified, open, server } = await start()
    const page = await verified()
    const other = open()
    await other.signIn()
    const remove = (secret: string) =>
      page.ask('DELETE', paths.readProfile, { body: JSON.stringify({ password: secret }) })
    expect(await remove('a guess at it')).toMatchObject({ status: 400, set: [] })
    const answer = await remove(password)
    expect(answer).toMatchObject({ status: 202, body: { deleteAt: expect.any(Number) } })
    expect((answer.body as { deleteAt: number }).deleteAt).toBeGreaterThan(server.clock.now + 13 * 86_400_000)
    expect(page.jar()).not.toHaveProperty('accessToken')
    expect(page.jar()).not.toHaveProperty('refreshToken')
    expect(await other.ask('GET', paths.listSessions)).toMatchObject({ status: 401 })
    expect(await page.signIn()).toMatchObject({ status: 200 })
  })

  it('the trail names the browser, not the front end', async () => {
    const { verified } = await start()
    const page = await verified()
    const headers = { 'user-agent': 'the browser of Eve' }
    await page.ask('GET', paths.downloadData, { headers })
    expect((await page.ask('GET', paths.listActivity)).body).toMatchObject({
      activity: [{ action: 'data_download', userAgent: 'the browser of Eve' }, {}, {}],
    })
  })

  it('ASVS 14.2.1: no secret ever stands in an address', async () => {
    const { verified, secretFor, sent } = await start()
    const page = await verified()
    await page.send(paths.forgotPassword, { email })
    const token = await secretFor(email)
    await page.send(paths.resetPassword, { token, newPassword })
    expect(token).not.toBe('')
    expect(sent.join('\n')).not.toContain(token)
  })

  it('there is no inbox unless a developer has asked for one', async () => {
    const { open } = await start({ developmentInbox: false, emailVerification: 'off' })
    const inbox = await open().authServer.call('inbox', {}, nobody)
    expect(inbox).toMatchObject({ ok: false, problem: { code: 'not_found' } })
  })
})
