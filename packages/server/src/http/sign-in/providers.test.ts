import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { github, oidc } from '../../index.ts'
import {
  type Accounts,
  startGithub,
  startMockProvider,
  startOidcProvider,
  testClient,
  visitProvider,
} from '../../testing/outside-providers.ts'
import { providerDriver } from '../../testing/provider-driver.ts'
import { bearer, claimsOf, startSallyport } from '../../testing/sallyport.ts'

const ada: Accounts = { 'ada-at-acme': { email: 'Ada@Example.com', email_verified: true, name: 'Ada L' } }

async function withAcme(accounts: Accounts = ada, options: Parameters<typeof startOidcProvider>[1] = {}) {
  const acme = await startOidcProvider(accounts, options)
  const provider = oidc({ issuer: acme.issuer, label: 'Acme', ...testClient })
  const server = await startSallyport({ developmentInbox: true }, undefined, {
    providers: { acme: provider },
  })
  return { acme, server, ...providerDriver(server) }
}

test('lists the providers of the settings, and which other ways are on', async () => {
  const { server } = await withAcme()
  const answer = await server.get(paths.listProviders)
  expect(await answer.json()).toEqual({
    providers: [{ name: 'acme', label: 'Acme' }],
    passkeys: true,
    mailedSignIn: false,
  })
  const other = await startSallyport({ developmentInbox: true, mailedSignIn: 'on', passkeys: false })
  expect(await (await other.get(paths.listProviders)).json()).toEqual({
    providers: [],
    passkeys: false,
    mailedSignIn: true,
  })
})

test('an unknown identity with a verified address signs up, and signs in the second time', async () => {
  const { server, signIn } = await withAcme()
  const first = await signIn('acme', 'ada-at-acme', { returnTo: '/invoices?page=2' })
  expect(first).toMatchObject({
    status: 200,
    body: {
      returnTo: '/invoices?page=2',
      user: { email: 'ada@example.com', emailVerified: true, name: 'Ada L' },
    },
  })
  const claims = claimsOf(first.body.accessToken ?? '')
  expect(claims).toMatchObject({ amr: ['fed'], acr: 'aal1', sub: first.body.user?.id })
  const second = await signIn('acme', 'ada-at-acme')
  expect(second.body.user?.id).toBe(first.body.user?.id)
  expect(server.rows('user')).toHaveLength(1)
  expect(server.rows('identity')).toMatchObject([{ subject: 'ada-at-acme', email: 'ada@example.com' }])
  expect(server.rows('credential')).toEqual([])
  expect(server.rows('provider_start')).toEqual([])
})

test('no secret of a sign-in at a provider is stored or logged as it is', async () => {
  const { server, start } = await withAcme()
  const { url, providerState } = await start('acme')
  const callback = await visitProvider(url, 'ada-at-acme')
  const stored = JSON.stringify(server.rows('provider_start'))
  await server.post(paths.finishProvider, { provider: 'acme', callback, providerState, transport: 'bearer' })
  const everything = stored + server.logLines.join('')
  for (const secret of [providerState, callback.state, callback.code, testClient.clientSecret])
    expect(everything).not.toContain(secret)
})

test('a browser gets a Lax cookie for the provider, and session cookies at the end', async () => {
  const { server } = await withAcme()
  const browser = server.browser()
  const started = await browser.post(paths.startProvider, { provider: 'acme' })
  expect(started.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^providerState=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
  ])
  const { url, ...others } = (await started.json()) as { url: string }
  expect(others).toEqual({ expiresIn: 600 })
  const callback = await visitProvider(url, 'ada-at-acme')
  const finished = await browser.post(paths.finishProvider, { provider: 'acme', callback })
  expect([finished.status, [...browser.jar.keys()].sort()]).toEqual([
    200,
    ['accessToken', 'refreshToken', 'sallyport_device'],
  ])
})

test('values of a cross-site form are stored until the browser comes back by GET, and are used once', async () => {
  const { server, start, finish } = await withAcme()
  const { url, providerState } = await start('acme')
  const callback = await visitProvider(url, 'ada-at-acme')
  const hold = (values: object) =>
    server.post(paths.holdProviderCallback, { provider: 'acme', callback: values })
  expect((await hold({ ...callback, state: 'x'.repeat(43) })).status).toBe(400)
  expect((await hold(callback)).status).toBe(204)
  // A second form cannot replace the first one.
  expect((await hold({ ...callback, code: 'of somebody else' })).status).toBe(400)
  expect(JSON.stringify(server.rows('provider_start'))).not.toContain(callback.code)
  const finished = await finish('acme', { state: callback.state ?? '' }, providerState)
  expect(finished).toMatchObject({ status: 200, body: { user: { email: 'ada@example.com' } } })
})

test('a key that the provider has just rotated is accepted', async () => {
  const { acme, signIn } = await withAcme()
  expect((await signIn('acme', 'ada-at-acme')).status).toBe(200)
  await acme.rotateKeys()
  expect((await signIn('acme', 'ada-at-acme')).status).toBe(200)
})

test('an encrypted ID token is refused, and the log says what to change', async () => {
  const { server, signIn } = await withAcme(ada, {
    client: { id_token_encrypted_response_alg: 'dir', id_token_encrypted_response_enc: 'A256GCM' },
  })
  expect(await signIn('acme', 'ada-at-acme')).toMatchObject({
    status: 502,
    body: { code: 'provider_failed' },
  })
  expect(server.logLines.join('')).toContain('the ID token is encrypted')
})

test('signs in with a second provider, whose API is that of GitHub', async () => {
  const emails = [
    { email: 'other@example.com', primary: false, verified: true },
    { email: 'ada@example.com', primary: true, verified: true },
  ]
  const { url } = await startGithub({ id: 4711, login: 'ada', name: null }, emails)
  const server = await startSallyport({}, undefined, {
    providers: { github: github({ url, ...testClient }) },
  })
  const { signIn } = providerDriver(server)
  const answer = await signIn('github')
  expect(answer).toMatchObject({ status: 200, body: { user: { email: 'ada@example.com', name: 'ada' } } })
  expect(server.rows('identity')).toMatchObject([{ issuer: `${url}/login/oauth`, subject: '4711' }])
})

test('signs in with a provider that sends no iss', async () => {
  const mock = await startMockProvider({ email: 'ada@example.com', email_verified: true })
  const acme = oidc({ issuer: mock.issuer, label: 'Mock', ...testClient })
  const { signIn } = providerDriver(await startSallyport({}, undefined, { providers: { acme } }))
  expect(await signIn('acme')).toMatchObject({ status: 200, body: { user: { name: 'ada' } } })
})

test('a provider that is down does not prevent the start, and a sign-in gets a clear error until it is up', async () => {
  const acme = oidc({ issuer: 'http://localhost:1', label: 'Acme', ...testClient })
  const server = await startSallyport({}, undefined, { providers: { acme } })
  const answer = await server.post(paths.startProvider, { provider: 'acme', transport: 'bearer' })
  expect([answer.status, await answer.json()]).toMatchObject([502, { code: 'provider_failed' }])
  expect(server.rows('provider_start')).toEqual([])
})

test('a second factor is asked for after a sign-in at a provider, whatever the provider says in amr', async () => {
  const mock = await startMockProvider({ email: 'ada@example.com', email_verified: true })
  mock.service.on('beforeTokenSigning', (token: { payload: object }) =>
    Object.assign(token.payload, { amr: ['mfa', 'hwk'], acr: 'aal2' }),
  )
  const acme = oidc({ issuer: mock.issuer, label: 'Mock', ...testClient })
  const server = await startSallyport({ secondFactor: 'required' }, undefined, { providers: { acme } })
  const { signIn } = providerDriver(server)
  expect(await signIn('acme', 'johndoe', { returnTo: '/next' })).toMatchObject({
    status: 202,
    body: { status: 'second_factor_setup_required', returnTo: '/next', pendingSignIn: expect.any(String) },
  })
  expect(server.rows('session')).toEqual([])
})

describe('the rules of a sign-up', () => {
  test('beforeSignUp can refuse it, and afterSignUp is told', async () => {
    const acme = await startOidcProvider({
      ...ada,
      'eve-at-acme': { email: 'eve@example.com', email_verified: true },
    })
    const told: string[] = []
    const server = await startSallyport({}, undefined, {
      providers: { acme: oidc({ issuer: acme.issuer, label: 'Acme', ...testClient }) },
      hooks: {
        beforeSignUp: ({ email }) =>
          email.startsWith('eve') ? { field: 'email', message: 'Only colleagues.' } : null,
        afterSignUp: ({ email, emailVerified }) => void told.push(`${email} ${emailVerified}`),
      },
    })
    const { signIn } = providerDriver(server)
    expect(await signIn('acme', 'eve-at-acme')).toMatchObject({
      status: 422,
      body: { code: 'sign_up_refused', errors: [{ message: 'Only colleagues.' }] },
    })
    await signIn('acme', 'ada-at-acme')
    await expect.poll(() => told).toEqual(['ada@example.com true'])
    expect(server.rows('user')).toHaveLength(1)
  })

  test('a required user field must be in the profile', async () => {
    const acme = await startOidcProvider(ada)
    const options = { issuer: acme.issuer, label: 'Acme', ...testClient }
    const userFields = { team: { type: 'text', required: true, writable: ['sign-up'] } } as const
    const without = await startSallyport({}, undefined, { userFields, providers: { acme: oidc(options) } })
    expect(await providerDriver(without).signIn('acme', 'ada-at-acme')).toMatchObject({ status: 422 })
    const filled = oidc({
      ...options,
      profile: (claims) => ({
        subject: 'chosen by the profile',
        email: String(claims.email),
        emailVerified: true,
        name: null,
        fields: { team: 'Analysts' },
      }),
    })
    const server = await startSallyport({}, undefined, { userFields, providers: { acme: filled } })
    expect(await providerDriver(server).signIn('acme', 'ada-at-acme')).toMatchObject({
      status: 200,
      body: { user: { fields: { team: 'Analysts' } } },
    })
    // The subject is the one of the ID token.
    expect(server.rows('identity')).toMatchObject([{ subject: 'ada-at-acme' }])
  })
})

test('a disabled user is refused', async () => {
  const { server, signIn } = await withAcme()
  const { body } = await signIn('acme', 'ada-at-acme')
  await server.sallyport.operator.users.disable(body.user?.id ?? '')
  expect(await signIn('acme', 'ada-at-acme')).toMatchObject({
    status: 400,
    body: { code: 'sign_in_expired' },
  })
})

test('a user without a password: wrong password everywhere, until a mailed link sets one', async () => {
  const { server, signIn, inbox } = await withAcme()
  const { body } = await signIn('acme', 'ada-at-acme')
  const me = bearer(body.accessToken ?? '')
  const email = 'ada@example.com'
  const byPassword = { email, password: 'open the third door', transport: 'bearer' }
  expect((await server.post(paths.signIn, byPassword)).status).toBe(401)
  expect((await server.post(paths.reauthenticate, { password: 'guess' }, me)).status).toBe(400)
  const change = { currentPassword: 'guess', newPassword: byPassword.password }
  expect((await server.post(paths.changePassword, change, me)).status).toBe(400)
  await server.post(paths.forgotPassword, { email })
  const token = /#token=([\w-]{43})/.exec((await inbox())[0]?.text ?? '')?.[1]
  const reset = await server.post(paths.resetPassword, { token, newPassword: byPassword.password })
  expect(reset.status).toBe(204)
  expect((await server.post(paths.signIn, byPassword)).status).toBe(200)
  // The address was verified, so the link stays.
  expect((await signIn('acme', 'ada-at-acme')).status).toBe(200)
})
