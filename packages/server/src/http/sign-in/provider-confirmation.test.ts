import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { github, oidc } from '../../index.ts'
import {
  startGithub,
  startMockProvider,
  startOidcProvider,
  testClient,
  visitProvider,
} from '../../testing/outside-providers.ts'
import { providerDriver } from '../../testing/provider-driver.ts'
import { bearer, claimsOf, frozenClock, startSallyport } from '../../testing/sallyport.ts'

const accounts = {
  ada: { email: 'ada@example.com', email_verified: true, name: 'Ada' },
  eve: { email: 'eve@example.com', email_verified: true, name: 'Eve' },
}

/** A user who has only a provider, and who signed in there eleven minutes ago. The clock is the one of the provider. */
async function olderSignIn(options: { hasAuthTime?: boolean } = {}) {
  const acme = await startOidcProvider(accounts)
  const provider = oidc({ issuer: acme.issuer, label: 'Acme', ...testClient, ...options })
  const server = await startSallyport({}, frozenClock(Date.now() - 660_000), {
    providers: { acme: provider },
  })
  const driver = providerDriver(server)
  const first = await driver.signIn('acme', 'ada')
  server.clock.now = Date.now()
  const refresh = async (token: string) => {
    const answer = (await (await server.refresh(token)).json()) as Record<
      'accessToken' | 'refreshToken',
      string
    >
    return { ...answer, claims: claimsOf(answer.accessToken) }
  }
  return { acme, server, driver, refresh, ...(await refresh(first.body.refreshToken ?? '')) }
}

/** Begins a confirmation and expects a refusal. */
async function refusedStart(
  server: Awaited<ReturnType<typeof olderSignIn>>['server'],
  accessToken: string | null,
  provider = 'acme',
) {
  const body = { provider, purpose: 'confirm', transport: 'bearer' }
  const answer = await server.post(paths.startProvider, body, accessToken === null ? {} : bearer(accessToken))
  return [answer.status, ((await answer.json()) as { code: string }).code]
}

test('a user who has only a provider confirms there who they are, and may then change the account', async () => {
  const { server, driver, refresh, accessToken, refreshToken } = await olderSignIn()
  const startLink = () =>
    server.post(
      paths.startProvider,
      { provider: 'acme', purpose: 'link', transport: 'bearer' },
      bearer(accessToken),
    )
  expect((await startLink()).status).toBe(401)
  const { url } = await driver.start('acme', { purpose: 'confirm', accessToken })
  expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({ prompt: 'login', max_age: '0' })
  const answer = await driver.signIn('acme', 'ada', { purpose: 'confirm', returnTo: '/reports', accessToken })
  expect(answer).toEqual({ status: 200, body: { status: 'confirmed', returnTo: '/reports' } })
  const { claims } = await refresh(refreshToken)
  expect(claims).toMatchObject({ auth_time: Math.floor(server.clock() / 1000), acr: 'aal1', amr: ['fed'] })
  expect((await startLink()).status).toBe(200)
  expect(server.rows('session')).toHaveLength(1)
  expect(
    server
      .rows<{ action: string; details: string }>('audit_event')
      .filter(({ action }) => action === 'reauthentication'),
  ).toMatchObject([{ details: '{"method":"provider"}' }])
  const listed = await server.get(paths.listIdentities, bearer(accessToken))
  expect(await listed.json()).toMatchObject({ identities: [{ provider: 'acme', canConfirm: true }] })
})

test('the account at the provider must be linked to this user [O10]', async () => {
  const { server, driver, accessToken, claims } = await olderSignIn()
  const wrong = await driver.signIn('acme', 'eve', { purpose: 'confirm', accessToken })
  expect(wrong).toMatchObject({ status: 403, body: { code: 'identity_mismatch' } })
  await driver.signIn('acme', 'eve')
  const ofAnother = await driver.signIn('acme', 'eve', { purpose: 'confirm', accessToken })
  expect(ofAnother).toMatchObject({ status: 403, body: { code: 'identity_mismatch' } })
  const [session] = server.rows<{ authenticatedAt: number }>('session')
  expect(Math.floor((session?.authenticatedAt ?? 0) / 1000)).toBe(claims.auth_time)
})

test('a confirmation needs a session, and only the session that has begun it can finish [O10]', async () => {
  const { server, driver, accessToken } = await olderSignIn()
  expect(await refusedStart(server, null)).toEqual([401, 'token_missing'])
  const other = await driver.signIn('acme', 'ada')
  const { url, providerState } = await driver.start('acme', { purpose: 'confirm', accessToken })
  const callback = await visitProvider(url, 'ada')
  const codeWith = async (token?: string) =>
    (await driver.finish('acme', callback, providerState, token)).body.code
  expect(await codeWith()).toBe('token_missing')
  expect(await codeWith(other.body.accessToken)).toBe('sign_in_expired')
  expect(await codeWith(accessToken)).toBeUndefined()
  expect(await codeWith(accessToken)).toBe('sign_in_expired')
})

test('a provider that is not linked, or that cannot say when the user has authenticated, is not asked', async () => {
  const emails = [{ email: 'bob@example.com', primary: true, verified: true }]
  const { url } = await startGithub({ id: 1, login: 'bob', name: 'Bob' }, emails)
  const acme = await startOidcProvider(accounts)
  const options = { issuer: acme.issuer, ...testClient }
  const server = await startSallyport({}, frozenClock(Date.now()), {
    providers: {
      acme: oidc({ ...options, label: 'Acme' }),
      silent: oidc({ ...options, label: 'Silent', hasAuthTime: false }),
      github: github({ url, ...testClient }),
    },
  })
  const { body } = await providerDriver(server).signIn('github')
  const accessToken = body.accessToken ?? ''
  expect(await refusedStart(server, accessToken, 'github')).toEqual([403, 'provider_unconfirmed'])
  expect(await refusedStart(server, accessToken, 'silent')).toEqual([403, 'provider_unconfirmed'])
  expect(await refusedStart(server, accessToken, 'acme')).toEqual([403, 'identity_mismatch'])
  const listed = await server.get(paths.listIdentities, bearer(accessToken))
  expect(await listed.json()).toMatchObject({ identities: [{ provider: 'github', canConfirm: false }] })
})

describe('auth_time [O10]', () => {
  async function withAuthTime(authTime: (startSeconds: number) => unknown) {
    const mock = await startMockProvider({ email: 'ada@example.com', email_verified: true })
    const server = await startSallyport({}, frozenClock(Date.now()), {
      providers: { acme: oidc({ issuer: mock.issuer, label: 'Mock', ...testClient }) },
    })
    const driver = providerDriver(server)
    const { body } = await driver.signIn('acme')
    mock.service.on('beforeTokenSigning', ({ payload }: { payload: object }) =>
      Object.assign(payload, { auth_time: authTime(Math.floor(server.clock() / 1000)) }),
    )
    const options = { purpose: 'confirm', accessToken: body.accessToken ?? '' } as const
    const answer = await driver.signIn('acme', 'johndoe', options)
    return answer.body.code ?? answer.body.status
  }

  test.each<[string, (start: number) => unknown, string]>([
    ['of the start is accepted', (start) => start, 'confirmed'],
    ['29 seconds before the start is accepted, because clocks differ', (start) => start - 29, 'confirmed'],
    [
      'of a minute before the start is refused: the provider has ignored prompt=login',
      (start) => start - 60,
      'provider_unconfirmed',
    ],
    ['in a minute is refused', (start) => start + 60, 'provider_unconfirmed'],
    ['that is missing is refused', () => undefined, 'provider_unconfirmed'],
    ['that is text is refused', (start) => String(start), 'provider_failed'],
  ])('%s', async (_, authTime, expected) => {
    expect(await withAuthTime(authTime)).toBe(expected)
  })
})

test('a user who has a second factor must prove it, so the provider alone confirms nothing', async () => {
  const { server, driver, accessToken } = await olderSignIn()
  const { url, providerState } = await driver.start('acme', { purpose: 'confirm', accessToken })
  const callback = await visitProvider(url, 'ada')
  const [user] = server.rows<{ id: string }>('user')
  server.execute(
    `insert into totp (id, "userId", name, "sealedSecret", "createdAt", "confirmedAt", "lastStep") values ('t', '${user?.id}', 'App', 'x', 0, 0, -1)`,
  )
  const refusal = 'insufficient_user_authentication'
  expect(await refusedStart(server, accessToken)).toEqual([401, refusal])
  expect((await driver.finish('acme', callback, providerState, accessToken)).body.code).toBe(refusal)
})
