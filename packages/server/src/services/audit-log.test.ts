import { randomBytes } from 'node:crypto'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { bearer, claimsOf, password, requireTokens, startSallyport } from '../testing/sallyport.ts'
import { freshStore, storeKinds } from '../testing/stores.ts'
import { newId } from '../tokens/id.ts'

const newPassword = 'quite another way to enter'

type Event = {
  action: string
  result: string
  actor: string | null
  userId: string | null
  sessionId: string | null
  address: string | null
  requestId: string | null
  details: string | null
}

describe.each(storeKinds)('the audit log on %s', (kind) => {
  async function started() {
    const store = await freshStore(kind)
    const server = await startSallyport({
      ...store.options,
      developmentInbox: true,
      productName: 'Ledgerline',
    })
    const user = await server.addUser()
    const events = () => store.query<Event>('select * from audit_event order by id')
    const ask = (method: string, path: string, accessToken: string, body?: unknown) =>
      server.fetch(path, {
        method,
        headers: {
          'content-type': 'application/json',
          'x-request-id': 'request-12345678',
          ...bearer(accessToken),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    const subjects = async () => {
      const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { subject: string }[] }
      return mails.map(({ subject }) => subject)
    }
    return { server, store, user, events, ask, subjects }
  }

  test('holds every action of a user on their account, with session and request [ASVS 16.3.1, 16.3.2]', async () => {
    const { server, user, events, ask } = await started()
    const { accessToken } = await server.signIn()
    const second = await server.signIn()
    const third = await server.signIn()
    await ask('PATCH', paths.readProfile, accessToken, { name: 'Ada L.' })
    const { sessions } = (await (await ask('GET', paths.listSessions, accessToken)).json()) as {
      sessions: { id: string; current: boolean }[]
    }
    const own = sessions.find(({ current }) => current)?.id ?? ''
    await server.post(paths.signOut, { refreshToken: second.refreshToken })
    // A repeated sign-out is not recorded.
    await server.post(paths.signOut, { refreshToken: second.refreshToken })
    const other = sessions.filter(({ id }) => id !== own)
    for (const { id } of other) await ask('DELETE', `${paths.listSessions}/${id}`, accessToken)
    await ask('POST', paths.changePassword, accessToken, { currentPassword: password, newPassword })
    const rest = (await events()).filter(({ action }) => action !== 'sign_up')
    expect(rest.map(({ action, result }) => [action, result].join(' ')).sort()).toEqual(
      [
        'sign_in success',
        'sign_in success',
        'sign_in success',
        'profile_change success',
        'sign_out success',
        'session_ended success',
        'password_change success',
      ].sort(),
    )
    for (const { userId, actor } of rest) expect([userId, actor]).toEqual([user.id, user.id])
    for (const { action, sessionId, requestId } of rest) {
      expect(sessionId).not.toBeNull()
      expect(requestId).not.toBeNull()
      if (action === 'profile_change') expect([sessionId, requestId]).toEqual([own, 'request-12345678'])
    }
    expect(third.accessToken).toBeTruthy()
  })

  test('holds wrong passwords, for known and unknown addresses [ASVS 16.3.1]', async () => {
    const { server, user, events } = await started()
    for (const email of ['ada@example.com', 'nobody@example.com']) {
      // Events of the same millisecond have no order.
      server.clock.advance(1)
      const attempt = { email, password: 'a guess at it', transport: 'bearer' }
      expect((await server.post(paths.signIn, attempt)).status).toBe(401)
    }
    const refused = (await events()).filter(({ result }) => result === 'refused')
    expect(refused).toMatchObject([
      { action: 'sign_in', actor: null, userId: user.id },
      { action: 'sign_in', actor: null, userId: null },
    ])
    for (const { requestId } of refused) expect(requestId).not.toBeNull()
  })

  test('names in each event the account, the actor and the session [ASVS 16.3.1]', async () => {
    const store = await freshStore(kind)
    const server = await startSallyport({
      ...store.options,
      developmentInbox: true,
      emailVerification: 'permissions',
      verifiedPermissions: 'invoice:read',
    })
    const [email, newEmail, unknown] = ['ada@example.com', 'ada@new.example.com', 'nobody@example.com']
    const sessions: string[] = []
    const opened = async (answer: Promise<Response>) => {
      const { accessToken, refreshToken } = await requireTokens(await answer)
      sessions.push(String(claimsOf(accessToken).sid))
      return { headers: bearer(accessToken), refreshToken }
    }
    const post = (path: string, body: object, headers = {}) => {
      server.clock.advance(1)
      return server.post(path, body, headers)
    }
    const done = async (path: string, body: object, headers = {}) =>
      expect((await post(path, body, headers)).ok, path).toBe(true)
    const token = async () => {
      const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { text: string }[] }
      const withLink = mails.find(({ text }) => text.includes('#token='))
      return /#token=([\w-]+)/.exec(withLink?.text ?? '')?.[1]
    }
    const signIn = (secret: string) =>
      post(paths.signIn, { email: newEmail, password: secret, transport: 'bearer' })
    const { headers: before, refreshToken } = await opened(
      post(paths.signUp, { email, password, name: 'Ada', transport: 'bearer' }),
    )
    for (const address of [email, unknown]) await done(paths.resendVerification, { email: address })
    await done(paths.verifyAddress, { token: await token(), transport: 'bearer' }, before)
    const first = bearer((await requireTokens(await server.refresh(refreshToken))).accessToken)
    for (const address of [email, unknown]) await done(paths.forgotPassword, { email: address })
    await done(paths.reauthenticate, { password }, first)
    await done(paths.changeAddress, { newEmail, password }, first)
    await done(paths.confirmAddress, { token: await token() }, first)
    await done(paths.forgotPassword, { email: newEmail })
    await done(paths.resetPassword, { token: await token(), newPassword })
    const { headers: second } = await opened(signIn(newPassword))
    server.clock.advance(1)
    const deletion = { method: 'DELETE', body: JSON.stringify({ password: newPassword }) }
    await server.fetch(paths.readProfile, {
      ...deletion,
      headers: { 'content-type': 'application/json', ...second },
    })
    await opened(signIn(newPassword))
    const user = await server.sallyport.operator.users.find(newEmail)
    server.clock.advance(1)
    await server.sallyport.operator.users.disable(user?.id ?? '')
    // The right password of a disabled user.
    expect((await signIn(newPassword)).status).toBe(401)
    const nameOf = (id: string | null) => (id === user?.id ? 'Ada' : id)
    const lines = (await store.query<Event>('select * from audit_event order by at, action')).map(
      ({ action, result, userId, actor, sessionId }) =>
        [
          [action, result, nameOf(userId), nameOf(actor)].join(' '),
          sessionId === null ? null : sessions.indexOf(sessionId),
        ] as const,
    )
    expect(lines).toEqual([
      ['sign_in success Ada Ada', 0],
      ['sign_up success Ada Ada', null],
      ['address_verification_asked success Ada ', null],
      ['address_verification_asked success  ', null],
      ['address_verified success Ada Ada', null],
      ['password_reset_asked success Ada ', null],
      ['password_reset_asked success  ', null],
      ['reauthentication success Ada Ada', 0],
      ['address_change_asked success Ada Ada', 0],
      ['address_change success Ada Ada', null],
      ['password_reset_asked success Ada ', null],
      ['password_reset success Ada Ada', null],
      ['sign_in success Ada Ada', 1],
      ['account_deletion_asked success Ada Ada', 1],
      ['account_kept success Ada Ada', 2],
      ['sign_in success Ada Ada', 2],
      ['user_disabled success Ada operator', null],
      ['sign_in refused Ada ', null],
    ])
  })

  test('holds the actions of operators, with `operator` as actor', async () => {
    const { server, user, events } = await started()
    const { operator } = server.sallyport
    await server.signIn()
    const [session] = await operator.sessions.list(user.id)
    await operator.sessions.revoke(session?.id ?? '')
    await operator.sessions.revoke(session?.id ?? '')
    await operator.sessions.revokeAll(user.id)
    await operator.users.setRoles(user.id, ['admin', 'member'])
    await operator.users.disable(user.id)
    await operator.users.enable(user.id)
    await operator.users.unlock(user.id)
    await operator.keys.rotate()
    const [key] = operator.keys.list()
    await operator.keys.revoke(key?.kid ?? '')
    await operator.keys.revoke(key?.kid ?? '')
    const done = (await events()).filter(({ actor }) => actor === 'operator')
    expect(done.map(({ action }) => action).sort()).toEqual(
      [
        'sign_up',
        'session_ended',
        'sessions_ended',
        'roles_change',
        'user_disabled',
        'user_enabled',
        'user_unlocked',
        'keys_rotated',
        'key_revoked',
      ].sort(),
    )
    expect(done.find(({ action }) => action === 'roles_change')?.details).toBe('{"roles":"admin,member"}')
    expect(done.find(({ action }) => action === 'key_revoked')?.details).toContain(key?.kid)
  })

  test('a reused token and a changed password are mailed to the user once [ASVS 6.3.7]', async () => {
    const { server, events, ask, subjects } = await started()
    const { refreshToken } = await server.signIn()
    let token = refreshToken
    for (let round = 0; round < 3; round++) {
      server.clock.advance(60)
      token = ((await (await server.refresh(token)).json()) as { refreshToken: string }).refreshToken
    }
    expect((await server.refresh(refreshToken)).status).toBe(401)
    expect((await server.refresh(refreshToken)).status).toBe(401)
    expect(await subjects()).toEqual(['We have ended a session of your Ledgerline account'])
    const reuse = (await events()).filter(({ action }) => action === 'refresh_reuse')
    expect(reuse).toMatchObject([{ result: 'refused', actor: null }])
    server.clock.advance(1)
    const { accessToken } = await server.signIn()
    await ask('POST', paths.changePassword, accessToken, { currentPassword: password, newPassword })
    expect(await subjects()).toContain('Your Ledgerline password was changed')
  })

  test('an action fails if its event cannot be written [ASVS 16.5.3]', async () => {
    const { server, store, ask, user } = await started()
    const { accessToken, refreshToken } = await server.signIn()
    await store.query('alter table audit_event rename to audit_event_away')
    expect((await ask('PATCH', paths.readProfile, accessToken, { name: 'Eve' })).status).toBe(500)
    expect((await server.post(paths.signOut, { refreshToken })).status).toBe(500)
    expect(
      (await ask('POST', paths.changePassword, accessToken, { currentPassword: password, newPassword }))
        .status,
    ).toBe(500)
    await expect(server.sallyport.operator.users.setRoles(user.id, ['admin'])).rejects.toThrow()
    await store.query('alter table audit_event_away rename to audit_event')
    expect((await server.session(accessToken)).status).toBe(200)
    const { user: now } = (await (await server.session(accessToken)).json()) as {
      user: { name: string; roles: string[] }
    }
    expect(now).toMatchObject({ name: 'Ada', roles: ['member'] })
    await server.signIn()
  })

  test('no session ends while its event, revocation or mail cannot be written [ASVS 16.3.1]', async () => {
    const { server, store } = await started()
    const endings = [
      ['signing out', '', ['audit_event', 'revocation']],
      // Then a reused token, and one that is newer than the store.
      ['reuse', 'generation = 2, "parentBranch" = 0', ['audit_event', 'revocation', 'mail']],
      ['restored', 'generation = -1', ['audit_event', 'revocation']],
    ] as const
    for (const [how, change, tables] of endings) {
      const { accessToken, refreshToken } = await server.signIn()
      if (change) await store.query(`update session set ${change} where "endedAt" is null`)
      const end = () =>
        how === 'signing out' ? server.post(paths.signOut, { refreshToken }) : server.refresh(refreshToken)
      for (const table of tables) {
        await store.query(`alter table ${table} rename to away`)
        expect((await end()).status, `${how} without ${table}`).toBe(500)
        await store.query(`alter table away rename to ${table}`)
        expect((await server.session(accessToken)).status, `${how} without ${table}`).toBe(200)
      }
      await end()
      expect((await server.session(accessToken)).status, how).toBe(401)
    }
  })

  test.each([0, 500, 501, 1_000])('reads each of %d events once, oldest first', async (count) => {
    const { server, store, user } = await started()
    await store.query('delete from audit_event')
    const first = server.clock()
    const lines = Array.from({ length: count }, (_, at) => {
      const [userId, action] = [at % 2 === 0 ? user.id : 'another', at % 3 === 0 ? 'sign_in' : 'sign_out']
      return `('${newId(first + at, randomBytes)}', ${first + at}, '${action}', 'success', '${userId}')`
    })
    while (lines.length > 0)
      await store.query(
        `insert into audit_event (id, at, action, result, "userId") values ${lines.splice(0, 500)}`,
      )
    const { audit } = server.sallyport.operator
    const read = async (filter?: Parameters<typeof audit.read>[0]) => {
      const places: number[] = []
      for await (const { at } of audit.read(filter)) places.push(at - first)
      return places
    }
    const all = Array.from({ length: count }, (_, at) => at)
    expect(await read()).toEqual(all)
    expect(await read({ since: first + 3, until: first + 7 })).toEqual(all.slice(3, 7))
    expect(await read({ userId: user.id })).toEqual(all.filter((at) => at % 2 === 0))
    expect(await read({ action: 'sign_in', until: first + 600 })).toEqual(
      all.slice(0, 600).filter((at) => at % 3 === 0),
    )
    const latest = async (filter?: { userId: string }) =>
      (await audit.latest(3, filter)).map(({ at }) => at - first)
    expect(await latest()).toEqual(all.slice(-3))
    expect(await latest({ userId: 'another' })).toEqual(all.filter((at) => at % 2 === 1).slice(-3))
  })
})
