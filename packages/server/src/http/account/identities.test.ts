import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { oidc } from '../../index.ts'
import { startOidcProvider, testClient, visitProvider } from '../../testing/outside-providers.ts'
import { providerDriver } from '../../testing/provider-driver.ts'
import { bearer, password, startSallyport } from '../../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../../testing/stores.ts'

const accounts = {
  one: { email: 'ada@example.com', email_verified: true, name: 'Ada' },
  two: { email: 'elsewhere@example.com', email_verified: false },
  three: { email: 'bob@example.com', email_verified: true },
}

async function started(kind: StoreKind = 'SQLite') {
  const acme = await startOidcProvider(accounts, { names: ['acme', 'other'] })
  const options = { issuer: acme.issuer, ...testClient }
  const providers = {
    acme: oidc({ ...options, label: 'Acme' }),
    other: oidc({ ...options, label: 'Other' }),
  }
  const store = await freshStore(kind)
  const server = await startSallyport({ developmentInbox: true, ...store.options }, undefined, { providers })
  const unlink = (id: string, accessToken: string) =>
    server.fetch(`${paths.listIdentities}/${id}`, { method: 'DELETE', headers: bearer(accessToken) })
  const list = async (accessToken: string) => {
    const answer = await server.get(paths.listIdentities, bearer(accessToken))
    return ((await answer.json()) as { identities: { id: string; label: string; email: string }[] })
      .identities
  }
  return { server, store, unlink, list, ...providerDriver(server) }
}

/** Begins to link with a right request, but expects a refusal. */
async function refusedStart(server: Awaited<ReturnType<typeof started>>['server'], accessToken?: string) {
  const body = { provider: 'acme', purpose: 'link', transport: 'bearer' }
  const answer = await server.post(paths.startProvider, body, accessToken ? bearer(accessToken) : {})
  return [answer.status, ((await answer.json()) as { code: string }).code]
}

describe.each(storeKinds)('on %s', (kind) => {
  test('links a provider to an account, whatever its address there, lists it, signs in with it and unlinks it', async () => {
    const { server, store, unlink, list, signIn, inbox } = await started(kind)
    const { id } = await server.addUser()
    const { accessToken } = await server.signIn()
    const linked = await signIn('acme', 'two', { purpose: 'link', returnTo: '/profile', accessToken })
    expect(linked).toMatchObject({
      status: 200,
      body: {
        status: 'linked',
        returnTo: '/profile',
        identity: { provider: 'acme', label: 'Acme', email: 'elsewhere@example.com' },
      },
    })
    expect(linked.body.accessToken).toBeUndefined()
    expect(await list(accessToken)).toEqual([linked.body.identity])
    expect((await signIn('acme', 'two')).body.user?.id).toBe(id)
    const data = await server.get(paths.downloadData, bearer(accessToken))
    expect(((await data.json()) as { identities: object[] }).identities).toMatchObject([
      { subject: 'two', email: 'elsewhere@example.com' },
    ])
    const identityId = linked.body.identity?.id ?? ''
    server.clock.now += 1
    expect((await unlink(identityId, accessToken)).status).toBe(204)
    expect((await unlink(identityId, accessToken)).status).toBe(404)
    expect(await list(accessToken)).toEqual([])
    expect(await signIn('acme', 'two')).toMatchObject({ status: 403, body: { code: 'identity_unverified' } })
    const subjects = (await inbox()).map(({ subject }) => subject)
    expect(subjects).toContain('Acme can now sign in to your Sallyport account')
    expect(subjects).toContain('Acme can no longer sign in to your Sallyport account')
    const events = await store.query<{ action: string; details: string }>(
      `select action, details from audit_event where action like 'identity%' order by id`,
    )
    const details = '{"provider":"acme"}'
    expect(events).toEqual([
      { action: 'identity_linked', details },
      { action: 'identity_unlinked', details },
    ])
  })

  test('of two requests that remove the last two ways in, one is refused', async () => {
    const { unlink, list, signIn } = await started(kind)
    const { body } = await signIn('acme', 'one')
    const accessToken = body.accessToken ?? ''
    await signIn('other', 'two', { purpose: 'link', accessToken })
    const both = await list(accessToken)
    const answers = await Promise.all(both.map(({ id }) => unlink(id, accessToken)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
    expect(await list(accessToken)).toHaveLength(1)
  })

  test('of two accounts that link the same identity at once, one is refused', async () => {
    const { server, start, finish, store } = await started(kind)
    const results = await Promise.all(
      ['ada@example.com', 'bob@example.com'].map(async (email) => {
        await server.addUser(email)
        const { accessToken } = await server.signIn(email)
        const { url, providerState } = await start('acme', { purpose: 'link', accessToken })
        return { callback: await visitProvider(url, 'two'), providerState, accessToken }
      }),
    )
    const answers = await Promise.all(
      results.map(({ callback, providerState, accessToken }) =>
        finish('acme', callback, providerState, accessToken),
      ),
    )
    expect(answers.map(({ status, body }) => body.code ?? status).sort()).toEqual([200, 'identity_taken'])
    expect(await store.query('select "subject" from identity')).toEqual([{ subject: 'two' }])
  })

  test('of two first sign-ins with the same identity at once, both get the same account', async () => {
    const { start, finish, store } = await started(kind)
    const begun = await Promise.all(
      [1, 2].map(async () => {
        const { url, providerState } = await start('acme')
        return { callback: await visitProvider(url, 'one'), providerState }
      }),
    )
    const answers = await Promise.all(
      begun.map(({ callback, providerState }) => finish('acme', callback, providerState)),
    )
    for (const { status, body } of answers)
      expect(status === 200 || body.code === 'identity_unlinked').toBe(true)
    expect(answers.some(({ status }) => status === 200)).toBe(true)
    expect(await store.query('select id from "user"')).toHaveLength(1)
    expect(await store.query('select id from identity')).toHaveLength(1)
  })

  test('of two requests with the same callback at once, one is refused', async () => {
    const { start, finish, store } = await started(kind)
    const { url, providerState } = await start('acme')
    const callback = await visitProvider(url, 'one')
    const answers = await Promise.all([1, 2, 3].map(() => finish('acme', callback, providerState)))
    expect(answers.map(({ body }) => body.code ?? 'in').sort()).toEqual([
      'in',
      'sign_in_expired',
      'sign_in_expired',
    ])
    expect(await store.query('select id from session')).toHaveLength(1)
  })
})

test('linking and unlinking need a session and a fresh proof', async () => {
  const { server, unlink, signIn } = await started()
  await server.addUser()
  const { accessToken } = await server.signIn()
  const linked = await signIn('acme', 'two', { purpose: 'link', accessToken })
  server.clock.advance(599)
  const later = await server.refresh((await server.signIn()).refreshToken)
  const { accessToken: fresh } = (await later.json()) as { accessToken: string }
  server.clock.advance(2)
  expect(await refusedStart(server)).toEqual([401, 'token_missing'])
  expect(await refusedStart(server, fresh)).not.toEqual([401, 'insufficient_user_authentication'])
  server.clock.advance(595)
  const renewed = await server.signIn()
  server.clock.advance(601)
  const { accessToken: old } = (await (await server.refresh(renewed.refreshToken)).json()) as {
    accessToken: string
  }
  expect(await refusedStart(server, old)).toEqual([401, 'insufficient_user_authentication'])
  expect((await unlink(linked.body.identity?.id ?? '', old)).status).toBe(401)
  await server.post(paths.reauthenticate, { password }, bearer(old))
  expect((await unlink(linked.body.identity?.id ?? '', old)).status).toBe(204)
})

test('the last way in cannot be removed: a provider that the settings no longer define does not count', async () => {
  const { server, unlink, signIn, list } = await started()
  const { body } = await signIn('acme', 'one')
  const accessToken = body.accessToken ?? ''
  const [first] = await list(accessToken)
  expect((await unlink(first?.id ?? '', accessToken)).status).toBe(409)
  await signIn('other', 'two', { purpose: 'link', accessToken })
  server.execute(`update identity set provider = 'removed' where subject = 'two'`)
  expect((await unlink(first?.id ?? '', accessToken)).status).toBe(409)
  server.execute(`update identity set provider = 'other' where subject = 'two'`)
  expect((await unlink(first?.id ?? '', accessToken)).status).toBe(204)
})

test('an identity of another user can neither be seen nor removed', async () => {
  const { server, unlink, list, signIn } = await started()
  const ada = await signIn('acme', 'one')
  const bob = await signIn('acme', 'three')
  const [own] = await list(ada.body.accessToken ?? '')
  expect((await unlink(own?.id ?? '', bob.body.accessToken ?? '')).status).toBe(404)
  expect(server.rows('identity')).toHaveLength(2)
})

test('a sign-in that waits for a second factor ends if the provider with which it began is unlinked', async () => {
  const { server, unlink, list, signIn } = await started()
  const { body } = await signIn('acme', 'one')
  const accessToken = body.accessToken ?? ''
  await signIn('other', 'two', { purpose: 'link', accessToken })
  await signIn('acme', 'three')
  const factorOf = (user: string) =>
    `insert into totp (id, "userId", name, "sealedSecret", "createdAt", "confirmedAt", "lastStep") values ('${user}', '${user}', 'App', 'x', 0, 0, -1)`
  for (const { id } of server.rows<{ id: string }>('user')) server.execute(factorOf(id))
  const pending = await signIn('acme', 'one')
  const ofAnother = await signIn('acme', 'three')
  expect([pending.status, ofAnother.status]).toEqual([202, 202])
  // Without the factor, the session of above may change the account.
  server.execute('delete from totp')
  const [first] = await list(accessToken)
  expect((await unlink(first?.id ?? '', accessToken)).status).toBe(204)
  for (const { id } of server.rows<{ id: string }>('user')) server.execute(factorOf(id))
  const describe = async (pendingSignIn = '') =>
    (await server.post(paths.describePendingSignIn, { pendingSignIn })).json()
  expect(await describe(pending.body.pendingSignIn)).toMatchObject({ code: 'sign_in_expired' })
  expect(await describe(ofAnother.body.pendingSignIn)).toMatchObject({ status: 'second_factor_required' })
})

test('a link that was begun does not finish after the session has ended or the password was changed', async () => {
  const { server, start, finish } = await started()
  await server.addUser()
  for (const [end, code] of [
    ['sign-out', 'session_ended'],
    ['other password', 'token_stale'],
  ] as const) {
    const session = await server.signIn()
    const { url, providerState } = await start('acme', { purpose: 'link', accessToken: session.accessToken })
    const callback = await visitProvider(url, 'two')
    if (end === 'sign-out') await server.post(paths.signOut, { refreshToken: session.refreshToken })
    else
      await server.post(
        paths.changePassword,
        { currentPassword: password, newPassword: 'open the third door' },
        bearer((await server.signIn()).accessToken),
      )
    expect(await finish('acme', callback, providerState, session.accessToken)).toMatchObject({
      body: { code },
    })
  }
  expect(server.rows('identity')).toEqual([])
})

test('a link does not finish if the session ends while the provider is asked', async () => {
  const acme = await startOidcProvider(accounts)
  let server = null as Awaited<ReturnType<typeof startSallyport>> | null
  const provider = oidc({
    issuer: acme.issuer,
    label: 'Acme',
    ...testClient,
    profile: ({ sub }) => {
      server?.execute('update session set endedAt = 1')
      return { subject: String(sub), email: null, emailVerified: false, name: null }
    },
  })
  server = await startSallyport({}, undefined, { providers: { acme: provider } })
  await server.addUser()
  const { accessToken } = await server.signIn()
  const answer = await providerDriver(server).signIn('acme', 'two', { purpose: 'link', accessToken })
  expect(answer).toMatchObject({ status: 400, body: { code: 'sign_in_expired' } })
  expect(server.rows('identity')).toEqual([])
})

test('only the session that has begun a link can finish it, so a planted cookie links nothing to the account of a victim [O09]', async () => {
  const { server, start, finish } = await started()
  await server.addUser('eve@example.com')
  await server.addUser()
  const eve = await server.signIn('eve@example.com')
  const ada = await server.signIn()
  const adaElsewhere = await server.signIn()
  const { url, providerState } = await start('acme', { purpose: 'link', accessToken: eve.accessToken })
  const callback = await visitProvider(url, 'two')
  for (const { accessToken } of [ada, adaElsewhere])
    expect(await finish('acme', callback, providerState, accessToken)).toMatchObject({
      status: 400,
      body: { code: 'sign_in_expired' },
    })
  expect(await finish('acme', callback, providerState)).toMatchObject({ body: { code: 'token_missing' } })
  expect(server.rows('identity')).toEqual([])
  // Nothing was used up.
  expect((await finish('acme', callback, providerState, eve.accessToken)).status).toBe(200)
  // The same with cookies: the browser of the victim has a cookie of the attacker.
  const victim = server.browser()
  await victim.signIn()
  const attacker = server.browser()
  await attacker.signIn('eve@example.com')
  const begun = await attacker.post(paths.startProvider, { provider: 'acme', purpose: 'link' })
  const back = await visitProvider(((await begun.json()) as { url: string }).url, 'three')
  victim.jar.set('providerState', attacker.jar.get('providerState') ?? '')
  const refused = await victim.post(paths.finishProvider, { provider: 'acme', callback: back })
  expect(await refused.json()).toMatchObject({ code: 'sign_in_expired' })
  expect((await attacker.post(paths.finishProvider, { provider: 'acme', callback: back })).status).toBe(200)
  expect(server.rows('identity')).toHaveLength(2)
})

test('who resets the password of an unverified account also removes the providers that somebody else has linked [A17]', async () => {
  const { server, signIn, inbox } = await started()
  // Eve signs up with the address of Ada and links her own account at the provider.
  const eve = { email: 'ada@example.com', password, name: 'Ada', transport: 'bearer' }
  const { accessToken } = (await (await server.post(paths.signUp, eve)).json()) as { accessToken: string }
  expect((await signIn('acme', 'two', { purpose: 'link', accessToken })).status).toBe(200)
  await server.post(paths.forgotPassword, { email: eve.email })
  const mail = (await inbox()).find(({ text }) => text.includes('/reset#token='))
  const token = /#token=([\w-]{43})/.exec(mail?.text ?? '')?.[1]
  await server.post(paths.resetPassword, { token, newPassword: 'open the third door' })
  expect(await signIn('acme', 'two')).toMatchObject({ body: { code: 'identity_unverified' } })
})
