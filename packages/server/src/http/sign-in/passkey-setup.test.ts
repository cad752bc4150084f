import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import {
  claimsOf,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
} from '../../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../../testing/stores.ts'
import { Authenticator, type Behaviour } from '../../testing/webauthn-authenticator.ts'
import { totpCode, totpStep } from '../../tokens/totp.ts'

const bearer = { transport: 'bearer' } as const
const read = async <T = Record<string, unknown>>(answer: Response) => (await answer.json()) as T
type Options = { options: Record<string, unknown>; expiresIn: number }
type Change = Partial<Behaviour> & { type?: string }
type Pending = { status: string; factors: string[]; pendingSignIn: string }

/** A server that requires a second factor, and a user who has none. */
async function started(kind: StoreKind, options: Parameters<typeof startSallyport>[0] = {}) {
  const store = await freshStore(kind)
  const server = await startSallyport({ ...store.options, secondFactor: 'required', ...options })
  const { id } = await server.addUser()
  return { store, server, id, ...clientOf(server) }
}

function clientOf(server: TestServer) {
  const hold = async () =>
    read<Pending>(await server.post(paths.signIn, { email: 'ada@example.com', password, ...bearer }))
  const start = async (pendingSignIn: string) => server.post(paths.startPasskeySetup, { pendingSignIn })
  const created = async (pendingSignIn: string, change?: Change) =>
    new Authenticator().create((await read<Options>(await start(pendingSignIn))).options, change)
  const finish = (pendingSignIn: string, credential: unknown, more = {}) =>
    server.post(paths.finishPasskeySetup, { pendingSignIn, credential, ...bearer, ...more })
  return { hold, start, created, finish }
}

const codeOf = async (answer: Response) => [answer.status, (await read<{ code: string }>(answer)).code]
const refused = [400, 'passkey_refused']
const expired = [400, 'sign_in_expired']

describe.each(storeKinds)('a passkey that is set up during a sign-in, on %s', (kind) => {
  test('finishes the sign-in with two factors, and is asked for at the next one', async () => {
    const { store, server, id, hold, start, finish } = await started(kind)
    const { pendingSignIn, status, factors } = await hold()
    expect([status, factors]).toEqual(['second_factor_setup_required', ['totp', 'passkey']])
    const { options, expiresIn } = await read<Options>(await start(pendingSignIn))
    expect(options).toMatchObject({
      rp: { id: 'localhost' },
      user: { id: Buffer.from(id).toString('base64url'), name: 'ada@example.com', displayName: 'Ada' },
      excludeCredentials: [],
      attestation: 'none',
    })
    expect(expiresIn).toBe(600)
    const authenticator = new Authenticator()
    const answer = await finish(pendingSignIn, authenticator.create(options), { name: 'Laptop' })
    const { accessToken } = await requireTokens(answer.clone())
    expect(claimsOf(accessToken)).toMatchObject({
      sub: id,
      acr: 'aal2',
      amr: ['pwd', 'hwk', 'user', 'mfa'],
    })
    // Recovery codes replace an authenticator app, so there are none.
    expect(await read(answer)).not.toHaveProperty('recoveryCodes')
    expect(await store.query('select "userId" from recovery_code')).toEqual([])
    expect(await store.query('select "userId", name from passkey')).toEqual([{ userId: id, name: 'Laptop' }])
    expect(await store.query('select hash from pending_sign_in')).toEqual([])
    const events = await store.query<{ action: string }>('select action from audit_event order by id')
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['second_factor_asked', 'passkey_added', 'sign_in']),
    )
    expect(await store.query(`select template from mail where template = 'passkey_added'`)).toHaveLength(1)
    server.clock.advance(60)
    expect(await hold()).toMatchObject({ status: 'second_factor_required', factors: ['passkey'] })
  })

  test('is one, although two set-ups are finished at the same time [M05]', async () => {
    const { store, hold, created, finish } = await started(kind)
    const tabs = await Promise.all(
      [1, 2].map(async () => {
        const { pendingSignIn } = await hold()
        return { pendingSignIn, credential: await created(pendingSignIn) }
      }),
    )
    const answers = await Promise.all(
      [...tabs, ...tabs].map(({ pendingSignIn, credential }) => finish(pendingSignIn, credential)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400])
    expect(await store.query('select id from passkey')).toHaveLength(1)
    expect(await store.query('select id from session')).toHaveLength(1)
  })

  test('is refused if an authenticator app was set up in the meantime, and the other way round [M05]', async () => {
    const { store, server, hold, start, created, finish } = await started(kind)
    const first = await hold()
    const second = await hold()
    const { id, secret } = await read<{ id: string; secret: string }>(
      await server.post(paths.startSecondFactor, { pendingSignIn: first.pendingSignIn }),
    )
    const confirm = (pendingSignIn: string) =>
      server.post(paths.finishSecondFactor, {
        ...{ pendingSignIn, id, code: totpCode(secret, totpStep(server.clock.now)) },
        ...bearer,
      })
    const credential = await created(second.pendingSignIn)
    await requireTokens(await confirm(first.pendingSignIn))
    expect(await codeOf(await finish(second.pendingSignIn, credential))).toEqual(expired)
    expect(await codeOf(await start(second.pendingSignIn))).toEqual(expired)
    expect(await store.query('select id from passkey')).toEqual([])
    await store.query('delete from totp')
    const third = await hold()
    const fourth = await hold()
    await requireTokens(await finish(third.pendingSignIn, await created(third.pendingSignIn)))
    expect(await codeOf(await confirm(fourth.pendingSignIn))).toEqual(expired)
    expect(await store.query('select id from totp')).toEqual([])
  })
})

describe('a passkey that is set up during a sign-in', () => {
  test('counts as the second factor without verification of the user, and cannot sign in alone', async () => {
    const { store, hold, created, finish } = await started('SQLite')
    const { pendingSignIn } = await hold()
    const answer = await finish(pendingSignIn, await created(pendingSignIn, { userVerified: false }))
    expect(claimsOf((await requireTokens(answer)).accessToken)).toMatchObject({
      acr: 'aal2',
      amr: ['pwd', 'hwk', 'user', 'mfa'],
    })
    expect(await store.query('select "userVerified" from passkey')).toEqual([{ userVerified: 0 }])
  })

  test.each<[string, Change]>([
    ['from another origin', { origin: 'https://evil.example' }],
    ['for another domain', { rpId: 'evil.example' }],
    ['in a frame of another site', { clientData: { crossOrigin: true } }],
    ['of the type of a sign-in', { type: 'webauthn.get' }],
    ['without presence of the user', { userPresent: false }],
  ])('is refused %s, and the sign-in can go on', async (_, change) => {
    const { store, hold, created, finish } = await started('SQLite')
    const { pendingSignIn } = await hold()
    expect(await codeOf(await finish(pendingSignIn, await created(pendingSignIn, change)))).toEqual(refused)
    expect(await store.query('select id from passkey')).toEqual([])
    expect(await store.query('select id from session')).toEqual([])
    await requireTokens(await finish(pendingSignIn, await created(pendingSignIn)))
  })

  test('answers only a challenge of this sign-in, once', async () => {
    const { store, server, hold, created, finish } = await started('SQLite')
    const first = await hold()
    const second = await hold()
    const credential = await created(first.pendingSignIn)
    expect(await codeOf(await finish(second.pendingSignIn, credential))).toEqual(refused)
    const { pendingSignIn } = first
    const unknown = { ...bearer, credential, pendingSignIn: undefined }
    expect(await codeOf(await server.post(paths.finishPasskeySetup, unknown))).toEqual(expired)
    const late = await created(pendingSignIn)
    // The pending sign-in has expired with the challenge.
    server.clock.advance(601)
    expect(await codeOf(await finish(pendingSignIn, late))).toEqual(expired)
    const again = await hold()
    await requireTokens(await finish(again.pendingSignIn, await created(again.pendingSignIn)))
    expect(await codeOf(await finish(again.pendingSignIn, credential))).toEqual(expired)
    expect(await store.query('select id from passkey')).toHaveLength(1)
  })

  test('is not added after the user was disabled', async () => {
    const { store, server, id, hold, created, finish } = await started('SQLite')
    const { pendingSignIn } = await hold()
    const credential = await created(pendingSignIn)
    await server.sallyport.operator.users.disable(id)
    expect(await codeOf(await finish(pendingSignIn, credential))).toEqual(expired)
    expect(await store.query('select id from passkey')).toEqual([])
  })

  test('is bound to the browser of the sign-in', async () => {
    const { store, server } = await started('SQLite')
    const browser = server.browser()
    expect((await browser.signIn()).status).toBe(202)
    const { options } = await read<Options>(await browser.post(paths.startPasskeySetup))
    const credential = new Authenticator().create(options)
    const thief = server.browser()
    expect(await codeOf(await thief.post(paths.finishPasskeySetup, { credential }))).toEqual(expired)
    const foreign = { origin: 'https://evil.example' }
    expect((await browser.post(paths.finishPasskeySetup, { credential }, foreign)).status).toBe(403)
    expect(await store.query('select id from passkey')).toEqual([])
    const answer = await browser.post(paths.finishPasskeySetup, { credential })
    expect(answer.status).toBe(200)
    expect([browser.jar.has('pendingSignIn'), browser.jar.has('accessToken')]).toEqual([false, true])
  })

  test('needs a verified address if sign-ins need one, as an authenticator app does', async () => {
    const { store, hold, created, finish } = await started('SQLite', {
      ...{ emailVerification: 'sign-in', developmentInbox: true },
    })
    const { pendingSignIn } = await hold()
    await store.query('update "user" set "emailVerifiedAt" = null')
    const answer = await finish(pendingSignIn, await created(pendingSignIn))
    expect(await codeOf(answer)).toEqual([403, 'address_unverified'])
    expect(await store.query('select id from passkey')).toEqual([])
    expect(await store.query('select id from session')).toEqual([])
  })

  test('is removed by the first proof of the address, if somebody else has set it up', async () => {
    const { store, server, hold, created, finish } = await started('SQLite', {
      ...{ mailedSignIn: 'on', developmentInbox: true },
    })
    await store.query('update "user" set "emailVerifiedAt" = null')
    const { pendingSignIn } = await hold()
    await requireTokens(await finish(pendingSignIn, await created(pendingSignIn)))
    await server.post(paths.requestSignInMail, { email: 'ada@example.com', ...bearer })
    const { mails } = await read<{ mails: { text: string }[] }>(await server.get(paths.inbox))
    const [token] = mails.flatMap(({ text }) => /\/login\/link#token=([\w-]{43})/.exec(text)?.[1] ?? [])
    const answer = await server.post(paths.confirmMailedSignIn, { token, ...bearer })
    expect(await read(answer)).toMatchObject({ status: 'second_factor_setup_required' })
    expect(await store.query('select id from passkey')).toEqual([])
  })

  test('is not offered where passkeys are off', async () => {
    const { hold, start } = await started('SQLite', { passkeys: '0' })
    const { pendingSignIn, factors } = await hold()
    expect(factors).toEqual(['totp'])
    expect((await start(pendingSignIn)).status).toBe(404)
  })

  test('is limited for each network', async () => {
    const { hold, start } = await started('SQLite', { throttleScale: 0.1 })
    const { pendingSignIn } = await hold()
    const statuses = []
    for (let count = 0; count < 31; count++) statuses.push((await start(pendingSignIn)).status)
    expect([statuses.filter((status) => status === 200).length, statuses.at(-1)]).toEqual([30, 429])
  })
})
