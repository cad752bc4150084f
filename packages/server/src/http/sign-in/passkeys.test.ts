import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test, vi } from 'vitest'
import {
  type BearerSession,
  bearer,
  claimsOf,
  origin,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
} from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'
import { Authenticator, type Behaviour } from '../../testing/webauthn-authenticator.ts'

type Options = Record<string, unknown>
const read = async <T = Record<string, unknown>>(answer: Response) => (await answer.json()) as T

/** The calls of a bearer client. */
function clientOf(server: TestServer) {
  const send = (method: string, path: string, { accessToken }: BearerSession, body?: unknown) =>
    server.fetch(path, {
      method,
      headers: { 'content-type': 'application/json', ...bearer(accessToken) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const creationOptions = async (session: BearerSession) =>
    (await read<{ options: Options }>(await send('POST', paths.startPasskey, session))).options
  const add = async (
    session: BearerSession,
    authenticator: Authenticator,
    change?: Parameters<Authenticator['create']>[1],
    name?: string,
  ) => {
    const credential = authenticator.create(await creationOptions(session), change)
    return send('POST', paths.addPasskey, session, { credential, ...(name !== undefined && { name }) })
  }
  const start = async (handle?: string) =>
    read<{ options: Options; handle: string; expiresIn: number }>(
      await server.post(paths.startPasskeySignIn, { transport: 'bearer', handle }),
    )
  const finish = (credential: unknown, handle: string | undefined) =>
    server.post(paths.signInWithPasskey, { credential, handle, transport: 'bearer' })
  const signIn = async (authenticator: Authenticator, change?: Partial<Behaviour> & { type?: string }) => {
    const { options, handle } = await start()
    return finish(authenticator.get(options, change), handle)
  }
  return { send, creationOptions, add, start, finish, signIn }
}

/** A server with a user who has one passkey. */
async function withPasskey(
  options: Parameters<typeof startSallyport>[0] = {},
  authenticator = new Authenticator(),
) {
  const server = await startSallyport(options)
  const { id: userId } = await server.addUser()
  const session = await server.signIn()
  const client = clientOf(server)
  const { id } = await read<{ id: string }>(await client.add(session, authenticator))
  return { server, userId, session, authenticator, id, ...client }
}

const refused = { code: 'passkey_refused', status: 400 }

describe.each(storeKinds)('on %s', (kind) => {
  test('a passkey is added, signs in with two factors, is listed and removed', async () => {
    const store = await freshStore(kind)
    const { server, userId, session, authenticator, id, send, signIn } = await withPasskey(store.options)
    server.clock.advance(60)
    const { accessToken } = await requireTokens(await signIn(authenticator))
    expect(claimsOf(accessToken)).toMatchObject({ sub: userId, amr: ['hwk', 'user', 'mfa'], acr: 'aal2' })
    const listed = await read(await send('GET', paths.listPasskeys, session))
    expect(listed).toEqual({
      passkeys: [
        { id, name: 'Passkey', synced: false, createdAt: expect.any(Number), lastUsedAt: server.clock.now },
      ],
      rpId: 'localhost',
      userHandle: Buffer.from(userId).toString('base64url'),
    })
    const [row] = await store.query(`select * from passkey`)
    expect(row).toMatchObject({ counter: 1, transports: '["internal"]', userVerified: 1, backedUp: 0 })
    expect((await send('DELETE', `${paths.listPasskeys}/${id}`, session)).status).toBe(204)
    expect(await read(await signIn(authenticator))).toMatchObject(refused)
    const events = await store.query(
      `select action, result from audit_event where "sessionId" is not null or result = 'refused'`,
    )
    const actions = events.map(({ action, result }) => `${action} ${result}`).sort()
    expect(actions).toEqual([
      'passkey_added success',
      'passkey_removed success',
      'sign_in refused',
      'sign_in success',
      'sign_in success',
    ])
    const mails = await store.query<{ template: string }>(
      `select template from mail where template like 'passkey%'`,
    )
    expect(mails.map(({ template }) => template).sort()).toEqual(['passkey_added', 'passkey_removed'])
  })

  test('fifty parallel answers to one challenge open one session [W01]', async () => {
    const store = await freshStore(kind)
    const { authenticator, start, finish } = await withPasskey(store.options)
    await store.query('delete from session')
    const { options, handle } = await start()
    const credential = authenticator.get(options)
    const answers = await Promise.all(Array.from({ length: 50 }, () => finish(credential, handle)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(49)
    expect(await store.query('select id from session')).toHaveLength(1)
    expect(await store.query('select hash from webauthn_challenge')).toEqual([])
  })

  test('a passkey and its copy, used at the same time, open one session, and the owner gets a mail [W04]', async () => {
    const store = await freshStore(kind)
    const { authenticator, start, finish } = await withPasskey(store.options)
    const copy = authenticator.clone()
    const tries = await Promise.all([authenticator, copy].map(async (one) => ({ one, ...(await start()) })))
    const answers = await Promise.all(
      tries.map(({ one, options, handle }) => finish(one.get(options), handle)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
    expect(await store.query(`select action from audit_event where action = 'passkey_copied'`)).toHaveLength(
      1,
    )
    expect(await store.query(`select id from mail where template = 'passkey_copied'`)).toHaveLength(1)
  })

  test('parallel requests add twenty passkeys at most', async () => {
    const store = await freshStore(kind)
    const { session, send, creationOptions } = await withPasskey(store.options)
    const authenticator = new Authenticator()
    const credentials = []
    for (let count = 0; count < 22; count++)
      credentials.push(authenticator.create(await creationOptions(session)))
    const answers = await Promise.all(
      credentials.map((credential) => send('POST', paths.addPasskey, session, { credential })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19)
    expect(await store.query('select id from passkey')).toHaveLength(20)
    const full = await send('POST', paths.startPasskey, session)
    expect(await read(full)).toMatchObject({
      code: 'invalid_request',
      errors: [{ message: 'You have 20 passkeys already. Remove one first.' }],
    })
  })

  test('a user without a password keeps the last passkey, also if two are removed at the same time', async () => {
    const store = await freshStore(kind)
    const { session, id, send, add } = await withPasskey(store.options)
    const second = await read<{ id: string }>(await add(session, new Authenticator()))
    // This passkey cannot sign in alone, so it is no way in.
    await add(session, new Authenticator(), { userVerified: false })
    await store.query('delete from credential')
    const remove = (one: string) => send('DELETE', `${paths.listPasskeys}/${one}`, session)
    const answers = await Promise.all([id, second.id].map(remove))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
    expect(await store.query('select id from passkey')).toHaveLength(2)
    const kept = answers[0]?.status === 409 ? id : second.id
    expect(await read(await remove(kept))).toMatchObject({ code: 'last_way_in' })
  })

  test('removing a passkey ends the sign-ins of this user that wait for a second factor', async () => {
    const store = await freshStore(kind)
    const { session, id, send, server } = await withPasskey(store.options)
    await server.addUser('bob@example.com')
    await store.query(
      `insert into pending_sign_in (hash, "userId", methods, version, "createdAt", "expiresAt") select email, id, '[]', 0, 0, 9000000000000 from "user"`,
    )
    expect((await send('DELETE', `${paths.listPasskeys}/${id}`, session)).status).toBe(204)
    expect(await store.query('select hash from pending_sign_in')).toEqual([{ hash: 'bob@example.com' }])
  })

  test('deleting the user deletes the passkeys, and expired challenges are purged', async () => {
    const store = await freshStore(kind)
    const { server, start } = await withPasskey(store.options)
    await start()
    expect(await store.query('select hash from webauthn_challenge')).toHaveLength(1)
    server.clock.advance(601)
    await server.sallyport.upkeep()
    expect(await store.query('select hash from webauthn_challenge')).toEqual([])
    await store.query('delete from "user"')
    expect(await store.query('select id from passkey')).toEqual([])
  })
})

describe('a sign-in with a passkey is refused', () => {
  const changes: [why: string, change: Partial<Behaviour> & { type?: string }][] = [
    ['from another origin', { origin: 'https://evil.example' }],
    ['from another port', { origin: 'http://localhost:3001' }],
    ['for another domain', { rpId: 'evil.example' }],
    ['of the type of a registration', { type: 'webauthn.create' }],
    ['from a frame of another site', { clientData: { crossOrigin: true } }],
    ['from a frame that names the outer page', { clientData: { topOrigin: 'https://evil.example' } }],
    ['without verification of the user', { userVerified: false }],
    ['without presence of the user', { userPresent: false }],
    ['if it can suddenly be backed up', { backupEligible: true }],
    ['with contradictory flags', { backedUp: true }],
  ]
  test.each(changes)('%s [W02]', async (_, change) => {
    const { server, userId, authenticator, signIn } = await withPasskey()
    server.execute('delete from session')
    const answer = await signIn(authenticator, change)
    expect([answer.status, await read(answer)]).toMatchObject([400, refused])
    expect(server.rows('session')).toEqual([])
    expect(server.rows('audit_event').at(-1)).toMatchObject({
      action: 'sign_in',
      result: 'refused',
      userId,
      details: '{"reason":"passkey"}',
    })
    // Its challenge is used up in most cases, but the passkey still works.
    expect((await signIn(authenticator)).status).toBe(200)
  })

  test('with a wrong signature, of another passkey, or with another user handle [W03]', async () => {
    const { server, authenticator, start, finish } = await withPasskey()
    server.execute('delete from session')
    const stranger = new Authenticator()
    stranger.create({ user: { id: 'eA' }, challenge: 'eA' })
    const tampered: ((credential: ReturnType<Authenticator['get']>) => object)[] = [
      ({ response, ...rest }) => ({
        ...rest,
        response: { ...response, signature: `AAAA${response.signature.slice(4)}` },
      }),
      ({ response, ...rest }) => ({ ...rest, response: { ...response, userHandle: 'eA' } }),
      ({ response: { userHandle: _, ...response }, ...rest }) => ({ ...rest, response }),
      ({ response, ...rest }) => ({ ...rest, response: { ...response, userHandle: null } }),
      (credential) => ({ ...credential, rawId: 'eA' }),
      (credential) => ({ ...credential, id: 'eA', rawId: 'eA' }),
    ]
    for (const change of tampered) {
      const { options, handle } = await start()
      const answer = await finish(change(authenticator.get(options)), handle)
      expect([answer.status, await read(answer)]).toMatchObject([400, refused])
    }
    const { options, handle } = await start()
    const unknown = await finish(stranger.get(options), handle)
    const wrong = await finish(authenticator.get(options), handle)
    const { requestId: _, errors, ...first } = await read(unknown)
    const { requestId: __, ...second } = await read(wrong)
    expect([unknown.status, first]).toEqual([wrong.status, second])
    // Only the browser that has the passkey learns that it is unknown, so that it stops offering the passkey.
    expect(errors).toEqual([{ field: 'credential.id', message: expect.stringContaining('not known here') }])
    expect(server.rows('session')).toEqual([])
  })

  test('with a challenge that is unknown, expired, used, of another browser, or for another purpose [W01]', async () => {
    const { server, session, authenticator, send, start, finish } = await withPasskey()
    const first = await start()
    expect((await finish(authenticator.get({ challenge: 'A'.repeat(43) }), first.handle)).status).toBe(400)
    const other = await start()
    expect((await finish(authenticator.get(first.options), other.handle)).status).toBe(400)
    expect((await finish(authenticator.get(first.options), undefined)).status).toBe(400)
    expect((await finish(authenticator.get(first.options), 'not a handle')).status).toBe(400)
    // None of these has used up the challenge of the first browser.
    const credential = authenticator.get(first.options)
    expect((await finish(credential, first.handle)).status).toBe(200)
    expect((await finish(credential, first.handle)).status).toBe(400)
    const confirmation = await read<{ options: Options }>(
      await send('POST', paths.startPasskeyConfirmation, session),
    )
    expect((await finish(authenticator.get(confirmation.options), first.handle)).status).toBe(400)
    const late = await start()
    server.clock.advance(late.expiresIn + 1)
    expect((await finish(authenticator.get(late.options), late.handle)).status).toBe(400)
  })

  test('if its counter has not grown: with an event and a mail, but only if the signature is right [W04]', async () => {
    const { server, authenticator, signIn, start, finish } = await withPasskey()
    const copy = authenticator.clone()
    expect((await signIn(authenticator)).status).toBe(200)
    const copied = () =>
      server.rows<{ action: string }>('audit_event').filter(({ action }) => action === 'passkey_copied')
    const { options, handle } = await start()
    const credential = copy.get(options)
    const forged = { ...credential, response: { ...credential.response, signature: 'AAAA' } }
    expect((await finish(forged, handle)).status).toBe(400)
    expect(copied()).toEqual([])
    const again = copy.clone()
    for (const one of again.credentials) one.counter = 0
    expect(await read(await signIn(again))).toMatchObject(refused)
    expect(copied()).toMatchObject([{ result: 'refused', details: '{"passkey":"Passkey"}' }])
    expect(server.rows<{ template: string }>('mail').map(({ template }) => template)).toContain(
      'passkey_copied',
    )
    expect(server.rows('passkey')).toMatchObject([{ counter: 1 }])
    // A counter that was in use may not disappear.
    copy.counts = false
    for (const one of copy.credentials) one.counter = 0
    expect((await signIn(copy)).status).toBe(400)
    expect(copied()).toHaveLength(2)
    expect((await signIn(authenticator)).status).toBe(200)
  })

  test('if the user is disabled, and by the gate if the address is not verified', async () => {
    const { server, userId, authenticator, signIn } = await withPasskey({
      developmentInbox: true,
      emailVerification: 'sign-in',
    })
    server.execute('update user set "emailVerifiedAt" = null')
    expect(await read(await signIn(authenticator))).toMatchObject({ code: 'address_unverified' })
    server.execute('update user set "emailVerifiedAt" = 1')
    await server.sallyport.operator.users.disable(userId)
    expect(await read(await signIn(authenticator))).toMatchObject(refused)
  })
})

describe('a sign-in with a passkey', () => {
  test('needs no counter, and follows the state of the backup', async () => {
    const synced = new Authenticator({ backupEligible: true, backedUp: true }, { counts: false })
    const { server, authenticator, signIn } = await withPasskey({}, synced)
    expect(server.rows('passkey')).toMatchObject([{ counter: 0, backupEligible: 1, backedUp: 1 }])
    const { accessToken } = await requireTokens(await signIn(authenticator, { backedUp: false }))
    expect(claimsOf(accessToken)).toMatchObject({ amr: ['swk', 'user', 'mfa'], acr: 'aal2' })
    expect(server.rows('passkey')).toMatchObject([{ counter: 0, backedUp: 0 }])
  })

  test('has options that name no account, and a handle for several tabs [W07]', async () => {
    const { authenticator, start, finish } = await withPasskey()
    const tab = await start()
    expect(tab).toEqual({
      options: {
        challenge: expect.stringMatching(/^[\w-]{43}$/),
        rpId: 'localhost',
        userVerification: 'required',
        timeout: 600_000,
      },
      handle: expect.stringMatching(/^[\w-]{43}$/),
      expiresIn: 600,
    })
    const other = await start(tab.handle)
    expect(other.handle).toBe(tab.handle)
    expect(other.options.challenge).not.toBe(tab.options.challenge)
    expect((await finish(authenticator.get(tab.options), tab.handle)).status).toBe(200)
    expect((await finish(authenticator.get(other.options), tab.handle)).status).toBe(200)
    expect((await start('made up')).handle).not.toBe('made up')
  })

  test('keeps its handle in a cookie of the browser, and replaces the session that the browser had', async () => {
    const { server, authenticator } = await withPasskey()
    const browser = server.browser()
    await browser.signIn()
    const live = () =>
      server.rows<{ endedAt: null | number }>('session').filter(({ endedAt }) => endedAt === null)
    const before = live().length
    const started = await browser.post(paths.startPasskeySignIn, {})
    expect(started.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^sallyport_passkey=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Strict$/),
    ])
    const { options, handle } = await read<{ options: Options; handle?: string }>(started)
    expect(handle).toBeUndefined()
    const credential = authenticator.get(options)
    const thief = server.browser()
    expect((await thief.post(paths.signInWithPasskey, { credential })).status).toBe(400)
    const answer = await browser.post(paths.signInWithPasskey, { credential })
    expect([answer.status, Object.keys(await read(answer))]).toEqual([200, ['user', 'expiresIn']])
    expect(live()).toHaveLength(before)
    const inBody = await browser.post(paths.startPasskeySignIn, { handle: 'x' })
    expect(await read(inBody)).toMatchObject({ code: 'invalid_request', errors: [{ field: 'handle' }] })
    const crossSite = await browser.post(paths.startPasskeySignIn, {}, { origin: 'https://evil.example' })
    expect(crossSite.status).toBe(403)
  })

  test('satisfies a policy that requires a second factor', async () => {
    const { server, authenticator } = await withPasskey()
    await server.sallyport.close()
    const strict = await startSallyport({ dataDir: server.dataDir, secondFactor: 'required' })
    expect((await clientOf(strict).signIn(authenticator)).status).toBe(200)
  })

  test('is limited for each network', async () => {
    const { server, start } = await withPasskey({ throttleScale: 0.1 })
    const statuses = []
    for (let count = 0; count < 35; count++)
      statuses.push((await server.post(paths.startPasskeySignIn, { transport: 'bearer' })).status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(30)
    expect(await start()).toMatchObject({ code: 'too_many_requests' })
  })
})

describe('a passkey as the second factor', () => {
  const byPassword = (server: TestServer, email = 'ada@example.com') =>
    server.post(paths.signIn, { email, password, transport: 'bearer' })
  const addTotp = (server: TestServer, userId: string) =>
    server.execute(
      `insert into totp ("id", "userId", "name", "sealedSecret", "createdAt", "confirmedAt", "lastStep") values ('totp-1', '${userId}', 'Phone', 'sealed', 1, 1, -1)`,
    )

  test('is not asked for after the password if the policy is optional and nothing else is set up', async () => {
    const { server } = await withPasskey()
    expect((await byPassword(server)).status).toBe(200)
  })

  test('is offered beside another factor, and finishes the sign-in once', async () => {
    const { server, userId, authenticator } = await withPasskey()
    addTotp(server, userId)
    server.execute('delete from session')
    const held = await byPassword(server)
    const { pendingSignIn, ...pending } = await read<{ pendingSignIn: string }>(held)
    expect([held.status, pending]).toEqual([
      202,
      {
        status: 'second_factor_required',
        factors: ['totp', 'passkey'],
        expiresIn: 600,
        trustedBrowserSeconds: 30 * 86_400,
      },
    ])
    const { options } = await read<{ options: Options }>(
      await server.post(paths.startPasskeySecondFactor, { pendingSignIn }),
    )
    expect(options).toMatchObject({
      userVerification: 'preferred',
      allowCredentials: [
        { id: authenticator.credentials[0]?.id, type: 'public-key', transports: ['internal'] },
      ],
    })
    const credential = authenticator.get(options, { userVerified: false })
    const prove = () =>
      server.post(paths.proveSecondFactorWithPasskey, { credential, pendingSignIn, transport: 'bearer' })
    const answers = await Promise.all([prove(), prove(), prove()])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400])
    const won = answers.find(({ status }) => status === 200) as Response
    expect(claimsOf((await requireTokens(won)).accessToken)).toMatchObject({
      amr: ['pwd', 'hwk', 'user', 'mfa'],
      acr: 'aal2',
    })
    expect(server.rows('session')).toHaveLength(1)
    expect(await read(await prove())).toMatchObject({ code: 'sign_in_expired' })
  })

  test('is required by the policy, and only a passkey of this user is accepted', async () => {
    const { server, authenticator } = await withPasskey()
    await server.addUser('bob@example.com')
    const bob = await server.signIn('bob@example.com')
    const bobs = new Authenticator()
    await clientOf(server).add(bob, bobs)
    await server.sallyport.close()
    const strict = await startSallyport({ dataDir: server.dataDir, secondFactor: 'required' })
    const { pendingSignIn, ...pending } = await read<{ pendingSignIn: string }>(await byPassword(strict))
    expect(pending).toMatchObject({ status: 'second_factor_required', factors: ['passkey'] })
    const prove = async (one: Authenticator) => {
      const started = await strict.post(paths.startPasskeySecondFactor, { pendingSignIn })
      const credential = one.get((await read<{ options: Options }>(started)).options)
      return strict.post(paths.proveSecondFactorWithPasskey, {
        credential,
        pendingSignIn,
        transport: 'bearer',
      })
    }
    expect(await read(await prove(bobs))).toMatchObject(refused)
    expect((await prove(authenticator)).status).toBe(200)
  })

  test('the trust in a browser ends with the removal of a passkey [M09]', async () => {
    const { server, authenticator, id, send, signIn } = await withPasskey({ secondFactorRoles: ['owner'] })
    server.execute(`update "user" set "roles" = '["owner"]'`)
    const browser = server.browser()
    expect((await browser.signIn()).status).toBe(202)
    const started = await browser.post(paths.startPasskeySecondFactor)
    const credential = authenticator.get((await read<{ options: Options }>(started)).options)
    const trusted = await browser.post(paths.proveSecondFactorWithPasskey, { credential, trustBrowser: true })
    expect(trusted.status).toBe(200)
    expect((await browser.signIn()).status).toBe(200)
    const session = await requireTokens(await signIn(authenticator))
    expect((await send('DELETE', `${paths.listPasskeys}/${id}`, session)).status).toBe(204)
    const devices = server.rows<{ trustedUntil: number | null }>('known_device')
    expect(devices.map(({ trustedUntil }) => trustedUntil)).toEqual(devices.map(() => null))
  })

  test('continues a sign-in of a browser by its cookie', async () => {
    const { server, userId, authenticator } = await withPasskey()
    addTotp(server, userId)
    const browser = server.browser()
    expect((await browser.signIn()).status).toBe(202)
    const started = await browser.post(paths.startPasskeySecondFactor)
    const credential = authenticator.get((await read<{ options: Options }>(started)).options)
    const elsewhere = server.browser()
    expect(
      await read(await elsewhere.post(paths.proveSecondFactorWithPasskey, { credential })),
    ).toMatchObject({
      code: 'sign_in_expired',
    })
    const answer = await browser.post(paths.proveSecondFactorWithPasskey, { credential })
    expect([answer.status, browser.jar.has('pendingSignIn'), browser.jar.has('accessToken')]).toEqual([
      200,
      false,
      true,
    ])
  })

  test('needs a sign-in that is under way, and a passkey', async () => {
    const { server, userId, id, session, send } = await withPasskey()
    expect(await read(await server.post(paths.startPasskeySecondFactor, {}))).toMatchObject({
      code: 'sign_in_expired',
    })
    await send('DELETE', `${paths.listPasskeys}/${id}`, session)
    addTotp(server, userId)
    const { pendingSignIn, ...pending } = await read<{ pendingSignIn: string }>(await byPassword(server))
    expect(pending).toMatchObject({ factors: ['totp'] })
    expect(await read(await server.post(paths.startPasskeySecondFactor, { pendingSignIn }))).toMatchObject(
      refused,
    )
  })
})

describe('a confirmation with a passkey', () => {
  const confirmed = async (
    { server, session, send }: Awaited<ReturnType<typeof withPasskey>>,
    authenticator: Authenticator,
    change?: Partial<Behaviour>,
  ) => {
    server.clock.advance(1)
    const started = await send('POST', paths.startPasskeyConfirmation, session)
    const { options } = await read<{ options: Options }>(started)
    expect(options).toMatchObject({
      userVerification: 'required',
      allowCredentials: [{ type: 'public-key' }],
    })
    return send('POST', paths.confirmWithPasskey, session, { credential: authenticator.get(options, change) })
  }

  test('raises the session to two factors, and makes it fresh', async () => {
    const world = await withPasskey()
    const { server, session, authenticator } = world
    server.clock.advance(500)
    expect(claimsOf(session.accessToken)).toMatchObject({ amr: ['pwd'], acr: 'aal1' })
    expect((await confirmed(world, authenticator)).status).toBe(204)
    const { accessToken } = await requireTokens(await server.refresh(session.refreshToken))
    expect(claimsOf(accessToken)).toMatchObject({
      amr: ['pwd', 'hwk', 'user', 'mfa'],
      acr: 'aal2',
      auth_time: server.clock.now / 1000,
    })
    expect(server.rows('audit_event').at(-1)).toMatchObject({
      action: 'reauthentication',
      details: '{"method":"passkey"}',
    })
  })

  test('is refused without verification of the user, and for another session or user', async () => {
    const world = await withPasskey()
    const { server, session, authenticator, send, start } = world
    expect(await read(await confirmed(world, authenticator, { userVerified: false }))).toMatchObject(refused)
    const started = await send('POST', paths.startPasskeyConfirmation, session)
    const { options } = await read<{ options: Options }>(started)
    const other = await server.signIn()
    const credential = authenticator.get(options)
    expect((await send('POST', paths.confirmWithPasskey, other, { credential })).status).toBe(400)
    const signIn = authenticator.get((await start()).options)
    expect((await send('POST', paths.confirmWithPasskey, session, { credential: signIn })).status).toBe(400)
    const registration = authenticator.get(await world.creationOptions(session))
    const forRegistration = await send('POST', paths.confirmWithPasskey, session, {
      credential: registration,
    })
    expect(forRegistration.status).toBe(400)
    await server.addUser('bob@example.com')
    const bob = await server.signIn('bob@example.com')
    expect(await read(await send('POST', paths.startPasskeyConfirmation, bob))).toMatchObject(refused)
    const bobs = new Authenticator()
    await world.add(bob, bobs)
    expect(await read(await confirmed(world, bobs))).toMatchObject(refused)
    expect(server.rows<{ methods: string }>('session').every(({ methods }) => methods === '["pwd"]')).toBe(
      true,
    )
  })
})

describe('a confirmation with the password', () => {
  test('does not count as two factors, although the session began with a passkey', async () => {
    const { server, session: earlier, authenticator, send, signIn } = await withPasskey()
    expect((await send('POST', paths.reauthenticate, earlier, { password })).status).toBe(204)
    const first = await requireTokens(await signIn(authenticator))
    server.clock.advance(3600)
    const session = await requireTokens(await server.refresh(first.refreshToken))
    expect((await send('POST', paths.reauthenticate, session, { password })).status).toBe(204)
    const { accessToken, refreshToken } = await requireTokens(await server.refresh(session.refreshToken))
    const fresh = { acr: 'aal1', auth_time: server.clock.now / 1000 }
    expect(claimsOf(accessToken)).toMatchObject({ amr: ['hwk', 'user', 'pwd'], ...fresh })
    const { options } = await read<{ options: Options }>(
      await send('POST', paths.startPasskeyConfirmation, session),
    )
    const credential = authenticator.get(options)
    expect((await send('POST', paths.confirmWithPasskey, session, { credential })).status).toBe(204)
    const again = await requireTokens(await server.refresh(refreshToken))
    expect(claimsOf(again.accessToken)).toMatchObject({ acr: 'aal2' })
  })

  test('is not enough to change factors if the policy requires two, and the second one is a passkey', async () => {
    const { authenticator, id, server, send, signIn } = await withPasskey({ secondFactorRoles: ['owner'] })
    server.execute(`update "user" set "roles" = '["owner"]'`)
    const first = await requireTokens(await signIn(authenticator))
    server.clock.advance(3600)
    const session = await requireTokens(await server.refresh(first.refreshToken))
    expect((await send('POST', paths.reauthenticate, session, { password })).status).toBe(204)
    const weak = { code: 'insufficient_user_authentication', acr: 'aal2' }
    const newPassword = 'another long password'
    for (const [method, path, body] of [
      ['POST', paths.startTotp, {}],
      ['POST', paths.startPasskey, undefined],
      ['DELETE', `${paths.listPasskeys}/${id}`, undefined],
      ['POST', paths.changePassword, { currentPassword: password, newPassword }],
      ['DELETE', paths.deleteAccount, { password }],
    ] as const)
      expect([path, await read(await send(method, path, session, body))]).toMatchObject([path, weak])
    const { options } = await read<{ options: Options }>(
      await send('POST', paths.startPasskeyConfirmation, session),
    )
    const credential = authenticator.get(options)
    expect((await send('POST', paths.confirmWithPasskey, session, { credential })).status).toBe(204)
    expect((await send('POST', paths.startTotp, session, {})).status).toBe(200)
  })
})

describe('adding a passkey', () => {
  test('needs an authentication of the last ten minutes, for both steps [W06]', async () => {
    const { server, session, send, creationOptions } = await withPasskey()
    const credential = new Authenticator().create(await creationOptions(session))
    server.clock.advance(9 * 60)
    await server.refresh(session.refreshToken)
    server.clock.advance(59)
    server.execute('update session set "authenticatedAt" = 0')
    const stale = { code: 'insufficient_user_authentication' }
    expect(await read(await send('POST', paths.startPasskey, session))).toMatchObject(stale)
    expect(await read(await send('POST', paths.addPasskey, session, { credential }))).toMatchObject(stale)
    expect(await read(await send('DELETE', `${paths.listPasskeys}/x`, session))).toMatchObject(stale)
    expect(server.rows('passkey')).toHaveLength(1)
  })

  test('has options that exclude the passkeys of the user and contain nothing personal in the user handle', async () => {
    const { userId, id, session, creationOptions } = await withPasskey()
    expect(await creationOptions(session)).toMatchObject({
      rp: { name: expect.any(String), id: 'localhost' },
      user: {
        id: Buffer.from(userId).toString('base64url'),
        name: 'ada@example.com',
        displayName: 'Ada',
      },
      attestation: 'none',
      excludeCredentials: [{ id, type: 'public-key', transports: ['internal'] }],
      pubKeyCredParams: [{ alg: -8 }, { alg: -7 }, { alg: -257 }],
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    })
    expect(Buffer.from(userId).length).toBeLessThanOrEqual(64)
  })

  test.each<[why: string, change: Parameters<Authenticator['create']>[1]]>([
    ['from another origin', { origin: 'https://evil.example' }],
    ['for another domain', { rpId: 'evil.example' }],
    ['in a frame of another site', { clientData: { crossOrigin: true } }],
    ['in a frame that names the outer page', { clientData: { topOrigin: 'https://evil.example' } }],
    ['without presence of the user', { userPresent: false }],
    ['with contradictory flags', { backedUp: true }],
    ['with an algorithm that was not offered', { algorithm: -35 }],
    ['with an unknown attestation', { format: 'unheard-of' }],
    ['with another attestation', { format: 'fido-u2f' }],
    ['with a statement in the attestation `none`', { attestation: new Map([['sig', 'x']]) }],
  ])('is refused %s', async (_, change) => {
    const { server, session, add } = await withPasskey()
    expect(await read(await add(session, new Authenticator(), change))).toMatchObject(refused)
    expect(server.rows('passkey')).toHaveLength(1)
  })

  test('is refused with certificates, and nothing is fetched [W06]', async () => {
    const { server, session, add } = await withPasskey()
    const fetched = vi.spyOn(globalThis, 'fetch')
    const attestation = new Map<unknown, unknown>([
      ['alg', -7],
      ['sig', Buffer.from('signature')],
      ['x5c', [Buffer.from('certificate')]],
    ])
    for (const format of ['packed', 'tpm', 'apple', 'android-key', 'android-safetynet'])
      expect(await read(await add(session, new Authenticator(), { format, attestation }))).toMatchObject(
        refused,
      )
    const reasons = server.logLines.filter((line) => line.includes('the attestation is not none'))
    expect(reasons).toHaveLength(5)
    expect(fetched).not.toHaveBeenCalled()
    expect(server.rows('passkey')).toHaveLength(1)
  })

  test('is refused with a challenge of another session, a used one, and for a passkey that exists [W06]', async () => {
    const { server, session, authenticator, send, creationOptions } = await withPasskey()
    await server.addUser('bob@example.com')
    const bob = await server.signIn('bob@example.com')
    const post = (as: BearerSession, credential: unknown) =>
      send('POST', paths.addPasskey, as, { credential })
    const first = new Authenticator().create(await creationOptions(session))
    expect((await post(bob, first)).status).toBe(400)
    expect((await post(session, first)).status).toBe(200)
    expect((await post(session, first)).status).toBe(400)
    // The id of Ada's passkey, registered by Bob: its row must not change its owner.
    const options = await creationOptions(bob)
    const credential = new Authenticator().create(options)
    const id = authenticator.credentials[0]?.id
    expect((await post(bob, { ...credential, id, rawId: id })).status).toBe(400)
    expect(server.rows('passkey')).toHaveLength(2)
  })

  test('names the passkey after its authenticator, or as the user wants', async () => {
    const { server, session, add, send } = await withPasskey()
    const aaguid = 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd'
    server.clock.advance(1)
    const named = await read<{ id: string }>(await add(session, new Authenticator(), { aaguid }))
    server.clock.advance(1)
    expect(named).toMatchObject({ name: 'iCloud Keychain' })
    expect(await read(await add(session, new Authenticator(), {}, '  My key '))).toMatchObject({
      name: 'My key',
    })
    const path = `${paths.listPasskeys}/${named.id}`
    expect((await send('PATCH', path, session, { name: 'Phone' })).status).toBe(204)
    expect((await send('PATCH', path, session, { name: ' ' })).status).toBe(400)
    expect((await send('PATCH', path, session, { name: 'x'.repeat(61) })).status).toBe(400)
    await server.addUser('bob@example.com')
    const bob = await server.signIn('bob@example.com')
    expect((await send('PATCH', path, bob, { name: 'Mine' })).status).toBe(404)
    expect((await send('DELETE', path, bob)).status).toBe(404)
    const { passkeys } = await read<{ passkeys: { name: string }[] }>(
      await send('GET', paths.listPasskeys, session),
    )
    expect(passkeys.map(({ name }) => name)).toEqual(['Passkey', 'Phone', 'My key'])
    const download = await read<{ passkeys: unknown }>(await send('GET', paths.downloadData, session))
    expect(download.passkeys).toMatchObject([{ name: 'Passkey' }, { name: 'Phone' }, { name: 'My key' }])
  })

  test('works without verification of the user. Such a passkey cannot sign in alone [W05]', async () => {
    const weak = new Authenticator({ userVerified: false })
    const { server, authenticator, signIn } = await withPasskey({}, weak)
    expect(server.rows('passkey')).toMatchObject([{ userVerified: 0 }])
    expect(await read(await signIn(authenticator))).toMatchObject(refused)
  })
})

test('where passkeys cannot work, the server starts without them and logs why', async () => {
  const server = await startSallyport({ origins: 'http://127.0.0.1:3000' })
  expect(server.logLines.join('\n')).toContain('browsers allow passkeys only on domains')
  for (const path of [paths.startPasskeySignIn, paths.signInWithPasskey, paths.startPasskeySecondFactor])
    expect((await server.post(path, {})).status).toBe(404)
})

test('with passkeys switched off later, they neither sign in nor count as a factor', async () => {
  const { server } = await withPasskey()
  await server.sallyport.close()
  const off = await startSallyport({ dataDir: server.dataDir, passkeys: '0', secondFactor: 'required' })
  expect((await off.post(paths.startPasskeySignIn, { transport: 'bearer' }, { origin })).status).toBe(404)
  const held = await off.post(paths.signIn, { email: 'ada@example.com', password, transport: 'bearer' })
  expect(await read(held)).toMatchObject({ status: 'second_factor_setup_required', factors: ['totp'] })
})
