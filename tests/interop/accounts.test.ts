import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, it } from 'vitest'
import { openPage } from '../../packages/next/src/testing/open-page.ts'
import type { SallyportOptions } from '../../packages/server/src/index.ts'
import { frozenClock, password, startSallyport } from '../../packages/server/src/testing/sallyport.ts'
import { freshStore, storeKinds } from '../../packages/server/src/testing/stores.ts'
import { fetchFrom, startNextProcess } from './next-process.ts'

const nobody = { address: null, userAgent: null, requestId: null, device: null }
const email = 'eve@example.com'
const newPassword = 'a better one than before'
const minute = 60_000
const someWait = { emailVerification: 'permissions', verifiedPermissions: 'report:read' } as const

describe.each(storeKinds)('the Next SDK and the auth server, on %s', (kind) => {
  /** An auth server in this process, and pages that know only its responses. */
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
    /** Every URL that the pages have requested. */
    const sent: string[] = []
    const fetchImpl: typeof fetch = async (input, init) => {
      const request = new Request(input, init)
      sent.push(request.url)
      // Time advances with each request, so that stored rows have an order.
      server.clock.now += 1
      return fetchFrom(server)(request)
    }
    /** A page with its own browser and its own Next process: it shares no memory with another. */
    const open = () => {
      const runtime = startNextProcess(server, { fetchImpl })
      const { authServer } = runtime
      const { ask, jar } = openPage(runtime)
      const send = (path: string, body: object) => ask('POST', path, { body: JSON.stringify(body) })
      return {
        ask,
        jar,
        send,
        authServer,
        signIn: (secret = password) => send(paths.signIn, { email, password: secret }),
        /** The user whom the pages see in this browser. */
        principal: async () => {
          const { body } = await ask('GET', paths.readSession)
          return (body as { principal: { permissions: string[]; authenticatedAt: number } | null }).principal
        },
      }
    }
    /** The secret of the newest link that was mailed to this address. */
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

  it('signs up by a mail, and the link alone signs nobody in [ASVS 6.4.1]', async () => {
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

  it('a link that is mailed again replaces the previous one', async () => {
    const { signUp, secretFor } = await start()
    const page = await signUp()
    const first = await secretFor(email)
    expect(await page.send(paths.resendVerification, { email })).toMatchObject({ status: 202 })
    const second = await secretFor(email)
    expect(second).not.toBe(first)
    expect(await page.send(paths.verifyAddress, { token: first, password })).toMatchObject({ status: 400 })
    expect(await page.send(paths.verifyAddress, { token: second, password })).toMatchObject({ status: 200 })
  })

  it('verifying the address ends other sessions and adds permissions [A17]', async () => {
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

  it('a link of another user requires their password, and then signs them in', async () => {
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

  it('a reset ends the session in this browser and signs nobody in [ASVS 6.4.3]', async () => {
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

  it('forgot and resend respond to an unknown address in the same way [A01]', async () => {
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

  it('a new address is used after it is verified, and the session continues [A18]', async () => {
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

  it('the download requires a password check in the last ten minutes [ASVS 7.5.1]', async () => {
    const { verified, server } = await start()
    const page = await verified()
    expect(await page.ask('GET', paths.downloadData)).toMatchObject({
      status: 200,
      body: { user: { email } },
    })
    const before = (await page.principal())?.authenticatedAt
    server.clock.now += 11 * minute
    expect(await page.ask('GET', paths.downloadData)).toMatchObject({
      status: 401,
      body: { code: 'insufficient_user_authentication', maxAgeSeconds: 600 },
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

  it('a deletion signs out everywhere, and an early sign-in cancels it [ASVS 7.4.2]', async () => {
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

  it('the audit log has the browser’s address, not the front end’s', async () => {
    const { verified } = await start()
    const page = await verified()
    const headers = { 'user-agent': 'the browser of Eve' }
    await page.ask('GET', paths.downloadData, { headers })
    expect((await page.ask('GET', paths.listActivity)).body).toMatchObject({
      activity: [{ action: 'data_download', userAgent: 'the browser of Eve' }, {}, {}],
    })
  })

  it('no secret is ever in a URL [ASVS 14.2.1]', async () => {
    const { verified, secretFor, sent } = await start()
    const page = await verified()
    await page.send(paths.forgotPassword, { email })
    const token = await secretFor(email)
    await page.send(paths.resetPassword, { token, newPassword })
    expect(token).not.toBe('')
    expect(sent.join('\n')).not.toContain(token)
  })

  it('the inbox exists only if a developer enables it', async () => {
    const { open } = await start({ developmentInbox: false, emailVerification: 'off' })
    const inbox = await open().authServer.call('inbox', {}, nobody)
    expect(inbox).toMatchObject({ ok: false, problem: { code: 'not_found' } })
  })
})
