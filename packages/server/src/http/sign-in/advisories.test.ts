import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { oidc } from '../../index.ts'
import {
  startMockProvider,
  startOidcProvider,
  testClient,
  visitProvider,
} from '../../testing/outside-providers.ts'
import { providerDriver } from '../../testing/provider-driver.ts'
import { bearer, startSallyport } from '../../testing/sallyport.ts'

const ada = { email: 'ada@example.com', email_verified: true, name: 'Ada' }

async function withAcme(settings: Parameters<typeof startSallyport>[0] = {}) {
  const acme = await startOidcProvider({ ada })
  const server = await startSallyport(settings, undefined, {
    providers: { acme: oidc({ issuer: acme.issuer, label: 'Acme', ...testClient }) },
  })
  return { server, ...providerDriver(server) }
}

test('the state of a callback is compared also if the provider has neither PKCE nor a nonce [GHSA-wxw3-q3m9-c3jr]', async () => {
  const mock = await startMockProvider(ada)
  const provider = oidc({ issuer: mock.issuer, label: 'Mock', ...testClient })
  const server = await startSallyport({}, undefined, {
    providers: { acme: { ...provider, hasPkce: false, hasNonce: false } },
  })
  const { start, finish } = providerDriver(server)
  const victim = await start('acme')
  const attacker = await start('acme')
  const { code = '', state = '' } = await visitProvider(attacker.url)
  const own = new URL(victim.url).searchParams.get('state') ?? ''
  for (const wrong of [{ code, state }, { code, state: '' }, { code }, { code, state: `${own}x` }])
    expect(await finish('acme', wrong, victim.providerState)).toMatchObject({
      status: 400,
      body: { code: 'sign_in_expired' },
    })
  expect(server.rows('session')).toEqual([])
  expect((await finish('acme', { code, state }, attacker.providerState)).status).toBe(200)
})

test('the secrets of a start at a provider are accepted nowhere else [GHSA-965c-763c-88jm]', async () => {
  const { server, start } = await withAcme({ mailedSignIn: 'on', developmentInbox: true })
  await server.addUser()
  const { url, providerState } = await start('acme')
  const state = new URL(url).searchParams.get('state') ?? ''
  for (const secret of [state, providerState]) {
    const uses: [path: string, body: object][] = [
      [paths.describeMailedSignIn, { token: secret }],
      [paths.confirmMailedSignIn, { token: secret, transport: 'bearer' }],
      [paths.verifyAddress, { token: secret, password: 'any password', transport: 'bearer' }],
      [paths.resetPassword, { token: secret, newPassword: 'open the third door' }],
      [paths.describePendingSignIn, { pendingSignIn: secret }],
      [paths.proveSecondFactor, { pendingSignIn: secret, code: '123456' }],
      [paths.refresh, { refreshToken: secret }],
    ]
    for (const [path, body] of uses) {
      const { status } = await server.post(path, body)
      expect([path, status >= 400 && status < 500]).toEqual([path, true])
    }
    expect((await server.session(secret)).status).toBe(401)
  }
  expect(server.rows('session')).toEqual([])
})

test('a caller cannot choose the state, and no value of the caller is sealed as one [CVE-2026-121802]', async () => {
  const { server, start } = await withAcme()
  for (const chosen of [{ state: 'x'.repeat(43) }, { nonce: 'x' }, { details: {} }, { purpose: 'other' }]) {
    const body = { provider: 'acme', transport: 'bearer', ...chosen }
    const answer = await server.post(paths.startProvider, body)
    expect(await answer.json()).toMatchObject({ code: 'invalid_request' })
  }
  const { url } = await start('acme', { returnTo: '/chosen' })
  expect(new URL(url).searchParams.get('state')).toMatch(/^[\w-]{43}$/)
})

test('a profile in the values of a callback does not count, only what the provider has signed [CVE-2026-110864]', async () => {
  const { server, start, finish } = await withAcme()
  const { url, providerState } = await start('acme')
  const callback = await visitProvider(url, 'ada')
  const profile = { sub: 'eve', email: 'eve@example.com', email_verified: 'true', name: 'Eve' }
  const forged = { ...callback, ...profile, user: JSON.stringify(profile), profile: JSON.stringify(profile) }
  const answer = await finish('acme', forged, providerState)
  expect(answer).toMatchObject({ status: 200, body: { user: { email: ada.email, name: ada.name } } })
  expect(server.rows('identity')).toMatchObject([{ subject: 'ada', email: ada.email }])
})

test('a sign-in at a provider that waits for a second factor is no session, for nobody [GHSA-xg6x-h9c9-2m83]', async () => {
  const { server, signIn } = await withAcme({ secondFactor: 'required' })
  const { status, body } = await signIn('acme', 'ada')
  expect([status, body.accessToken, body.refreshToken]).toEqual([202, undefined, undefined])
  const handle = body.pendingSignIn ?? ''
  expect((await server.session(handle)).status).toBe(401)
  expect((await server.refresh(handle)).status).toBe(401)
  expect((await server.get(paths.listIdentities, bearer(handle))).status).toBe(401)
  expect(server.rows('session')).toEqual([])
})

test.each([
  'ada@example.com＠evil.example',
  'ada＠evil.example@example.com',
  'ada﹫evil.example@example.com',
  'ada@example.com@evil.example',
])(
  'an address that becomes another one when it is normalised is refused: %s [GHSA-7rqj-j65f-68wh]',
  async (email) => {
    const mock = await startMockProvider({ email, email_verified: true })
    const server = await startSallyport({ mailedSignIn: 'on', developmentInbox: true }, undefined, {
      providers: { acme: oidc({ issuer: mock.issuer, label: 'Mock', ...testClient }) },
    })
    await server.addUser()
    expect((await providerDriver(server).signIn('acme')).body.code).toBe('identity_unverified')
    const mailed = await server.post(paths.requestSignInMail, { email, transport: 'bearer' })
    // The response is the same for every address, and this one has no account.
    expect(mailed.status).toBe(202)
    expect(server.rows('user')).toHaveLength(1)
    expect(server.rows('mailed_sign_in')).toMatchObject([{ userId: null, email: '' }])
  },
)
