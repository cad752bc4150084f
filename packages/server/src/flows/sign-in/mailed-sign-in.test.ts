import { headers as headerNames } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../store/database.ts'
import { otherThan, startWithMailedSignIn } from '../../testing/mailed-sign-in.ts'
import { bearer, claimsOf, frontendSecret, password, requireTokens } from '../../testing/sallyport.ts'
import { storeKinds } from '../../testing/stores.ts'
import { purge } from '../operator/purge.ts'

const said = async (answer: Promise<Response>) => {
  const given = await answer
  const { code } = (await given.json()) as { code?: string }
  return code ?? given.status
}
const expired = 'sign_in_mail_expired'

describe.each(storeKinds)('on %s, a mailed code', (kind) => {
  const started = (options = {}) => startWithMailedSignIn(kind, options)

  test('signs in the browser that asked, once', async () => {
    const { id, ask, newest, enter, store } = await started()
    const handle = await ask()
    const { code, token } = await newest()
    expect(code).toMatch(/^\d{6}$/)
    expect(token).toMatch(/^[\w-]{43}$/)
    const { accessToken } = await requireTokens(await enter(code, handle))
    expect(claimsOf(accessToken)).toMatchObject({ sub: id, amr: ['otp'], acr: 'aal1' })
    expect(await said(enter(code, handle))).toBe(expired)
    expect(await store.query('select * from mailed_sign_in')).toEqual([])
  })

  test('is refused in every other browser: without the handle, and with the handle of another request', async () => {
    const { ask, newest, enter, sessions } = await started()
    const first = await ask()
    const { code } = await newest()
    const second = await ask()
    expect(await said(enter(code))).toBe(expired)
    expect(await said(enter(code, 'x'.repeat(43)))).toBe(expired)
    expect(await said(enter(code, `${first}x`))).toBe(expired)
    const elsewhere = await enter(code, second)
    expect([elsewhere.status, await elsewhere.json()]).toMatchObject([400, { errors: [{ field: 'code' }] }])
    expect(await sessions()).toEqual([])
    expect((await enter(code, first)).status).toBe(200)
  })

  test('ends with the fifth wrong try, and the link still works', async () => {
    const { ask, newest, enter, confirm, sessions } = await started()
    const handle = await ask()
    const { code, token } = await newest()
    for (const left of ['4 more times', '3 more times', '2 more times', 'once more']) {
      const wrong = await enter(otherThan(code), handle)
      expect([wrong.status, await wrong.json()]).toMatchObject([
        400,
        { code: 'invalid_request', errors: [{ field: 'code', message: expect.stringContaining(left) }] },
      ])
    }
    const fifth = await enter(otherThan(code), handle)
    expect([fifth.status, await fifth.json()]).toMatchObject([
      400,
      { code: expired, detail: expect.stringContaining('too many wrong codes') },
    ])
    expect(await said(enter(code, handle))).toBe(expired)
    expect(await sessions()).toEqual([])
    expect((await confirm(token)).status).toBe(200)
  })

  test('fifty wrong ones at once are five tries [CVE-2026-134314]', async () => {
    const { ask, newest, enter, store, server } = await started({ throttleScale: 10 })
    const handle = await ask()
    const { code } = await newest()
    const tries = Array.from({ length: 50 }, (_, step) => said(enter(otherThan(code, step + 1), handle)))
    const answers = await Promise.all(tries)
    expect(answers.filter((answer) => answer === 'invalid_request').length).toBeLessThanOrEqual(4)
    // The waits between wrong codes of one account are over.
    server.clock.advance(500)
    const [{ triesLeft } = { triesLeft: 0 }] = await store.query<{ triesLeft: number }>(
      'select "triesLeft" from mailed_sign_in',
    )
    const after: unknown[] = []
    for (let more = 0; more <= triesLeft; more += 1) after.push(await said(enter(otherThan(code), handle)))
    expect(after.at(-1)).toBe(expired)
    expect(await said(enter(code, handle))).toBe(expired)
  })

  test('fifty right ones at once, or fifty uses of the link, or both: one session', async () => {
    for (const mode of ['code', 'link', 'both']) {
      const { ask, newest, enter, confirm, sessions } = await started({ throttleScale: 10 })
      const handle = await ask()
      const { code, token } = await newest()
      const uses = Array.from({ length: 50 }, (_, at) =>
        mode === 'code' || (mode === 'both' && at % 2 === 0) ? enter(code, handle) : confirm(token),
      )
      const statuses = (await Promise.all(uses)).map(({ status }) => status)
      expect([mode, statuses.filter((status) => status === 200).length]).toEqual([mode, 1])
      expect([mode, await sessions()]).toEqual([mode, [expect.anything()]])
    }
  })

  test('works for ten minutes', async () => {
    const { ask, newest, enter, confirm, describe: show, server, store } = await started()
    const handle = await ask()
    const { code, token } = await newest()
    server.clock.advance(600)
    expect(await said(enter(code, handle))).toBe(expired)
    for (const use of [show(token), confirm(token)]) expect(await said(use)).toBe('link_invalid')
    server.clock.now -= 1
    expect((await enter(code, handle)).status).toBe(200)
    await ask()
    server.clock.advance(601)
    const { database } = openStore(store.address)
    onTestFinished(() => database.destroy())
    await purge({ database, clock: server.clock, config: server.sallyport.config })
    expect(await store.query('select * from mailed_sign_in')).toEqual([])
  })
})

describe.each(storeKinds)('on %s, a mailed link', (kind) => {
  const started = (options = {}) => startWithMailedSignIn(kind, options)

  test('says which sign-in it confirms, uses nothing up, and signs in any browser, once', async () => {
    const { id, email, ask, newest, enter, describe: show, confirm, server } = await started()
    const firefox = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0' }
    const asked = { email, transport: 'bearer' }
    const answer = await server.post(paths.requestSignInMail, asked, firefox)
    const { mailedSignIn: handle } = (await answer.json()) as { mailedSignIn: string }
    const { code, token } = await newest()
    const requestedAt = server.clock()
    server.clock.advance(30)
    const shown = { email, requestedAt, device: 'Firefox on Windows' }
    for (let scan = 0; scan < 20; scan += 1)
      expect(await (await show(token)).json()).toEqual({ ...shown, sameBrowser: false })
    expect(await (await show(token, handle)).json()).toEqual({ ...shown, sameBrowser: true })
    const other = await ask()
    expect(await (await show(token, other)).json()).toEqual({ ...shown, sameBrowser: false })
    for (const method of ['GET', 'HEAD'])
      for (const path of [paths.describeMailedSignIn, paths.confirmMailedSignIn])
        expect((await server.fetch(`${path}?token=${token}`, { method })).status).toBe(405)
    const { accessToken } = await requireTokens(await confirm(token))
    expect(claimsOf(accessToken)).toMatchObject({ sub: id, amr: ['otp'] })
    for (const use of [show(token), confirm(token)]) expect(await said(use)).toBe('link_invalid')
    expect(await said(enter(code, handle))).toBe(expired)
  })

  test('ends when the code is used', async () => {
    const { ask, newest, enter, confirm } = await started()
    const handle = await ask()
    const { code, token } = await newest()
    expect((await enter(code, handle)).status).toBe(200)
    expect(await said(confirm(token))).toBe('link_invalid')
  })

  test.each([
    ['the password is changed', 'changePassword'],
    ['the password is reset', 'reset'],
    ['all sessions end', 'signOutEverywhere'],
    ['the account is disabled', 'disable'],
    ['the account is enabled again', 'enable'],
    ['the deletion of the account is requested', 'delete'],
    ['the address is changed', 'move'],
    ['an operator ends all sessions', 'restore'],
  ])('ends when %s, and so does the code', async (_, event) => {
    const { id, email, ask, newest, enter, confirm, describe: show, server, mails } = await started()
    const { accessToken } = await server.signIn()
    const handle = await ask()
    const { code, token } = await newest()
    const own = bearer(accessToken)
    const mailed = async (page: string) =>
      (await mails()).map(({ text }) => text.match(`${page}#token=([\\w-]{43})`)?.[1]).find(Boolean)
    const events: Record<string, () => Promise<unknown>> = {
      changePassword: () =>
        server.post(
          paths.changePassword,
          { currentPassword: password, newPassword: `another one${id}` },
          own,
        ),
      async reset() {
        await server.post(paths.forgotPassword, { email })
        await server.post(paths.resetPassword, {
          token: await mailed('/reset'),
          newPassword: `a new one${id}`,
        })
      },
      signOutEverywhere: () => server.fetch(paths.endSessions, { method: 'DELETE', headers: own }),
      disable: () => server.sallyport.operator.users.disable(id),
      async enable() {
        await server.sallyport.operator.users.disable(id)
        await server.sallyport.operator.users.enable(id)
      },
      delete: () =>
        server.fetch(paths.deleteAccount, {
          method: 'DELETE',
          headers: { ...own, 'content-type': 'application/json' },
          body: JSON.stringify({ password }),
        }),
      async move() {
        await server.post(paths.changeAddress, { newEmail: 'new@example.com', password }, own)
        await server.post(paths.confirmAddress, { token: await mailed('/verify-new-address') }, own)
      },
      restore: () => server.sallyport.operator.sessions.revokeAll(id),
    }
    await events[event]?.()
    expect(await said(show(token))).toBe('link_invalid')
    expect(await said(confirm(token))).toBe('link_invalid')
    expect(await said(enter(code, handle))).toBe(expired)
  })
})

describe.each(storeKinds)('on %s, the request for a mail', (kind) => {
  const started = (options = {}) => startWithMailedSignIn(kind, options)

  test('gets the same response for every address, and mails only to accounts', async () => {
    const { id, server, email, mails, enter, store } = await started()
    await server.addUser('disabled@example.com')
    await store.query(`update "user" set "disabledAt" = 1 where email = 'disabled@example.com'`)
    const addresses = [email, 'nobody@example.com', 'disabled@example.com', 'not an address']
    const forms: unknown[] = []
    for (const address of addresses) {
      const answer = await server.post(paths.requestSignInMail, { email: address, transport: 'bearer' })
      const body = (await answer.json()) as { mailedSignIn: string }
      const outcomes: unknown[] = []
      for (let count = 0; count < 6; count += 1) {
        const entered = await enter('000000', body.mailedSignIn)
        outcomes.push([entered.status, await entered.json()])
      }
      const headers = [...answer.headers].filter(([name]) => !/request|limit/.test(name))
      forms.push(
        JSON.parse(
          JSON.stringify([answer.status, headers, body, outcomes])
            .replaceAll(body.mailedSignIn, 'handle')
            .replaceAll(/"requestId":"[^"]+"/g, '"requestId":""'),
        ),
      )
    }
    expect(new Set(forms.map((form) => JSON.stringify(form))).size).toBe(1)
    expect((await mails()).map(({ to }) => to)).toEqual([email])
    expect(await store.query(`select "userId" from mailed_sign_in`)).toHaveLength(4)
    const events = await store.query(
      `select "userId", actor, result from audit_event where action = 'sign_in_mail_asked' order by id`,
    )
    expect(events.map(({ userId }) => userId).filter(Boolean)).toEqual([id])
    expect(events).toHaveLength(4)
  })

  test('five in an hour to one address, also from many networks', async () => {
    const { ask, server, email } = await started()
    for (let count = 0; count < 5; count += 1) await ask()
    expect((await server.post(paths.requestSignInMail, { email, transport: 'bearer' })).status).toBe(429)
    server.clock.advance(3_601)
    await ask()
  })

  test('sends the verification mail again if a sign-up waits for it, without a code', async () => {
    const { server, mails, enter, store } = await started()
    const email = 'grace@example.com'
    await server.post(paths.signUp, { email, password, name: 'Grace', transport: 'bearer' })
    server.clock.now += 1
    const answer = await server.post(paths.requestSignInMail, { email, transport: 'bearer' })
    const { mailedSignIn } = (await answer.json()) as { mailedSignIn: string }
    const [newest] = await mails()
    expect(newest).toMatchObject({ to: email, text: expect.stringMatching(/\/verify#token=/) })
    expect(newest?.text).not.toMatch(/^\d{6}$/m)
    expect(await said(enter('000000', mailedSignIn))).toBe('invalid_request')
    expect(await store.query(`select * from "user" where email = '${email}'`)).toEqual([])
    const token = /\/verify#token=([\w-]{43})/.exec(newest?.text ?? '')?.[1]
    expect((await server.post(paths.verifyAddress, { token, password, transport: 'bearer' })).status).toBe(
      200,
    )
  })

  test('stores neither the code nor the secrets', async () => {
    const { ask, newest, store } = await started()
    const handle = await ask()
    const { code, token } = await newest()
    const stored = JSON.stringify([
      await store.query('select * from mailed_sign_in'),
      await store.query('select * from mail'),
      await store.query('select * from audit_event'),
    ])
    for (const secret of [handle, token, `"${code}"`]) expect(stored).not.toContain(secret)
    expect(await store.query('select "codeMac" from mailed_sign_in')).toMatchObject([
      { codeMac: expect.stringMatching(/^[\w-]{43}$/) },
    ])
  })
})

// The counts of the database are tested in services/throttles.test.ts, so one database is enough for these four hundred requests.
test('strangers can use up the mails of an address, but not those of a known browser of its owner', async () => {
  const { server, email, mails } = await startWithMailedSignIn('SQLite')
  const front = { [headerNames.frontendCredential]: frontendSecret }
  const signedIn = await server.post(paths.signIn, { email, password, transport: 'bearer' }, front)
  const known = { ...front, [headerNames.device]: signedIn.headers.get(headerNames.device) ?? '' }
  const ask = async (headers: Record<string, string>) =>
    (await server.post(paths.requestSignInMail, { email, transport: 'bearer' }, headers)).status
  const strange = { ...front, [headerNames.device]: 'a-browser-that-nobody-knows-0000' }
  for (let count = 0; count < 5; count++) expect(await ask(strange)).toBe(202)
  for (const headers of [front, strange]) expect(await ask(headers)).toBe(429)
  for (let count = 0; count < 5; count++) expect(await ask(known)).toBe(202)
  expect(await ask(known)).toBe(429)
  expect((await mails()).filter(({ to, text }) => to === email && /^\d{6}$/m.test(text))).toHaveLength(10)
  server.clock.advance(3600)
  expect(await ask(front)).toBe(202)
})

describe('wrong codes for one account', () => {
  test('are limited over all mails, and neither the link nor a known browser is', async () => {
    const { server, ask, newest, enter, confirm, email } = await startWithMailedSignIn('SQLite', {
      throttleScale: 1_000,
    })
    const front = { [headerNames.frontendCredential]: frontendSecret }
    const signedIn = await server.post(paths.signIn, { email, password, transport: 'bearer' }, front)
    const device = signedIn.headers.get(headerNames.device) ?? ''
    for (let count = 0; count < 100; count += 1) {
      // Longer than the longest wait between two tries.
      server.clock.advance(16 * 60)
      const handle = await ask()
      expect((await enter(otherThan((await newest()).code), handle)).status).toBe(400)
    }
    server.clock.advance(16 * 60)
    const handle = await ask()
    const { code } = await newest()
    const refused = await enter(code, handle)
    expect([refused.status, await refused.json()]).toMatchObject([
      429,
      { detail: expect.stringContaining('Use the link in the mail') },
    ])
    // The link is not limited, and resets the count of other browsers.
    expect((await confirm((await newest()).token)).status).toBe(200)
    expect((await enter('000000', await ask())).status).toBe(400)
    for (let count = 1; count < 100; count += 1) {
      server.clock.advance(16 * 60)
      const next = await ask()
      expect((await enter(otherThan((await newest()).code), next)).status).toBe(400)
    }
    server.clock.advance(16 * 60)
    const last = await ask()
    expect((await enter((await newest()).code, last)).status).toBe(429)
    const known = { ...front, [headerNames.device]: device }
    const body = { code: (await newest()).code, mailedSignIn: last, transport: 'bearer' }
    expect((await server.post(paths.signInWithMailedCode, body, known)).status).toBe(200)
    // A sign-in resets the count.
    expect((await enter('000000', await ask())).status).toBe(400)
  })
})

describe.each(storeKinds)('on %s, the first proof of an address', (kind) => {
  const email = 'cfo@customer.example'

  /** Mallory has signed up with the address of the CFO. She knows the password, has a session and a link. */
  async function preHijacked() {
    const world = await startWithMailedSignIn(kind, { emailVerification: 'off' })
    const { server } = world
    const mallory = { email, password, name: 'Mallory', transport: 'bearer' }
    const tokens = await requireTokens(await server.post(paths.signUp, mallory))
    await server.post(paths.forgotPassword, { email })
    const reset = (await world.mails()).map(({ text }) => /\/reset#token=([\w-]{43})/.exec(text)?.[1])
    return { ...world, tokens, reset: reset.find(Boolean) ?? '' }
  }

  test.each(['code', 'link'])('by %s ends what stood on it before', async (way) => {
    const { server, ask, newest, enter, confirm, tokens, reset, mails, store } = await preHijacked()
    const earlier = await ask(email)
    const older = await newest(email)
    const handle = await ask(email)
    const { code, token } = await newest(email)
    const answer = way === 'code' ? await enter(code, handle) : await confirm(token)
    const own = await requireTokens(answer)
    expect(await (await server.session(own.accessToken)).json()).toMatchObject({
      user: { email, emailVerified: true },
    })
    expect((await server.refresh(tokens.refreshToken)).status).toBe(401)
    expect((await server.post(paths.signIn, { email, password, transport: 'bearer' })).status).toBe(401)
    expect(
      await said(server.post(paths.resetPassword, { token: reset, newPassword: 'a better one now' })),
    ).toBe('link_invalid')
    expect(await said(confirm(older.token))).toBe('link_invalid')
    expect(await said(enter(older.code, earlier))).toBe(expired)
    const told = (await mails()).filter(({ subject }) => subject.includes('password was removed'))
    expect(told).toMatchObject([{ to: email }])
    expect(told[0]?.text).not.toContain('Mallory')
    const events = await store.query(`select details from audit_event where action = 'address_verified'`)
    expect(events).toEqual([{ details: '{"removed":"earlier access"}' }])
    expect(await store.query('select * from known_device')).toHaveLength(1)
    // The owner sets a password of their own.
    server.clock.now += 1
    await server.post(paths.forgotPassword, { email })
    const link = (await mails()).map(({ text }) => /\/reset#token=([\w-]{43})/.exec(text)?.[1]).find(Boolean)
    const newPassword = 'a better one than before'
    expect((await server.post(paths.resetPassword, { token: link, newPassword })).status).toBe(204)
    const again = { email, password: newPassword, transport: 'bearer' }
    expect((await server.post(paths.signIn, again)).status).toBe(200)
  })

  test('fifty at once: one session, verified once', async () => {
    const { ask, newest, enter, confirm, store } = await preHijacked()
    const handle = await ask(email)
    const { code, token } = await newest(email)
    const uses = Array.from({ length: 50 }, (_, at) => (at % 2 ? confirm(token) : enter(code, handle)))
    const statuses = (await Promise.all(uses)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(await store.query('select id from session where "endedAt" is null')).toHaveLength(1)
    expect(await store.query(`select id from audit_event where action = 'address_verified'`)).toHaveLength(1)
  })

  test('a verified account keeps its password and its sessions', async () => {
    const { server, ask, newest, enter, mails } = await startWithMailedSignIn(kind)
    const before = await server.signIn()
    const handle = await ask()
    expect((await enter((await newest()).code, handle)).status).toBe(200)
    expect((await server.refresh(before.refreshToken)).status).toBe(200)
    await server.signIn()
    expect((await mails()).filter(({ subject }) => subject.includes('removed'))).toEqual([])
  })
})

describe.each(storeKinds)('on %s, a second factor', (kind) => {
  test.each(['code', 'link'])('is asked for after the %s, which is used up then', async (way) => {
    const { id, store, ask, newest, enter, confirm, sessions } = await startWithMailedSignIn(kind)
    await store.query(
      `insert into totp (id, "userId", name, "sealedSecret", "createdAt", "confirmedAt", "lastStep") values ('one', '${id}', 'Phone', '', 1, 1, -1)`,
    )
    const handle = await ask()
    const { code, token } = await newest()
    const use = () => (way === 'code' ? enter(code, handle) : confirm(token))
    const answer = await use()
    expect([answer.status, await answer.json()]).toMatchObject([
      202,
      { status: 'second_factor_required', factors: ['totp'], pendingSignIn: expect.any(String) },
    ])
    expect(await sessions()).toEqual([])
    expect(await store.query('select methods from pending_sign_in')).toEqual([{ methods: '["otp"]' }])
    expect((await use()).status).toBe(400)
  })

  test('of somebody who signed up with the address of another person does not lock the owner out [M11]', async () => {
    const { id, store, ask, newest, confirm } = await startWithMailedSignIn(kind)
    await store.query(
      `insert into totp (id, "userId", name, "sealedSecret", "createdAt", "confirmedAt", "lastStep") values ('one', '${id}', 'Phone', '', 1, 1, -1)`,
    )
    await store.query(`insert into recovery_code values ('hash', '${id}', 1)`)
    await store.query(`insert into factor_removal values ('${id}', null, 'x', 1, 9000000000000)`)
    await store.query(`update "user" set "emailVerifiedAt" = null`)
    await ask()
    expect((await confirm((await newest()).token)).status).toBe(200)
    for (const table of ['totp', 'recovery_code', 'factor_removal'])
      expect([table, await store.query(`select "userId" from ${table}`)]).toEqual([table, []])
    expect(
      await store.query(`select "userId", details from audit_event where action = 'second_factor_removed'`),
    ).toEqual([{ userId: id, details: '{"kind":"totp","removed":1,"reason":"address was not verified"}' }])
    expect(await store.query(`select recipient from mail where template = 'password_removed'`)).toHaveLength(
      1,
    )
  })

  test('a policy that requires one asks for its setup', async () => {
    const { ask, newest, confirm } = await startWithMailedSignIn(kind, { secondFactor: 'required' })
    await ask()
    const answer = await confirm((await newest()).token)
    expect(await answer.json()).toMatchObject({ status: 'second_factor_setup_required' })
  })
})
