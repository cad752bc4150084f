import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test, vi } from 'vitest'
import {
  bearer,
  claimsOf,
  frozenClock,
  password,
  requireTokens,
  startSallyport,
} from '../../testing/sallyport.ts'
import { freshStore, holdRow, type StoreKind, storeKinds } from '../../testing/stores.ts'
import { totpCode, totpStep } from '../../tokens/totp.ts'

type Started = { id: string; secret: string; uri: string; qrCode: string }
type Listed = {
  factors: { id: string; kind: string; name: string; createdAt: number; lastUsedAt: number | null }[]
  recoveryCodesLeft: number
  hasPassword: boolean
  isRequired: boolean
  trustedBrowsers: number
  plannedRemoval: { id: string | null; removeAt: number } | null
}
type Problem = { code: string; acr?: string; maxAgeSeconds?: number; errors?: { field: string }[] }

async function signInOn(kind: StoreKind, options: Parameters<typeof startSallyport>[0] = {}) {
  const store = await freshStore(kind)
  const clock = frozenClock()
  const server = await startSallyport({ ...store.options, developmentInbox: true, ...options }, clock)
  const { id: userId } = await server.addUser()
  let { accessToken, refreshToken } = await server.signIn()
  const other = await server.signIn()
  /** Returns a function that sends a request of the user to this server. */
  const askAt =
    ({ fetch }: Pick<typeof server, 'fetch'>) =>
    (method: string, path: string, body?: unknown, token = accessToken) =>
      fetch(path, {
        method,
        headers: { ...bearer(token), ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
  const ask = askAt(server)
  const code = (secret: string, by = 0) => totpCode(secret, totpStep(clock()) + by)
  const start = async (body: object = {}) => {
    const answer = await ask('POST', paths.startTotp, body)
    expect(answer.status).toBe(200)
    return (await answer.json()) as Started
  }
  const enrol = async () => {
    const { id, secret } = await start()
    const answer = await ask('POST', paths.confirmTotp, { id, code: code(secret) })
    expect(answer.status).toBe(200)
    const { recoveryCodes } = (await answer.json()) as { recoveryCodes: string[] | null }
    // The code of this step was used, so the tests continue with the next one.
    clock.advance(60)
    return { id, secret, recoveryCodes: recoveryCodes ?? [] }
  }
  const refresh = async () => {
    ;({ accessToken, refreshToken } = await requireTokens(await server.refresh(refreshToken)))
    return claimsOf(accessToken)
  }
  const list = async () => (await (await ask('GET', paths.listFactors)).json()) as Listed
  const problemOf = async (answer: Response) => {
    const body = (await answer.json()) as Problem
    return { status: answer.status, ...body }
  }
  const mails = async () => {
    const { mails: all } = (await (await server.get(paths.inbox)).json()) as {
      mails: { to: string; subject: string; text: string }[]
    }
    return all.map(({ to, subject }) => `${to}: ${subject}`)
  }
  const events = async () =>
    (
      await store.query<{ action: string }>(
        `select action from audit_event where "userId" = '${userId}' order by id`,
      )
    ).map(({ action }) => action)
  const signIn = () => server.post(paths.signIn, { email: 'ada@example.com', password, transport: 'bearer' })
  return {
    ...{ store, server, clock, userId, other, ask, askAt, code, start, enrol, refresh, list },
    ...{ problemOf, mails, events, signIn },
  }
}

describe.each(storeKinds)('second factors of a signed-in user, on %s', (kind) => {
  const signedIn = (options: Parameters<typeof startSallyport>[0] = {}) => signInOn(kind, options)

  test('an authenticator app is set up, and the session has two factors then [M05]', async () => {
    const { ask, start, code, refresh, list, mails, events, signIn, server, clock } = await signedIn()
    expect(await list()).toEqual({
      factors: [],
      recoveryCodesLeft: 0,
      hasPassword: true,
      isRequired: false,
      trustedBrowsers: 0,
      plannedRemoval: null,
    })
    expect(await refresh()).toMatchObject({ acr: 'aal1', amr: ['pwd'] })
    const { id, secret, uri, qrCode } = await start({ name: 'Phone' })
    expect(new URL(uri).searchParams.get('secret')).toBe(secret)
    expect(decodeURIComponent(new URL(uri).pathname)).toBe('/Sallyport:ada@example.com')
    expect(qrCode).toMatch(/^<svg /)
    expect((await list()).factors).toEqual([])
    expect((await signIn()).status).toBe(200)
    const refused = await ask('POST', paths.confirmTotp, { id, code: code(secret, 7) })
    expect([refused.status, await refused.json()]).toMatchObject([400, { errors: [{ field: 'code' }] }])
    clock.advance(10)
    const confirmed = await ask('POST', paths.confirmTotp, { id, code: code(secret) })
    const { recoveryCodes } = (await confirmed.json()) as { recoveryCodes: string[] }
    expect(recoveryCodes).toHaveLength(10)
    expect(await list()).toEqual({
      factors: [{ id, kind: 'totp', name: 'Phone', createdAt: expect.any(Number), lastUsedAt: null }],
      recoveryCodesLeft: 10,
      hasPassword: true,
      isRequired: false,
      trustedBrowsers: 0,
      plannedRemoval: null,
    })
    expect(await refresh()).toMatchObject({
      acr: 'aal2',
      amr: ['pwd', 'otp', 'mfa'],
      auth_time: Math.floor(clock() / 1000),
    })
    expect((await signIn()).status).toBe(202)
    expect(await mails()).toContain(
      'ada@example.com: An authenticator app was added to your Sallyport account',
    )
    expect(await events()).toContain('second_factor_added')
    expect(server.logLines.join('')).not.toContain(secret)
  })

  test('every change needs a fresh password if the user has no factor', async () => {
    const { ask, start, code, clock, problemOf, refresh } = await signedIn()
    const { id, secret } = await start()
    clock.advance(601)
    await refresh()
    const refusal = {
      status: 401,
      code: 'insufficient_user_authentication',
      maxAgeSeconds: 600,
    }
    for (const [path, body] of [
      [paths.startTotp, {}],
      [paths.confirmTotp, { id, code: code(secret) }],
    ] as const) {
      const problem = await problemOf(await ask('POST', path, body))
      expect(problem).toMatchObject(refusal)
      expect(problem.acr).toBeUndefined()
    }
    expect((await ask('POST', paths.reauthenticate, { password })).status).toBe(204)
    expect((await ask('POST', paths.confirmTotp, { id, code: code(secret) })).status).toBe(200)
  })

  test('every change needs the factor in a session that has not proved it, and a fresh one in every session [M06]', async () => {
    const { ask, enrol, clock, other, problemOf, code, store, refresh } = await signedIn()
    const { id, secret, recoveryCodes } = await enrol()
    const changes: [method: string, path: string, body?: object][] = [
      ['POST', paths.startTotp, {}],
      ['POST', paths.confirmTotp, { id, code: '123456' }],
      ['PATCH', paths.renameFactor, { id, name: 'Stolen' }],
      ['DELETE', paths.removeFactor, { id }],
      ['POST', paths.makeRecoveryCodes, {}],
      ['POST', paths.changePassword, { currentPassword: password, newPassword: 'open the third door' }],
      ['POST', paths.changeAddress, { newEmail: 'eve@example.com', password }],
      ['DELETE', paths.deleteAccount, { password }],
      ['GET', paths.downloadData],
    ]
    const refusal = {
      status: 401,
      code: 'insufficient_user_authentication',
      acr: 'aal2',
      maxAgeSeconds: 600,
    }
    // The password was entered a minute ago, but the session has not proved the factor.
    for (const [method, path, body] of changes) {
      const answer = await ask(method, path, body, other.accessToken)
      expect(answer.headers.get('www-authenticate')).toContain('acr_values="aal2", max_age="600"')
      expect([path, await problemOf(answer)]).toMatchObject([path, refusal])
    }
    // Reading needs no proof.
    expect((await ask('GET', paths.listFactors, undefined, other.accessToken)).status).toBe(200)
    // The session has proved the factor, but more than ten minutes ago.
    clock.advance(541)
    await refresh()
    for (const [method, path, body] of changes)
      expect([path, await problemOf(await ask(method, path, body))]).toMatchObject([path, refusal])
    expect(await store.query('select name from totp')).toEqual([{ name: 'Authenticator app' }])
    expect((await ask('POST', paths.reauthenticate, { password, code: code(secret) })).status).toBe(204)
    expect((await ask('POST', paths.makeRecoveryCodes, {})).status).toBe(200)
    const fresh = { password, recoveryCode: recoveryCodes[0] }
    // The new codes have replaced the old ones.
    expect((await ask('POST', paths.reauthenticate, fresh)).status).toBe(400)
  })

  test('a user who has a factor confirms with the password and a code, or a recovery code [ASVS 7.5.1]', async () => {
    const { ask, enrol, clock, other, problemOf, code, mails, refresh } = await signedIn()
    const confirm = (body: object, token?: string) => ask('POST', paths.reauthenticate, body, token)
    const fields = async (answer: Response) =>
      (await problemOf(answer)).errors?.map(({ field }) => field).join()
    expect(await fields(await confirm({ password, code: '123456' }))).toBe('code')
    expect(await fields(await confirm({ recoveryCode: 'x' }))).toBe('password,recoveryCode')
    const { secret, recoveryCodes } = await enrol()
    expect(await fields(await confirm({}))).toBe('password')
    expect(await fields(await confirm({ password }))).toBe('code')
    expect(await fields(await confirm({ code: code(secret) }))).toBe('password')
    expect(await fields(await confirm({ password: 'wrong', code: code(secret) }))).toBe('password')
    expect(await fields(await confirm({ password, code: '12345' }))).toBe('code')
    expect(await fields(await confirm({ password, code: code(secret, 9) }))).toBe('code')
    expect(await fields(await confirm({ password, recoveryCode: 'x' }))).toBe('recoveryCode')
    const both = { password, code: code(secret), recoveryCode: recoveryCodes[0] }
    expect(await fields(await confirm(both))).toBe('recoveryCode')
    const [first, second] = code(secret).match(/.{3}/g) ?? []
    expect((await confirm({ password, code: ` ${first} ${second} ` }, other.accessToken)).status).toBe(204)
    expect(await fields(await confirm({ password, code: code(secret) }))).toBe('code')
    expect((await ask('GET', paths.downloadData, undefined, other.accessToken)).status).toBe(200)
    clock.advance(601)
    await refresh()
    const typed = recoveryCodes[4]?.toUpperCase().replaceAll('-', ' ')
    expect((await confirm({ password, recoveryCode: typed })).status).toBe(204)
    expect(await refresh()).toMatchObject({ acr: 'aal2', auth_time: Math.floor(clock() / 1000) })
    expect(await fields(await confirm({ password, recoveryCode: typed }))).toBe('recoveryCode')
    expect((await mails()).filter((mail) => mail.includes('recovery code'))).toEqual([
      'ada@example.com: A recovery code of your Sallyport account was used',
    ])
  })

  test('wrong codes are throttled, and a recovery code still works [ASVS 6.6.3]', async () => {
    const { ask, enrol, code } = await signedIn()
    const { secret, recoveryCodes } = await enrol()
    const confirm = (body: object) => ask('POST', paths.reauthenticate, { password, ...body })
    for (let count = 0; count < 10; count++)
      expect((await confirm({ code: code(secret, 100) })).status).toBe(400)
    const refused = await confirm({ code: code(secret) })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect((await confirm({ recoveryCode: recoveryCodes[0] })).status).toBe(204)
    expect((await confirm({ code: code(secret) })).status).toBe(204)
  })

  test('an operator unlocks a user after wrong codes', async () => {
    const { ask, enrol, code, server, userId } = await signedIn()
    const { secret } = await enrol()
    const confirm = (typed: string) => ask('POST', paths.reauthenticate, { password, code: typed })
    for (let count = 0; count < 10; count++) await confirm(code(secret, 100))
    expect((await confirm(code(secret))).status).toBe(429)
    await server.sallyport.operator.users.unlock(userId)
    expect((await confirm(code(secret))).status).toBe(204)
  })

  test('a factor is renamed and removed: no browser is trusted then, and the recovery codes go with the last one', async () => {
    const { ask, enrol, list, mails, events, signIn, store, userId } = await signedIn()
    const first = await enrol()
    const second = await enrol()
    expect((await ask('PATCH', paths.renameFactor, { id: second.id, name: ' Tablet ' })).status).toBe(204)
    expect((await list()).factors.map(({ name }) => name)).toEqual(['Authenticator app', 'Tablet'])
    for (const [method, body] of [
      ['PATCH', { id: 'unknown', name: 'x' }],
      ['DELETE', { id: 'unknown' }],
    ] as const)
      expect((await ask(method, paths.removeFactor, body)).status).toBe(404)
    await store.query(
      `insert into known_device ("userId", hash, "createdAt", "seenAt", "trustedUntil") values ('${userId}', 'h', 0, 0, 9000000000000)`,
    )
    expect((await ask('DELETE', paths.removeFactor, { id: first.id })).status).toBe(204)
    expect(await list()).toMatchObject({ recoveryCodesLeft: 10, trustedBrowsers: 0 })
    expect((await ask('DELETE', paths.removeFactor, { id: first.id })).status).toBe(404)
    expect((await ask('DELETE', paths.removeFactor, { id: second.id })).status).toBe(204)
    expect(await list()).toMatchObject({ factors: [], recoveryCodesLeft: 0 })
    expect((await signIn()).status).toBe(200)
    expect((await mails()).filter((mail) => mail.includes('removed'))).toHaveLength(2)
    expect((await events()).filter((action) => /renamed|removed/.test(action)).sort()).toEqual([
      'second_factor_removed',
      'second_factor_removed',
      'second_factor_renamed',
    ])
    const none = await ask('POST', paths.makeRecoveryCodes, {})
    expect([none.status, await none.json()]).toMatchObject([409, { code: 'no_second_factor' }])
  })

  test('the factors of another user cannot be renamed, removed or confirmed', async () => {
    const { ask, enrol, start, server, store, code } = await signedIn()
    const { id } = await enrol()
    const waiting = await start()
    await server.addUser('bob@example.com')
    const bob = await server.signIn('bob@example.com')
    const asBob = async (method: string, path: string, body: object) =>
      (await ask(method, path, body, bob.accessToken)).status
    expect(await asBob('PATCH', paths.renameFactor, { id, name: 'x' })).toBe(404)
    expect(await asBob('DELETE', paths.removeFactor, { id })).toBe(404)
    const confirm = { id: waiting.id, code: code(waiting.secret) }
    expect(await asBob('POST', paths.confirmTotp, confirm)).toBe(400)
    expect(await store.query('select id from totp')).toHaveLength(2)
  })

  test.each([{ secondFactor: 'required' as const }, { secondFactorRoles: 'member' }])(
    'after a restart with %o, the last factor cannot be removed, also by two requests at once',
    async (settings) => {
      const { enrol, store, clock, askAt } = await signedIn()
      const { id } = await enrol()
      const { id: other } = await enrol()
      const ask = askAt(await startSallyport({ ...store.options, ...settings }, clock))
      const remove = async (which: string) => {
        const answer = await ask('DELETE', paths.removeFactor, { id: which })
        return answer.status === 204 ? 204 : ((await answer.json()) as Problem).code
      }
      expect((await Promise.all([remove(id), remove(other)])).sort()).toEqual([204, 'last_second_factor'])
      const listed = (await (await ask('GET', paths.listFactors)).json()) as Listed
      expect(listed).toMatchObject({ isRequired: true, recoveryCodesLeft: 10 })
      expect(listed.factors).toHaveLength(1)
      expect(await remove(listed.factors[0]?.id ?? '')).toBe('last_second_factor')
    },
  )

  test('with SALLYPORT_SECOND_FACTOR=off, nothing new is set up, but factors are asked for, listed and removed', async () => {
    const { enrol, start, code, store, clock, askAt } = await signedIn()
    const { id, secret } = await enrol()
    const waiting = await start()
    const off = await startSallyport({ ...store.options, secondFactor: 'off' }, clock)
    const ask = askAt(off)
    for (const [path, body] of [
      [paths.startTotp, {}],
      [paths.confirmTotp, { id: waiting.id, code: code(waiting.secret) }],
    ] as const) {
      const refused = await ask('POST', path, body)
      expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'second_factor_off' }])
    }
    const signIn = { email: 'ada@example.com', password, transport: 'bearer' }
    expect((await off.post(paths.signIn, signIn)).status).toBe(202)
    expect(await (await ask('GET', paths.listFactors)).json()).toMatchObject({ factors: [{ id }] })
    expect((await ask('POST', paths.reauthenticate, { password, code: code(secret) })).status).toBe(204)
    expect((await ask('POST', paths.makeRecoveryCodes, {})).status).toBe(200)
    expect((await ask('DELETE', paths.removeFactor, { id })).status).toBe(204)
    expect((await off.post(paths.signIn, signIn)).status).toBe(200)
  })

  test('a password reset by mail neither skips nor removes a factor [M04, M06]', async () => {
    const { server, enrol, store, signIn } = await signedIn()
    await enrol()
    const email = 'ada@example.com'
    await server.post(paths.forgotPassword, { email })
    const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { text: string }[] }
    const token = mails.map(({ text }) => /#token=([\w-]{43})/.exec(text)?.[1]).find(Boolean)
    const newPassword = 'open the third door'
    expect((await server.post(paths.resetPassword, { token, newPassword })).status).toBe(204)
    expect((await signIn()).status).toBe(401)
    const again = await server.post(paths.signIn, { email, password: newPassword, transport: 'bearer' })
    expect([again.status, await again.json()]).toMatchObject([202, { factors: ['totp'] }])
    expect(await store.query('select id from totp')).toHaveLength(1)
    expect(await store.query('select hash from recovery_code')).toHaveLength(10)
  })

  test('the first proof of an address, by a password reset, removes the factor of the person who signed up with it [M11]', async () => {
    const { server, enrol, store } = await signedIn()
    await enrol()
    await store.query('update "user" set "emailVerifiedAt" = null')
    const email = 'ada@example.com'
    await server.post(paths.forgotPassword, { email })
    const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { text: string }[] }
    const token = mails.map(({ text }) => /#token=([\w-]{43})/.exec(text)?.[1]).find(Boolean)
    const newPassword = 'open the third door'
    expect((await server.post(paths.resetPassword, { token, newPassword })).status).toBe(204)
    const signIn = { email, password: newPassword, transport: 'bearer' }
    expect((await server.post(paths.signIn, signIn)).status).toBe(200)
    expect(await store.query('select id from totp')).toEqual([])
    expect(await store.query('select hash from recovery_code')).toEqual([])
  })

  test('the download of the user’s data has the factors without their secrets, and a deletion erases them', async () => {
    const { ask, enrol, store, server, clock } = await signedIn()
    const { secret, recoveryCodes } = await enrol()
    const text = await (await ask('GET', paths.downloadData)).text()
    const data = JSON.parse(text) as Record<string, unknown>
    expect(data).toMatchObject({
      secondFactors: [
        { kind: 'totp', name: 'Authenticator app', createdAt: expect.any(Number), lastUsedAt: null },
      ],
      recoveryCodesLeft: 10,
    })
    expect(text).not.toContain(secret)
    for (const code of recoveryCodes) expect(text).not.toContain(code)
    const [row] = await store.query<{ sealedSecret: string }>('select "sealedSecret" from totp')
    expect(text).not.toContain(row?.sealedSecret)
    expect((await ask('DELETE', paths.deleteAccount, { password })).status).toBe(202)
    clock.advance(14 * 86_400)
    await server.sallyport.upkeep()
    expect(await store.query('select id from totp')).toEqual([])
    expect(await store.query('select hash from recovery_code')).toEqual([])
  })

  test('of twenty first codes at the same time, one is accepted, with one set of recovery codes', async () => {
    const { ask, start, code, store } = await signedIn()
    const { id, secret } = await start()
    const body = { id, code: code(secret) }
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('POST', paths.confirmTotp, body)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await store.query('select hash from recovery_code')).toHaveLength(10)
  })

  test('of twenty confirmations with one code at the same time, one is accepted', async () => {
    const { ask, enrol, code } = await signedIn()
    const { secret, recoveryCodes } = await enrol()
    for (const proof of [{ code: code(secret) }, { recoveryCode: recoveryCodes[0] }]) {
      const body = { password, ...proof }
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => ask('POST', paths.reauthenticate, body)),
      )
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    }
  })

  test('trusted browsers are forgotten, and stay known', async () => {
    const { ask, enrol, list, store, userId, events } = await signedIn()
    await enrol()
    const trust = (hash: string, until: number | null) =>
      store.query(
        `insert into known_device ("userId", hash, "createdAt", "seenAt", "trustedUntil") values ('${userId}', '${hash}', 0, 0, ${until})`,
      )
    await trust('one', 9_000_000_000_000)
    await trust('two', 9_000_000_000_000)
    await trust('expired', 1)
    await trust('never', null)
    expect((await list()).trustedBrowsers).toBe(2)
    expect((await ask('DELETE', paths.forgetTrustedBrowsers)).status).toBe(204)
    expect((await list()).trustedBrowsers).toBe(0)
    expect(
      await store.query(`select hash from known_device where hash in ('one', 'two', 'expired', 'never')`),
    ).toHaveLength(4)
    expect(await events()).toContain('trusted_browsers_forgotten')
  })
})

// SQLite has only one writer at a time, so there the requests cannot overlap.
test('two removals that overlap cannot remove the last two factors, on PostgreSQL', async () => {
  const { enrol, store, clock, askAt } = await signInOn('PostgreSQL')
  const ids = [(await enrol()).id, (await enrol()).id]
  const ask = askAt(await startSallyport({ ...store.options, secondFactor: 'required' }, clock))
  // Both requests are stopped before they can commit.
  const held = await holdRow(store, 'lock table audit_event in share mode')
  const removals = Promise.all(ids.map((id) => ask('DELETE', paths.removeFactor, { id })))
  await vi.waitFor(
    async () => {
      const waiting = await store.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      expect(waiting).toHaveLength(2)
    },
    { timeout: 5_000, interval: 10 },
  )
  await held.commit()
  expect((await removals).map(({ status }) => status).sort()).toEqual([204, 409])
  expect(await store.query('select id from totp')).toHaveLength(1)
})
