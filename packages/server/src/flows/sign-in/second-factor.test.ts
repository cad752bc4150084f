import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { createSallyport, type SallyportOptions } from '../../index.ts'
import { authenticator, setUpTotp } from '../../testing/authenticator.ts'
import {
  claimsOf,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
  testOptions,
} from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

const email = 'ada@example.com'
const credentials = { email, password }
const bearer = { transport: 'bearer' }

type Pending = { status: string; factors: string[]; expiresIn: number; pendingSignIn: string }

const openSessions = (rows: { endedAt: unknown }[]) => rows.filter(({ endedAt }) => endedAt === null).length

describe.each(storeKinds)('on %s', (kind) => {
  async function started(options: SallyportOptions = {}) {
    const store = await freshStore(kind)
    const server = await startSallyport({ ...store.options, ...options })
    const { id } = await server.addUser(email)
    const sessions = () => store.query<{ endedAt: unknown }>('select "endedAt" from session')
    return { store, server, id, sessions }
  }

  /** A user with an authenticator app. All sessions of its set-up are deleted. */
  async function enrolled(options: SallyportOptions = {}) {
    const all = await started(options)
    const requiring = await startSallyport(
      { ...all.store.options, secondFactor: 'required' },
      all.server.clock,
    )
    const app = await setUpTotp(requiring)
    await all.store.query('delete from session')
    return { ...all, app }
  }

  async function hold(server: TestServer): Promise<Pending> {
    const answer = await server.post(paths.signIn, { ...credentials, ...bearer })
    const body = (await answer.json()) as Pending
    expect([answer.status, body]).toMatchObject([
      202,
      { pendingSignIn: expect.stringMatching(/^[\w-]{43}$/) },
    ])
    return body
  }

  const prove = (server: TestServer, body: object) =>
    server.post(paths.proveSecondFactor, { ...bearer, ...body })
  const codeOf = async (answer: Response) => [
    answer.status,
    ((await answer.json()) as { code?: string }).code,
  ]

  test('the right password opens no session; the right code does, at level aal2 [M04]', async () => {
    const { server, app, id, sessions } = await enrolled()
    const pending = await hold(server)
    expect(pending).toMatchObject({ status: 'second_factor_required', factors: ['totp'], expiresIn: 600 })
    expect(Object.keys(pending).sort()).toEqual([
      'expiresIn',
      'factors',
      'pendingSignIn',
      'status',
      'trustedBrowserSeconds',
    ])
    expect(await sessions()).toEqual([])
    const { pendingSignIn } = pending
    const described = await server.post(paths.describePendingSignIn, { pendingSignIn })
    expect(await described.json()).toEqual({
      status: 'second_factor_required',
      factors: ['totp'],
      expiresIn: 600,
      trustedBrowserSeconds: 30 * 86_400,
    })
    const answer = await prove(server, { pendingSignIn, code: app.codeAt(server.clock.now) })
    const claims = claimsOf((await requireTokens(answer)).accessToken)
    expect(claims).toMatchObject({
      sub: id,
      amr: ['pwd', 'otp', 'mfa'],
      acr: 'aal2',
      auth_time: Math.floor(server.clock.now / 1000),
    })
  })

  test('a wrong code changes nothing, and the sign-in can be continued', async () => {
    const { server, app, store, sessions } = await enrolled()
    const { pendingSignIn } = await hold(server)
    for (const given of [{ code: '000000' }, { recoveryCode: 'abcd-efgh-abcd-efgh' }]) {
      const answer = await prove(server, { pendingSignIn, ...given })
      const [field] = Object.keys(given)
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { code: 'invalid_request', errors: [{ field }] },
      ])
    }
    expect(await sessions()).toEqual([])
    const refused = `select id from audit_event where action = 'sign_in' and details = '{"reason":"second factor"}'`
    expect(await store.query(refused)).toHaveLength(2)
    const code = app.codeAt(server.clock.now)
    await requireTokens(await prove(server, { pendingSignIn, code }))
    expect(await sessions()).toHaveLength(1)
  })

  test('a code of another form is refused, and the sign-in can be continued [M03]', async () => {
    const { server, app, sessions } = await enrolled()
    const { pendingSignIn } = await hold(server)
    const code = app.codeAt(server.clock.now)
    const wide = [...code].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join('')
    const forms = [
      '',
      null,
      true,
      Number(code),
      [code],
      wide,
      code.slice(1),
      `${code}0`,
      `-${code.slice(1)}`,
      `${code}\n0`,
    ]
    for (const form of forms)
      expect([form, (await prove(server, { pendingSignIn, code: form })).status]).toEqual([form, 400])
    const both = { pendingSignIn, code, recoveryCode: app.recoveryCodes[0] }
    expect((await prove(server, both)).status).toBe(400)
    expect((await prove(server, { pendingSignIn })).status).toBe(400)
    expect(await sessions()).toEqual([])
    await requireTokens(await prove(server, { pendingSignIn, code: `${code.slice(0, 3)} ${code.slice(3)}` }))
  })

  test('a code and a pending sign-in work once, also for fifty requests at the same time [M01]', async () => {
    const { server, app, sessions } = await enrolled()
    const code = app.codeAt(server.clock.now)
    const held = [await hold(server), await hold(server)]
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) => {
        const pendingSignIn = held[at % 2]?.pendingSignIn
        return prove(server, at < 25 ? { pendingSignIn, code } : { pendingSignIn, code: ` ${code} ` })
      }),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    expect(await sessions()).toHaveLength(1)
  })

  test('a recovery code finishes a sign-in once', async () => {
    const { server, app } = await enrolled()
    const [recoveryCode = ''] = app.recoveryCodes
    const first = await prove(server, { pendingSignIn: (await hold(server)).pendingSignIn, recoveryCode })
    expect(claimsOf((await requireTokens(first)).accessToken)).toMatchObject({ acr: 'aal2' })
    const { pendingSignIn } = await hold(server)
    const again = await prove(server, { pendingSignIn, recoveryCode })
    expect(await codeOf(again)).toEqual([400, 'invalid_request'])
  })

  test.each([
    ['after ten minutes', async (server: TestServer) => server.clock.advance(600)],
    [
      'after a change of the password',
      async (server: TestServer) => {
        const token = await mailedToken(server, () => server.post(paths.forgotPassword, { email }))
        const reset = await server.post(paths.resetPassword, { token, newPassword: 'another long password' })
        expect(reset.status).toBe(204)
      },
    ],
    [
      'after all sessions were ended',
      async (server: TestServer, id: string) => void (await server.sallyport.operator.sessions.revokeAll(id)),
    ],
    [
      'after the user was disabled',
      async (server: TestServer, id: string) => void (await server.sallyport.operator.users.disable(id)),
    ],
  ])('a pending sign-in cannot be finished %s', async (_, change) => {
    const { server, app, id, sessions } = await enrolled({ developmentInbox: true })
    const { pendingSignIn } = await hold(server)
    await change(server, id)
    const code = app.codeAt(server.clock.now)
    expect(await codeOf(await prove(server, { pendingSignIn, code }))).toEqual([400, 'sign_in_expired'])
    expect(await codeOf(await server.post(paths.describePendingSignIn, { pendingSignIn }))).toEqual([
      400,
      'sign_in_expired',
    ])
    expect(openSessions(await sessions())).toBe(0)
  })

  test('a pending sign-in is finished by another process, after a restart of the first one', async () => {
    const { server, store, app, sessions } = await enrolled()
    const { pendingSignIn } = await hold(server)
    await server.sallyport.close()
    const other = await startSallyport({ ...store.options }, server.clock)
    await requireTokens(await prove(other, { pendingSignIn, code: app.codeAt(server.clock.now) }))
    expect(await sessions()).toHaveLength(1)
  })

  test('a browser has the handle in a cookie, and only this browser finishes the sign-in', async () => {
    const { server, app, sessions } = await enrolled()
    const browser = server.browser()
    const held = await browser.post(paths.signIn, credentials)
    expect([held.status, await held.json()]).toEqual([
      202,
      {
        status: 'second_factor_required',
        factors: ['totp'],
        expiresIn: 600,
        trustedBrowserSeconds: 30 * 86_400,
      },
    ])
    expect(held.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^pendingSignIn=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
    ])
    const code = app.codeAt(server.clock.now)
    const other = await server.browser().post(paths.proveSecondFactor, { code })
    expect(await codeOf(other)).toEqual([400, 'sign_in_expired'])
    const handle = browser.jar.get('pendingSignIn')
    const inBody = await server.browser().post(paths.proveSecondFactor, { code, pendingSignIn: handle })
    expect(await codeOf(inBody)).toEqual([400, 'invalid_request'])
    expect((await browser.post(paths.describePendingSignIn)).status).toBe(200)
    const done = await browser.post(paths.proveSecondFactor, { code })
    expect([done.status, Object.keys((await done.json()) as object).sort()]).toEqual([
      200,
      ['expiresIn', 'user'],
    ])
    expect([...browser.jar.keys()].sort()).toEqual(['accessToken', 'refreshToken', 'sallyport_device'])
    expect(await sessions()).toHaveLength(1)
  })

  test('the page of the second factor can be opened often from one network, but not to guess handles', async () => {
    const { server, app } = await enrolled()
    const { pendingSignIn } = await hold(server)
    const describing = async (handle: string) =>
      (await server.post(paths.describePendingSignIn, { pendingSignIn: handle })).status
    for (let count = 0; count < 70; count += 1) expect(await describing(pendingSignIn)).toBe(200)
    const statuses = new Set<number>()
    for (let count = 0; count < 70; count += 1) statuses.add(await describing('not-a-handle'))
    expect([...statuses]).toEqual([400, 429])
    expect(await describing(pendingSignIn)).toBe(200)
    const code = app.codeAt(server.clock.now)
    expect((await prove(server, { pendingSignIn, code })).status).toBe(200)
  })

  test('the session that the browser had before ends only when the sign-in is finished', async () => {
    const { server, app, sessions } = await enrolled({ trustedBrowserSeconds: 0 })
    const browser = server.browser()
    const finish = async () => {
      server.clock.advance(30)
      return browser.post(paths.proveSecondFactor, { code: app.codeAt(server.clock.now) })
    }
    await browser.post(paths.signIn, credentials)
    expect((await finish()).status).toBe(200)
    await browser.post(paths.signIn, credentials)
    expect((await browser.get(paths.readSession)).status).toBe(200)
    expect((await finish()).status).toBe(200)
    const rows = await sessions()
    expect([rows.length, openSessions(rows)]).toEqual([2, 1])
  })

  test('a user who must have a second factor sets it up at the sign-in', async () => {
    const { server, sessions } = await started({ secondFactor: 'required' })
    const { status, factors, pendingSignIn } = await hold(server)
    expect([status, factors]).toEqual(['second_factor_setup_required', ['totp', 'passkey']])
    expect(await codeOf(await prove(server, { pendingSignIn, code: '123456' }))).toEqual([
      400,
      'invalid_request',
    ])
    const setup = await server.post(paths.startSecondFactor, { pendingSignIn })
    const { id, secret, uri, qrCode } = (await setup.json()) as Record<string, string>
    expect(uri).toContain(`secret=${secret}`)
    expect(qrCode).toMatch(/^<svg/)
    const finish = (code: string) =>
      server.post(paths.finishSecondFactor, { ...bearer, pendingSignIn, id, code, name: 'Phone' })
    expect(await codeOf(await finish('000000'))).toEqual([400, 'invalid_request'])
    expect(await sessions()).toEqual([])
    const app = authenticator(secret ?? '')
    const answer = await finish(app.codeAt(server.clock.now))
    const body = (await answer.json()) as { accessToken: string; recoveryCodes: string[] }
    expect(claimsOf(body.accessToken)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] })
    expect(new Set(body.recoveryCodes).size).toBe(10)
    expect((await hold(server)).status).toBe('second_factor_required')
  })

  test('with the password alone, nobody adds a second factor beside an existing one [M05]', async () => {
    const { server, app, sessions, store } = await enrolled({ secondFactor: 'required' })
    const { pendingSignIn } = await hold(server)
    const setup = await server.post(paths.startSecondFactor, { pendingSignIn })
    expect(await codeOf(setup)).toEqual([400, 'sign_in_expired'])
    expect(await store.query('select id from totp')).toHaveLength(1)
    await requireTokens(await prove(server, { pendingSignIn, code: app.codeAt(server.clock.now) }))
    expect(await sessions()).toHaveLength(1)
  })

  test('of two set-ups at the same time, one is finished, and the other cannot go on', async () => {
    const { server, store, sessions } = await started({ secondFactor: 'required' })
    const first = await hold(server)
    const second = await hold(server)
    const { id, secret } = (await (
      await server.post(paths.startSecondFactor, { pendingSignIn: first.pendingSignIn })
    ).json()) as Record<string, string>
    const code = authenticator(secret ?? '').codeAt(server.clock.now)
    const answers = await Promise.all(
      [first, second, first, second].map(({ pendingSignIn }) =>
        server.post(paths.finishSecondFactor, { ...bearer, pendingSignIn, id, code }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400])
    expect(await store.query('select id from totp where "confirmedAt" is not null')).toHaveLength(1)
    expect(await sessions()).toHaveLength(1)
  })

  test('the hook for claims is called only after a right factor, at a sign-in and at a set-up', async () => {
    const { store, server, app } = await enrolled()
    let calls = 0
    const hooks = { claims: () => ({ plan: `pro ${++calls}` }) }
    const hooked = await startSallyport(store.options, server.clock, { hooks })
    const { pendingSignIn } = await hold(hooked)
    for (const given of [{ code: '000000' }, { recoveryCode: 'abcd-efgh-abcd-efgh' }])
      expect((await prove(hooked, { pendingSignIn, ...given })).status).toBe(400)
    expect(calls).toBe(0)
    const code = app.codeAt(server.clock.now)
    await requireTokens(await prove(hooked, { pendingSignIn, code }))
    expect(calls).toBe(1)
    // The code was used already.
    const again = await hold(hooked)
    expect((await prove(hooked, { pendingSignIn: again.pendingSignIn, code })).status).toBe(400)
    expect(calls).toBe(1)
    const requiring = await startSallyport({ ...store.options, secondFactor: 'required' }, server.clock, {
      hooks,
    })
    await store.query('delete from totp')
    const setup = await hold(requiring)
    const started = await requiring.post(paths.startSecondFactor, { pendingSignIn: setup.pendingSignIn })
    const { id, secret } = (await started.json()) as { id: string; secret: string }
    const finish = (code: string) =>
      requiring.post(paths.finishSecondFactor, { ...bearer, pendingSignIn: setup.pendingSignIn, id, code })
    expect((await finish('000000')).status).toBe(400)
    expect(calls).toBe(1)
    expect((await finish(authenticator(secret).codeAt(server.clock.now))).status).toBe(200)
    expect(calls).toBe(2)
  })

  test('only requests without a valid sign-in use up the limit of a network, and set-ups that of the user', async () => {
    const { server } = await started({ secondFactor: 'required' })
    const { pendingSignIn } = await hold(server)
    const nobody = { pendingSignIn: 'x'.repeat(43) }
    const ask = async (path: string, body: object) => codeOf(await server.post(path, body))
    for (let count = 0; count < 60; count++)
      expect(await ask(count % 2 ? paths.startSecondFactor : paths.describePendingSignIn, nobody)).toEqual([
        400,
        'sign_in_expired',
      ])
    for (const path of [paths.startSecondFactor, paths.describePendingSignIn])
      expect(await ask(path, nobody)).toEqual([429, 'too_many_requests'])
    expect((await server.post(paths.describePendingSignIn, { pendingSignIn })).status).toBe(200)
    for (let count = 0; count < 60; count++)
      expect((await server.post(paths.startSecondFactor, { pendingSignIn })).status).toBe(200)
    expect(await ask(paths.startSecondFactor, { pendingSignIn })).toEqual([429, 'too_many_requests'])
    // Mailed links have their own limit.
    const link = await server.post(paths.resetPassword, { token: 'x'.repeat(43), newPassword: password })
    expect(await codeOf(link)).toEqual([400, 'link_invalid'])
  })

  test('a role can require the second factor', async () => {
    const { server, id } = await started({ secondFactorRoles: 'finance' })
    await server.signIn()
    await server.sallyport.operator.users.setRoles(id, ['finance'])
    expect((await hold(server)).status).toBe('second_factor_setup_required')
  })

  test('with the setting `off`, a user who has a second factor is still asked for it', async () => {
    const { server, store, app } = await enrolled()
    const off = await startSallyport({ ...store.options, secondFactor: 'off' }, server.clock)
    const { pendingSignIn } = await hold(off)
    await requireTokens(await prove(off, { pendingSignIn, code: app.codeAt(server.clock.now) }))
  })

  test('a trusted browser is not asked for the code; the session is then at level aal1 [M09]', async () => {
    const { server, store, app } = await enrolled({ trustedBrowserSeconds: 3600 })
    const browser = server.browser()
    await browser.post(paths.signIn, credentials)
    const code = app.codeAt(server.clock.now)
    const done = await browser.post(paths.proveSecondFactor, { code, trustBrowser: true })
    expect(done.status).toBe(200)
    const device = browser.jar.get('sallyport_device') ?? ''
    const signInWith = async (value: string | null, at: TestServer = server) => {
      const next = at.browser()
      if (value !== null) next.jar.set('sallyport_device', value)
      const answer = await next.post(paths.signIn, credentials)
      return { status: answer.status, token: next.jar.get('accessToken') ?? '' }
    }
    const trusted = await signInWith(device)
    expect(trusted.status).toBe(200)
    expect(claimsOf(trusted.token)).toMatchObject({ amr: ['pwd'], acr: 'aal1' })
    expect((await signInWith(null)).status).toBe(202)
    expect((await signInWith(`${device}x`)).status).toBe(202)
    const without = await startSallyport({ ...store.options, trustedBrowserSeconds: 0 }, server.clock)
    expect((await signInWith(device, without)).status).toBe(202)
    const shorter = await startSallyport({ ...store.options, trustedBrowserSeconds: 600 }, server.clock)
    expect((await signInWith(device, shorter)).status).toBe(202)
    expect((await signInWith(device)).status).toBe(200)
    server.clock.advance(3600)
    expect((await signInWith(device)).status).toBe(202)
  })

  /** A browser in which the user has finished a sign-in, and its functions. */
  async function trusting() {
    const all = await enrolled({ developmentInbox: true })
    const { server, app } = all
    const browser = server.browser()
    const signIn = async (secret = password) =>
      (await browser.post(paths.signIn, { email, password: secret })).status
    const finish = async (trustBrowser: boolean) => {
      server.clock.advance(30)
      const code = app.codeAt(server.clock.now)
      expect((await browser.post(paths.proveSecondFactor, { code, trustBrowser })).status).toBe(200)
    }
    return { ...all, browser, signIn, finish }
  }

  test('without the choice, a browser is asked at each sign-in', async () => {
    const { signIn, finish } = await trusting()
    expect(await signIn()).toBe(202)
    await finish(false)
    expect(await signIn()).toBe(202)
    await finish(true)
    expect(await signIn()).toBe(200)
  })

  test.each(['reset', 'changePassword', 'endSessions', 'removeFactor', 'operator'] as const)(
    'no browser is trusted any more after %s [M09]',
    async (event) => {
      const { server, id, browser, signIn, finish } = await trusting()
      await signIn()
      await finish(true)
      const newPassword = password.toUpperCase()
      const token = browser.jar.get('accessToken') ?? ''
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const send = async (method: string, path: string, body: object = {}) => {
        const answer = await server.fetch(path, { method, headers, body: JSON.stringify(body) })
        expect([path, answer.status]).toEqual([path, answer.status < 300 ? answer.status : 200])
        return answer
      }
      const events = {
        async reset() {
          const link = await mailedToken(server, () => server.post(paths.forgotPassword, { email }))
          await send('POST', paths.resetPassword, { token: link, newPassword })
        },
        changePassword: () => send('POST', paths.changePassword, { currentPassword: password, newPassword }),
        endSessions: () => send('DELETE', paths.endSessions),
        // The first app stays.
        async removeFactor() {
          const started = await send('POST', paths.startTotp)
          const { id: second, secret } = (await started.json()) as { id: string; secret: string }
          const code = authenticator(secret).codeAt(server.clock.now)
          await send('POST', paths.confirmTotp, { id: second, code })
          await send('DELETE', paths.removeFactor, { id: second })
        },
        operator: () => server.sallyport.operator.sessions.revokeAll(id),
      }
      await events[event]()
      const secret = event === 'reset' || event === 'changePassword' ? newPassword : password
      expect(await signIn(secret)).toBe(202)
    },
  )

  test('a user who verifies their address with the password is asked for the second factor', async () => {
    const { server, store, app, sessions } = await enrolled({ developmentInbox: true })
    await store.query('update "user" set "emailVerifiedAt" = null')
    const token = await mailedToken(server, () => server.post(paths.resendVerification, { email }))
    const answer = await server.post(paths.verifyAddress, { token, password, ...bearer })
    const { pendingSignIn, status } = (await answer.json()) as Pending
    expect([answer.status, status]).toEqual([202, 'second_factor_required'])
    expect(await sessions()).toEqual([])
    await requireTokens(await prove(server, { pendingSignIn, code: app.codeAt(server.clock.now) }))
  })
})

test.each([
  [{ secondFactor: 'sometimes' }, /SALLYPORT_SECOND_FACTOR must be off, optional or required/],
  [{ secondFactor: 'off', secondFactorRoles: 'finance' }, /SALLYPORT_SECOND_FACTOR_ROLES needs/],
  [{ secondFactorRoles: 'finanse' }, /SALLYPORT_SECOND_FACTOR_ROLES: There is no role finanse/],
] as [SallyportOptions, RegExp][])('the settings %j are refused at the start', async (options, message) => {
  await expect(createSallyport({ ...testOptions, ...options })).rejects.toThrow(message)
})

async function mailedToken(server: TestServer, work: () => Promise<Response>): Promise<string | undefined> {
  expect((await work()).status).toBe(202)
  const answer = await server.get(paths.inbox)
  const { mails } = (await answer.json()) as { mails: { text: string }[] }
  // Mails of the same moment have no order, and only one of them has a link.
  return /#token=([\w-]{43})/.exec(mails.map(({ text }) => text).join('\n'))?.[1]
}
