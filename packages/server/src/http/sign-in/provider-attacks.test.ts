import { paths } from '@sallyport/protocol/endpoints'
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { oidc } from '../../index.ts'
import {
  type Callback,
  startMockProvider,
  startOidcProvider,
  testClient,
  visitProvider,
} from '../../testing/outside-providers.ts'
import { providerDriver } from '../../testing/provider-driver.ts'
import { origin, startSallyport } from '../../testing/sallyport.ts'

const ada = { email: 'ada@example.com', email_verified: true, name: 'Ada' }

/** Two honest providers, and the browser of a victim and of an attacker. */
async function twoProviders() {
  const acme = await startOidcProvider({ ada }, { names: ['acme'] })
  const other = await startOidcProvider(
    { eve: { email: 'eve@example.com', email_verified: true } },
    {
      names: ['other'],
    },
  )
  const server = await startSallyport({}, undefined, {
    providers: {
      acme: oidc({ issuer: acme.issuer, label: 'Acme', ...testClient }),
      other: oidc({ issuer: other.issuer, label: 'Other', ...testClient }),
    },
  })
  return { acme, other, server, ...providerDriver(server) }
}

async function begun(world: Awaited<ReturnType<typeof twoProviders>>, provider = 'acme', account = 'ada') {
  const { url, providerState } = await world.start(provider)
  return { callback: await visitProvider(url, account), providerState }
}

const expired = { status: 400, body: { code: 'sign_in_expired' } }

describe('a callback [O01, O04, O05]', () => {
  test('without a start, with the start of another browser, or with a changed state is refused, and uses nothing up', async () => {
    const world = await twoProviders()
    const { finish } = world
    const mine = await begun(world)
    const attacker = await begun(world)
    expect(await finish('acme', mine.callback)).toMatchObject(expired)
    expect(await finish('acme', mine.callback, 'x'.repeat(43))).toMatchObject(expired)
    // Login CSRF: the browser of the victim opens the callback of the attacker.
    expect(await finish('acme', attacker.callback, mine.providerState)).toMatchObject(expired)
    for (const state of ['', 'x', `${mine.callback.state}x`, mine.providerState])
      expect(await finish('acme', { ...mine.callback, state }, mine.providerState)).toMatchObject(expired)
    const { state: _, ...withoutState } = mine.callback
    expect(await finish('acme', withoutState, mine.providerState)).toMatchObject(expired)
    expect((await finish('acme', mine.callback, mine.providerState)).status).toBe(200)
  })

  test('is accepted once, and the code once', async () => {
    const world = await twoProviders()
    const first = await begun(world)
    expect((await world.finish('acme', first.callback, first.providerState)).status).toBe(200)
    expect(await world.finish('acme', first.callback, first.providerState)).toMatchObject(expired)
    // The used code with a new start: the provider refuses it, because it belongs to another verifier.
    const second = await begun(world)
    const injected = { ...second.callback, code: first.callback.code ?? '' }
    expect(await world.finish('acme', injected, second.providerState)).toMatchObject(expired)
  })

  test('of one provider does not finish a sign-in at another one (mix-up) [GHSA-x445-f3h2-j279]', async () => {
    const world = await twoProviders()
    const atAcme = await begun(world)
    expect(await world.finish('other', atAcme.callback, atAcme.providerState)).toMatchObject(expired)
    // The right path, but another provider has issued the code: its `iss` says so (RFC 9207).
    const atOther = await begun(world, 'other', 'eve')
    const mixed = { ...atAcme.callback, code: atOther.callback.code ?? '', iss: atOther.callback.iss ?? '' }
    expect(await world.finish('acme', mixed, atAcme.providerState)).toMatchObject({
      status: 502,
      body: { code: 'provider_failed' },
    })
    const again = await begun(world)
    const { iss: _, ...withoutIss } = again.callback
    expect(await world.finish('acme', withoutIss, again.providerState)).toMatchObject({ status: 502 })
    expect(world.server.rows('session')).toEqual([])
  })

  test('after ten minutes is refused', async () => {
    const world = await twoProviders()
    const late = await begun(world)
    world.server.clock.advance(601)
    expect(await world.finish('acme', late.callback, late.providerState)).toMatchObject(expired)
    await world.server.sallyport.upkeep()
    expect(world.server.rows('provider_start')).toEqual([])
  })

  test('with a code of another user is refused by the verifier of this start (PKCE)', async () => {
    const world = await twoProviders()
    const victim = await begun(world)
    const attacker = await begun(world)
    const injected = { ...attacker.callback, code: victim.callback.code ?? '' }
    expect(await world.finish('acme', injected, attacker.providerState)).toMatchObject(expired)
  })

  test('with an error says that it was cancelled, and shows no text of the provider', async () => {
    const world = await twoProviders()
    const { url, providerState } = await world.start('acme')
    const cancelled = await visitProvider(url, null)
    expect(cancelled.error).toBe('access_denied')
    const evil = '<script>alert(1)</script>'
    const answer = await world.finish('acme', { ...cancelled, error_description: evil }, providerState)
    expect(answer).toMatchObject({ status: 400, body: { code: 'provider_refused' } })
    const other = await begun(world)
    const { code: _, ...rest } = other.callback
    const odd = await world.finish('acme', { ...rest, error: evil }, other.providerState)
    expect(odd).toMatchObject({ status: 502, body: { code: 'provider_failed' } })
    expect(JSON.stringify([answer, odd]) + world.server.logLines.join('')).not.toContain('alert')
  })
})

test('the request to the provider has state, nonce and PKCE with S256, and fresh values each time [O03]', async () => {
  const { start, acme } = await twoProviders()
  const [one, two] = [new URL((await start('acme')).url), new URL((await start('acme')).url)]
  expect(one.origin).toBe(acme.issuer)
  expect(Object.fromEntries(one.searchParams)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    redirect_uri: 'http://localhost:3000/api/auth/providers/acme/callback',
    scope: 'openid email profile',
  })
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(one.searchParams.get(name)).toMatch(/^[\w-]{43}$/)
    expect(one.searchParams.get(name)).not.toBe(two.searchParams.get(name))
  }
})

test('a start needs an allowed origin if it sets a cookie, and a path of the app to return to [C09, X02]', async () => {
  const { server } = await twoProviders()
  const codeOf = async (body: object, headers: Record<string, string>) => {
    const answer = await server.post(paths.startProvider, { provider: 'acme', ...body }, headers)
    return ((await answer.json()) as { code?: string }).code
  }
  expect(await codeOf({}, {})).toBe('origin_refused')
  expect(await codeOf({}, { origin: 'https://evil.example' })).toBe('origin_refused')
  expect(await codeOf({}, { origin, 'sec-fetch-site': 'cross-site' })).toBe('origin_refused')
  expect(await codeOf({}, { origin })).toBeUndefined()
  for (const returnTo of ['https://evil.example', '//evil.example', '/\\evil.example', '/a\nb', 'login', ''])
    expect(await codeOf({ returnTo }, { origin })).toBe('invalid_request')
  expect(await codeOf({ provider: 'nobody' }, { origin })).toBe('not_found')
  expect(await codeOf({ provider: '__proto__' }, { origin })).toBe('invalid_request')
})

describe('an ID token [O02, O08]', () => {
  type Token = { header: Record<string, unknown>; payload: Record<string, unknown> }
  type Reply = { body: Record<string, unknown> }

  async function withMock(change: (mock: Awaited<ReturnType<typeof startMockProvider>>) => void) {
    const mock = await startMockProvider({ email: 'ada@example.com', email_verified: true })
    change(mock)
    const server = await startSallyport({}, undefined, {
      providers: { acme: oidc({ issuer: mock.issuer, label: 'Mock', ...testClient }) },
    })
    const answer = await providerDriver(server).signIn('acme')
    return { code: answer.body.code ?? 'signed in', users: server.rows('user').length }
  }

  const changes: Record<string, (token: Token) => void> = {
    'with another nonce': ({ payload }) => Object.assign(payload, { nonce: 'of somebody else' }),
    'without a nonce': ({ payload }) => delete payload.nonce,
    'of another issuer': ({ payload }) => Object.assign(payload, { iss: 'https://evil.example' }),
    'for another client': ({ payload }) => Object.assign(payload, { aud: 'another-client' }),
    'for two clients, without azp': ({ payload }) => Object.assign(payload, { aud: ['sallyport', 'other'] }),
    'that has expired': ({ payload }) => Object.assign(payload, { exp: 1_700_000_000 }),
    'without a subject': ({ payload }) => delete payload.sub,
    'with an empty subject': ({ payload }) => Object.assign(payload, { sub: '' }),
    'with a subject that is too long': ({ payload }) => Object.assign(payload, { sub: 'x'.repeat(256) }),
    'of an unknown key': ({ header }) => Object.assign(header, { kid: 'unknown' }),
  }
  test.each(Object.keys(changes))('%s is refused', async (name) => {
    const result = await withMock(({ service }) =>
      service.on('beforeTokenSigning', (token: Token) => changes[name]?.(token)),
    )
    expect(result).toEqual({ code: 'provider_failed', users: 0 })
  })

  const parts = (token: unknown) => String(token).split('.')
  const payloadOf = (token: unknown) =>
    JSON.parse(Buffer.from(parts(token)[1] ?? '', 'base64url').toString()) as Record<string, unknown>
  const replies: Record<string, (body: Record<string, unknown>) => unknown> = {
    'with a changed payload': ({ id_token }) => {
      const [header, , signature] = parts(id_token)
      const payload = Buffer.from(JSON.stringify({ ...payloadOf(id_token), name: 'Eve' }))
      return `${header}.${payload.toString('base64url')}.${signature}`
    },
    'without a signature': ({ id_token }) => new UnsecuredJWT(payloadOf(id_token)).encode(),
    'that is missing': () => undefined,
  }
  test.each(Object.keys(replies))('%s is refused', async (name) => {
    const result = await withMock(({ service }) =>
      service.on('beforeResponse', ({ body }: Reply) => {
        body.id_token = replies[name]?.(body)
      }),
    )
    expect(result).toEqual({ code: 'provider_failed', users: 0 })
  })

  test('signed with the client secret is refused', async () => {
    const key = new TextEncoder().encode(testClient.clientSecret)
    let forged = ''
    const mock = await startMockProvider({ email: 'ada@example.com', email_verified: true })
    mock.service.on('beforeTokenSigning', ({ payload }: Token) => {
      if (payload.nonce !== undefined)
        void new SignJWT(payload)
          .setProtectedHeader({ alg: 'HS256' })
          .sign(key)
          .then((token) => {
            forged = token
          })
    })
    mock.service.on('beforeResponse', ({ body }: Reply) => {
      body.id_token = forged || body.id_token
    })
    const server = await startSallyport({}, undefined, {
      providers: { acme: oidc({ issuer: mock.issuer, label: 'Mock', ...testClient }) },
    })
    expect((await providerDriver(server).signIn('acme')).body.code).toBe('provider_failed')
    expect(forged).not.toBe('')
  })

  test('does not match the user information of another subject', async () => {
    const result = await withMock(({ service }) =>
      service.on('beforeUserinfo', ({ body }: Reply) => Object.assign(body, { sub: 'somebody-else' })),
    )
    expect(result).toEqual({ code: 'provider_failed', users: 0 })
  })

  test('comes with an answer that is too large, or with an error of the server', async () => {
    const large = await withMock(({ service }) =>
      service.on('beforeResponse', ({ body }: Reply) => Object.assign(body, { filler: 'x'.repeat(600_000) })),
    )
    expect(large).toEqual({ code: 'provider_failed', users: 0 })
    const broken = await withMock(({ service }) =>
      service.on('beforeResponse', (reply: Reply & { statusCode: number }) => {
        reply.statusCode = 500
      }),
    )
    expect(broken).toEqual({ code: 'provider_failed', users: 0 })
  })

  test('is not asked for if the discovery document has another issuer', async () => {
    const mock = await startMockProvider()
    mock.service.on('beforeWellKnownOpenIdConfiguration', ({ body }: Reply) =>
      Object.assign(body, { issuer: 'https://accounts.google.com' }),
    )
    const server = await startSallyport({}, undefined, {
      providers: { acme: oidc({ issuer: mock.issuer, label: 'Mock', ...testClient }) },
    })
    const answer = await server.post(paths.startProvider, { provider: 'acme', transport: 'bearer' })
    expect(await answer.json()).toMatchObject({ code: 'provider_failed' })
  })
})

describe('an account [O06, O07, A17]', () => {
  test.each([
    ['false', { email_verified: false }],
    ['missing', { email_verified: undefined }],
    ['text', { email_verified: 'true' }],
    ['without an address', { email: undefined }],
    ['with an address that is none', { email: 'ada@localhost' }],
  ])('is not created if the provider has not verified the address: %s', async (_, claims) => {
    const mock = await startMockProvider({ ...ada, ...claims })
    const server = await startSallyport({}, undefined, {
      providers: { acme: oidc({ issuer: mock.issuer, label: 'Mock', ...testClient }) },
    })
    await server.addUser()
    expect(await providerDriver(server).signIn('acme')).toMatchObject({
      status: 403,
      body: { code: 'identity_unverified' },
    })
    expect([server.rows('user').length, server.rows('identity').length]).toEqual([1, 0])
  })

  test('is never linked because of an equal address, not even of an unverified account that somebody has prepared [GHSA-g38m-r43w-p2q7]', async () => {
    const { server, signIn } = await twoProviders()
    // Eve has signed up with the address of Ada and waits until Ada comes (pre-hijacking).
    const password = 'the password of eve'
    await server.post(paths.signUp, { email: ada.email, password, name: 'Eve', transport: 'bearer' })
    const refused = await signIn('acme', 'ada')
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'identity_unlinked', title: expect.stringContaining('Sign in as you did before') },
    })
    expect([server.rows('user').length, server.rows('identity').length]).toEqual([1, 0])
  })

  test('of the old issuer is not given to the same subject of a new issuer', async () => {
    const first = await startOidcProvider({ ada })
    const second = await startOidcProvider({ ada: { email: 'eve@example.com', email_verified: true } })
    const of = (issuer: string) => ({ providers: { acme: oidc({ issuer, label: 'Acme', ...testClient }) } })
    const before = await startSallyport({}, undefined, of(first.issuer))
    const { body } = await providerDriver(before).signIn('acme', 'ada')
    const begunBefore = await providerDriver(before).start('acme')
    const callback: Callback = await visitProvider(begunBefore.url, 'ada')
    const after = await startSallyport({ dataDir: before.dataDir }, undefined, of(second.issuer))
    const driver = providerDriver(after)
    const changed = await driver.signIn('acme', 'ada')
    expect(changed.body.user).toMatchObject({ email: 'eve@example.com' })
    expect(changed.body.user?.id).not.toBe(body.user?.id)
    // A sign-in that was begun at the old issuer does not send its code to the new one.
    expect(await driver.finish('acme', callback, begunBefore.providerState)).toMatchObject(expired)
  })
})
