import { headers as headerNames } from '@sallyport/protocol'
import { type Identity, type ProviderToken, paths } from '@sallyport/protocol/endpoints'
import type { Configuration } from 'oidc-provider'
import { describe, expect, test } from 'vitest'
import { github, type OidcOptions, oidc, type SallyportOptions } from '../../index.ts'
import {
  startGithub,
  startMockProvider,
  startOidcProvider,
  testClient,
} from '../../testing/outside-providers.ts'
import { providerDriver } from '../../testing/provider-driver.ts'
import {
  bearer,
  frontendSecret,
  startSallyport,
  type TestServer,
  testOptions,
} from '../../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds, type TestStore } from '../../testing/stores.ts'

const accounts = {
  one: { email: 'ada@example.com', email_verified: true },
  two: { email: 'bob@example.com', email_verified: true },
}
type Answer = ProviderToken & { code?: string }

/** A provider that replaces the refresh token at each use, and ends the permission if an old one is used (RFC 9700 section 4.14). */
async function startProvider(more: Partial<Configuration> = {}) {
  const provider = await startOidcProvider(accounts, {
    client: { grant_types: ['authorization_code', 'refresh_token'] },
    more: { rotateRefreshToken: true, ...more },
  })
  const countOf = (wanted: string) => provider.grants.filter(({ type }) => type === wanted).length
  const tokens = () =>
    provider.grants.flatMap(({ body }) => [body.access_token, body.refresh_token].map(String))
  const accepts = async (accessToken: string) =>
    (await fetch(`${provider.issuer}/me`, { headers: bearer(accessToken) })).ok
  const useRefreshToken = (token: unknown) =>
    fetch(`${provider.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${testClient.clientId}:${testClient.clientSecret}`)}` },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: String(token) }),
    })
  const revocations = () => provider.requests.filter((line) => line.includes('/revocation'))
  return { ...provider, countOf, tokens, accepts, useRefreshToken, revocations }
}

type Options = {
  settings?: SallyportOptions
  provider?: Partial<OidcOptions>
  /** Settings of the server of the provider. */
  more?: Partial<Configuration>
}

async function startServer(store: TestStore, issuer: string, { settings, provider = {} }: Options = {}) {
  const acme = oidc({ ...testClient, issuer, label: 'Acme', keepTokens: true, ...provider })
  const server = await startSallyport(
    { ...store.options, accessTokenTtlSeconds: 3_600, ...settings },
    undefined,
    { providers: { acme } },
  )
  const ask = async (accessToken: string, extra: Record<string, string> = ofFrontend) => {
    const answer = await server.post(
      paths.readProviderToken,
      { provider: 'acme' },
      { ...bearer(accessToken), ...extra },
    )
    return { status: answer.status, body: (await answer.json()) as Answer }
  }
  const unlink = async (accessToken: string, email: string) => {
    const answer = await server.get(paths.listIdentities, bearer(accessToken))
    const { identities } = (await answer.json()) as { identities: Identity[] }
    const { id } = identities.find((one) => one.email === email) ?? {}
    const path = `${paths.listIdentities}/${id}`
    return (await server.fetch(path, { method: 'DELETE', headers: bearer(accessToken) })).status
  }
  return { server, ask, unlink, ...providerDriver(server) }
}

const ofFrontend = { [headerNames.frontendCredential]: frontendSecret }

async function signedIn(kind: StoreKind = 'SQLite', options: Options = {}) {
  const provider = await startProvider(options.more)
  const store = await freshStore(kind)
  const first = await startServer(store, provider.issuer, options)
  const signIn = async () => (await first.signIn('acme', 'one')).body.accessToken ?? ''
  return { provider, store, ...first, signInAtAcme: signIn, accessToken: await signIn() }
}

/** Lets the stored token expire. The provider has its own clock, and accepts everything. */
function expire({ clock }: TestServer) {
  clock.advance(560)
}

const stored = (store: TestStore) => store.query<{ tokens: string }>('select tokens from provider_token')

describe.each(storeKinds)('tokens of a provider on %s', (kind) => {
  test('are kept encrypted, returned only to the front end, and deleted with the link [O11]', async () => {
    const { ask, provider, server, store, accessToken, signInAtAcme } = await signedIn(kind)
    const { status, body } = await ask(accessToken)
    expect(status).toBe(200)
    expect(body).toEqual({
      accessToken: expect.any(String),
      expiresAt: server.clock.now + 600_000,
      scopes: ['openid', 'email', 'profile', 'offline_access'],
    })
    const info = await fetch(`${provider.issuer}/me`, { headers: bearer(body.accessToken) })
    expect(await info.json()).toMatchObject({ sub: 'one' })

    expect(await ask(accessToken, {})).toMatchObject({ status: 403, body: { code: 'frontend_refused' } })
    const wrong = { [headerNames.frontendCredential]: `${frontendSecret}x` }
    expect(await ask(accessToken, wrong)).toMatchObject({ status: 403, body: { code: 'frontend_refused' } })
    expect(await ask('none')).toMatchObject({ status: 401 })
    const browser = server.browser()
    browser.jar.set('accessToken', accessToken)
    expect((await browser.post(paths.readProviderToken, { provider: 'acme' })).status).toBe(403)

    await signInAtAcme()
    expect(await stored(store)).toHaveLength(1)
    const renewed = (await ask(accessToken)).body.accessToken
    expect(renewed).not.toBe(body.accessToken)
    const rows = JSON.stringify([await store.query('select * from provider_token'), server.logLines])
    const download = await (await server.get(paths.downloadData, bearer(accessToken))).text()
    expect(provider.tokens().length).toBeGreaterThan(3)
    for (const token of provider.tokens()) {
      expect(rows).not.toContain(token)
      expect(download).not.toContain(token)
    }

    const [user] = await store.query<{ id: string }>('select id from "user"')
    await store.query(`delete from identity where "userId" = '${user?.id}'`)
    expect(await stored(store)).toEqual([])
    expect(await ask(accessToken)).toMatchObject({
      status: 409,
      body: { code: 'provider_token_unavailable' },
    })
  })

  test('twenty requests to two processes refresh an expired token once, with the newest refresh token', async () => {
    const { ask, provider, server, store, accessToken } = await signedIn(kind)
    const before = await ask(accessToken)
    const other = await startServer(store, provider.issuer)
    for (const round of [1, 2, 3]) {
      expire(server)
      expire(other.server)
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? ask : other.ask)(accessToken)),
      )
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
      const tokens = new Set(answers.map(({ body }) => body.accessToken))
      expect(tokens.size).toBe(1)
      expect(tokens).not.toContain(before.body.accessToken)
      expect(provider.countOf('refresh_token')).toBe(round)
    }
    const text = JSON.stringify([await stored(store), server.logLines, other.server.logLines])
    for (const token of provider.tokens()) expect(text).not.toContain(token)
  })

  test('a refresh token that the provider does not accept is deleted, until the next sign-in', async () => {
    const { ask, provider, server, store, accessToken, signInAtAcme } = await signedIn(kind)
    expect((await provider.useRefreshToken(provider.grants[0]?.body.refresh_token)).status).toBe(200)
    // The stored refresh token has been replaced. Its use ends the whole permission.
    expire(server)
    const unavailable = { status: 409, body: { code: 'provider_token_unavailable' } }
    expect(await ask(accessToken)).toMatchObject(unavailable)
    expect(await stored(store)).toEqual([])
    expect(await ask(accessToken)).toMatchObject(unavailable)
    expect(await ask(await signInAtAcme())).toMatchObject({ status: 200 })
  })

  test('tokens stay readable after the secret was replaced', async () => {
    const { provider, store, server, accessToken } = await signedIn(kind)
    await server.sallyport.close()
    const next = 'another-8KdWq2VnZrXc7LmYtBhs4GjPf'
    const both = { settings: { secret: `${next},${testOptions.secret}` } }
    const second = await startServer(store, provider.issuer, both)
    const before = await stored(store)
    const report = await second.server.sallyport.operator.secret.reseal()
    expect(report.sealed['provider token']).toEqual({ current: 1, earlier: 0, lost: 0 })
    expect(await stored(store)).not.toEqual(before)
    const third = await startServer(store, provider.issuer, { settings: { secret: next } })
    expire(third.server)
    expect(await third.ask(accessToken)).toMatchObject({ status: 200 })
    expect(provider.countOf('refresh_token')).toBe(1)
  })
})

/** A user with two linked accounts at the provider, and the tokens of both. */
async function linkedTwice(kind?: StoreKind, options?: Options) {
  const first = await signedIn(kind, options)
  const { signIn, accessToken, ask, provider, server } = first
  const ofOne = (await ask(accessToken)).body.accessToken
  // The account that was used last is the second one.
  server.clock.advance(1)
  expect((await signIn('acme', 'two', { purpose: 'link', accessToken })).status).toBe(200)
  const [{ refresh_token: refreshToken } = {}] = provider.grants.map(({ body }) => body)
  return { ...first, ofOne, ofTwo: (await ask(accessToken)).body.accessToken, refreshToken }
}
const notRevoked = ({ logLines }: TestServer) =>
  logLines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'provider token not revoked')

describe.each(storeKinds)('tokens of a provider are revoked there, on %s', (kind) => {
  test('when the user unlinks it, and only those of this identity', async () => {
    const { provider, unlink, accessToken, server, ask, ...tokens } = await linkedTwice(kind)
    expect(await unlink(accessToken, accounts.one.email)).toBe(204)
    await expect.poll(() => provider.accepts(tokens.ofOne)).toBe(false)
    expect((await provider.useRefreshToken(tokens.refreshToken)).status).toBe(400)
    expect(await unlink(accessToken, accounts.two.email)).toBe(409)
    await server.sallyport.close()
    expect(await provider.accepts(tokens.ofTwo)).toBe(true)
    expect(provider.revocations()).toHaveLength(1)
    expect(notRevoked(server)).toEqual([])
  })

  test('when the account is deleted, and not for users who are not due', async () => {
    const { provider, server, store, ask, accessToken, signIn } = await signedIn(kind)
    const other = (await signIn('acme', 'two')).body
    const kept = (await ask(other.accessToken ?? '')).body.accessToken
    const { body: token } = await ask(accessToken)
    await store.query(`update "user" set "deleteAt" = ${server.clock() + 1} where email = 'ada@example.com'`)
    await server.sallyport.upkeep()
    expect(await provider.accepts(token.accessToken)).toBe(true)
    server.clock.advance(1)
    await server.sallyport.upkeep()
    expect(await store.query('select id from "user"')).toEqual([{ id: other.user?.id }])
    await expect.poll(() => provider.accepts(token.accessToken)).toBe(false)
    await server.sallyport.close()
    expect(await provider.accepts(kept)).toBe(true)
    expect(provider.revocations()).toHaveLength(1)
  })
})

test('a provider that does not answer delays no unlink, and the log says that the tokens were not revoked', async () => {
  const { provider, unlink, accessToken, server, store } = await linkedTwice()
  const answer = provider.goSilent()
  expect(await unlink(accessToken, accounts.one.email)).toBe(204)
  await expect.poll(provider.revocations).toHaveLength(1)
  expect(await stored(store)).toHaveLength(1)
  expect(notRevoked(server)).toEqual([])
  answer()
  await expect
    .poll(() => notRevoked(server))
    .toMatchObject([{ level: 40, provider: 'acme', reason: expect.stringContaining('did not pass a check') }])
  for (const token of provider.tokens()) expect(server.logLines.join('')).not.toContain(token)
})

test('without an endpoint for revocations, the provider is not asked', async () => {
  const { provider, unlink, accessToken, server } = await linkedTwice('SQLite', { more: { features: {} } })
  const before = provider.requests.length
  expect(await unlink(accessToken, accounts.one.email)).toBe(204)
  await server.sallyport.close()
  expect(provider.requests.slice(before)).toEqual([])
  expect(notRevoked(server)).toEqual([])
})

test('after a change of the settings, no token is sent to another client or issuer to revoke it [O11]', async () => {
  for (const change of [{ clientId: 'other' }, { issuer: 'https://login.other.example' }]) {
    const { provider, store, accessToken } = await linkedTwice()
    const { server, unlink } = await startServer(store, provider.issuer, { provider: change })
    const before = provider.requests.length
    expect(await unlink(accessToken, accounts.one.email)).toBe(204)
    await server.sallyport.close()
    expect(provider.requests.slice(before)).toEqual([])
    expect(notRevoked(server)).toEqual([])
  }
})

test('if the provider is down, the token is returned until it expires, and the refresh token is kept', async () => {
  const { ask, provider, server, store, accessToken } = await signedIn()
  const before = await ask(accessToken)
  provider.goDown()
  expire(server)
  expect(await ask(accessToken)).toEqual(before)
  server.clock.advance(60)
  expect(await ask(accessToken)).toMatchObject({ status: 502, body: { code: 'provider_failed' } })
  expect(await stored(store)).toHaveLength(1)
})

test('after a change of the settings, the refresh token is not sent to another client or issuer [O11]', async () => {
  for (const change of [{ clientId: 'other' }, { issuer: 'https://login.other.example' }]) {
    const { provider, store, accessToken } = await signedIn()
    const changed = await startServer(store, provider.issuer, { provider: change })
    expire(changed.server)
    expect(await changed.ask(accessToken)).toMatchObject({ status: 409 })
    expect(await stored(store)).toEqual([])
    expect(provider.countOf('refresh_token')).toBe(0)
  }
})

test('nothing is kept by default, and a sign-in deletes what was kept before', async () => {
  const { provider, store, accessToken } = await signedIn()
  const off = await startServer(store, provider.issuer, { provider: { keepTokens: false } })
  expect(await off.ask(accessToken)).toMatchObject({ status: 409 })
  expect(await stored(store)).toHaveLength(1)
  await off.signIn('acme', 'one')
  expect(await stored(store)).toEqual([])
  const never = await signedIn('SQLite', { provider: { keepTokens: false } })
  expect(await stored(never.store)).toEqual([])
  expect(provider.grants.length).toBeGreaterThan(1)
})

test('a provider that issues a refresh token only once: the first one is kept', async () => {
  const { issuer, service } = await startMockProvider({ email: 'ada@example.com', email_verified: true })
  const { signIn, ask, server } = await startServer(await freshStore('SQLite'), issuer)
  const grants: string[] = []
  await signIn('acme')
  service.on('beforeResponse', (answer: { body: Record<string, unknown> }, request: { body: object }) => {
    grants.push((request.body as { grant_type: string }).grant_type)
    delete answer.body.refresh_token
  })
  const { accessToken = '' } = (await signIn('acme')).body
  server.clock.advance(3_550)
  const { status, body } = await ask(accessToken)
  expect(status).toBe(200)
  expect(body.expiresAt).toBe(server.clock.now + 3_600_000)
  expect(grants).toEqual(['authorization_code', 'refresh_token'])
})

test('a token of GitHub has no expiry, its scopes are separated by commas, and its grant is ended with the account', async () => {
  const { url, ended } = await startGithub({ id: 7, login: 'ada' }, [
    { email: 'ada@example.com', primary: true, verified: true },
  ])
  const settings = { ...testClient, url, keepTokens: true, scopes: ['repo'] }
  const server = await startSallyport({}, undefined, { providers: { github: github(settings) } })
  const { start, signIn } = providerDriver(server)
  expect(new URL((await start('github')).url).searchParams.get('scope')).toBe('read:user user:email repo')
  const { body } = await signIn('github')
  const headers = { ...bearer(body.accessToken ?? ''), ...ofFrontend }
  const answer = await server.post(paths.readProviderToken, { provider: 'github' }, headers)
  expect(await answer.json()).toEqual({
    accessToken: 'gho_of_the_tests',
    expiresAt: null,
    scopes: ['read:user', 'user:email'],
  })
  const unknown = await server.post(paths.readProviderToken, { provider: 'acme' }, headers)
  expect(unknown.status).toBe(404)
  server.execute(`update "user" set "deleteAt" = 0`)
  await server.sallyport.upkeep()
  await expect.poll(() => ended).toEqual(['gho_of_the_tests'])
})
