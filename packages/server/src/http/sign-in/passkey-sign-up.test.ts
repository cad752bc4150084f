import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import type { Customizations } from '../../customizations.ts'
import {
  bearer,
  claimsOf,
  frozenClock,
  password,
  requireTokens,
  startSallyport,
} from '../../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../../testing/stores.ts'
import { Authenticator, type Behaviour } from '../../testing/webauthn-authenticator.ts'

const email = 'nora@example.com'
const cookieless = { transport: 'bearer' } as const
type Change = Partial<Behaviour> & { type?: string }
type Started = { options: Record<string, unknown>; expiresIn: number; email: string; name: string }
type Mail = { to: string; subject: string; text: string }
const read = async <T = Record<string, unknown>>(answer: Response) => (await answer.json()) as T
const codeOf = async (answer: Response) => [answer.status, (await read<{ code: string }>(answer)).code]
const dead = [400, 'link_invalid']
const refused = [400, 'passkey_refused']

async function started(
  kind: StoreKind = 'SQLite',
  options: Parameters<typeof startSallyport>[0] = {},
  customizations: Customizations = {},
) {
  const store = await freshStore(kind)
  const all = { ...store.options, developmentInbox: true, ...options }
  const server = await startSallyport(all, frozenClock(), customizations)
  const ask = (address = email, more: object = {}) =>
    server.post(paths.requestPasskeySignUp, { email: address, name: 'Nora', ...more })
  const mails = async () => (await read<{ mails: Mail[] }>(await server.get(paths.inbox))).mails
  /** Asks for a link, and returns its token. */
  const mailed = async (address = email, more: object = {}) => {
    server.clock.advance(1)
    expect(await read(await ask(address, more))).toEqual({ status: 'mailed' })
    const texts = (await mails()).filter(({ to }) => to === address).map(({ text }) => text)
    return /\/signup\/passkey#token=([\w-]{43})/.exec(texts[0] ?? '')?.[1] ?? ''
  }
  const start = (token: string) => server.post(paths.startPasskeySignUp, { token })
  const created = async (token: string, change?: Change, one = new Authenticator()) =>
    one.create((await read<Started>(await start(token))).options, change)
  const finish = (token: string, credential: unknown, more: object = {}) =>
    server.post(paths.signUpWithPasskey, { token, credential, ...cookieless, ...more })
  const users = () => store.query<{ id: string; email: string }>('select * from "user"')
  return { store, server, ask, mails, mailed, start, created, finish, users }
}

describe.each(storeKinds)('a sign-up with a passkey, on %s', (kind) => {
  test('creates the account with the passkey, and the passkey signs in afterwards', async () => {
    const { store, server, mailed, start, finish, users } = await started(kind, {
      secondFactor: 'required',
    })
    const token = await mailed()
    expect(await users()).toEqual([])
    const { options, ...about } = await read<Started>(await start(token))
    expect(about).toEqual({ email, name: 'Nora', expiresIn: 600 })
    expect(options).toMatchObject({
      rp: { id: 'localhost' },
      user: { name: email, displayName: 'Nora' },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    })
    expect(await users()).toEqual([])
    const authenticator = new Authenticator()
    const answer = await finish(token, authenticator.create(options), { name: 'Laptop' })
    const { accessToken } = await requireTokens(answer)
    const [user] = await users()
    expect(claimsOf(accessToken)).toMatchObject({ sub: user?.id, acr: 'aal2', amr: ['hwk', 'user', 'mfa'] })
    expect(user).toMatchObject({ email, name: 'Nora', emailVerifiedAt: expect.anything() })
    expect(await store.query('select "userId" from credential')).toEqual([])
    expect(await store.query('select name, "userVerified" from passkey')).toEqual([
      { name: 'Laptop', userVerified: 1 },
    ])
    const events = await store.query<{ action: string }>('select action from audit_event')
    expect(events.map(({ action }) => action).sort()).toEqual(
      ['address_verified', 'passkey_added', 'sign_in', 'sign_up'].sort(),
    )
    const began = await read<Started & { handle: string }>(
      await server.post(paths.startPasskeySignIn, cookieless),
    )
    const credential = authenticator.get(began.options)
    await requireTokens(
      await server.post(paths.signInWithPasskey, { credential, handle: began.handle, ...cookieless }),
    )
    // The passkey is the only way in, so it stays.
    const removed = await server.fetch(`${paths.listPasskeys}/${credential.id}`, {
      method: 'DELETE',
      headers: bearer(accessToken),
    })
    expect(await codeOf(removed)).toEqual([409, 'last_way_in'])
  })

  test('creates one account, although the link is used several times at once', async () => {
    const { store, mailed, created, finish, users } = await started(kind)
    const token = await mailed()
    const credentials = await Promise.all(Array.from({ length: 6 }, () => created(token)))
    const answers = await Promise.all(credentials.map((credential) => finish(token, credential)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400])
    expect(await users()).toHaveLength(1)
    expect(await store.query('select id from passkey')).toHaveLength(1)
    expect(await store.query('select id from session')).toHaveLength(1)
    expect(await store.query('select hash from one_time_token')).toEqual([])
  })

  test('does not show whether the address has an account, and changes nothing there [W08]', async () => {
    const { store, server, ask, mails, users } = await started(kind)
    await server.addUser()
    const before = await users()
    const known = await ask('ada@example.com')
    const unknown = await ask('nobody@example.com')
    expect([known.status, await known.text()]).toEqual([unknown.status, await unknown.text()])
    expect([...known.headers.keys()]).toEqual([...unknown.headers.keys()])
    const sent = (await mails()).map(({ to, subject }) => `${to}: ${subject}`).sort()
    expect(sent).toEqual([
      'ada@example.com: You already have an account with Sallyport',
      'nobody@example.com: Create your Sallyport account',
    ])
    expect(await users()).toEqual(before)
    // Both have stored a link and sealed details of the same length.
    const rows = await store.query<{ details: string }>('select details from one_time_token')
    expect(new Set(rows.map(({ details }) => details.length)).size).toBe(1)
    expect(rows).toHaveLength(2)
  })

  test('ends if the address gets an account in the meantime', async () => {
    const { store, server, mailed, created, finish, users } = await started(kind)
    const token = await mailed()
    const credential = await created(token)
    await server.addUser(email)
    expect(await codeOf(await finish(token, credential))).toEqual(dead)
    expect(await users()).toHaveLength(1)
    expect(await store.query('select id from passkey')).toEqual([])
    await requireTokens(await server.post(paths.signIn, { email, password, ...cookieless }))
  })
})

describe('a sign-up with a passkey', () => {
  test.each<[string, Change]>([
    ['from another origin', { origin: 'https://evil.example' }],
    ['for another domain', { rpId: 'evil.example' }],
    ['in a frame of another site', { clientData: { crossOrigin: true } }],
    ['without verification of the user, because it is the only way in', { userVerified: false }],
  ])('is refused %s, and the link still works', async (_, change) => {
    const { store, mailed, created, finish, users } = await started()
    const token = await mailed()
    expect(await codeOf(await finish(token, await created(token, change)))).toEqual(refused)
    expect(await users()).toEqual([])
    expect(await store.query('select id from passkey')).toEqual([])
    await requireTokens(await finish(token, await created(token)))
  })

  test('needs the newest link, for one day, and a challenge of this link, once [W08]', async () => {
    const { server, mailed, start, created, finish, users } = await started()
    const first = await mailed()
    const other = await mailed('other@example.com')
    const foreign = await created(other)
    expect(await codeOf(await finish(first, foreign))).toEqual(refused)
    const credential = await created(first)
    const newest = await mailed()
    expect(await codeOf(await start(first))).toEqual(dead)
    expect(await codeOf(await finish(first, credential))).toEqual(dead)
    expect(await codeOf(await finish(newest, credential))).toEqual(refused)
    expect(await codeOf(await finish('no link', credential))).toEqual(dead)
    await requireTokens(await finish(newest, await created(newest)))
    expect(await codeOf(await start(newest))).toEqual(dead)
    server.clock.advance(86_400)
    expect(await codeOf(await start(other))).toEqual(dead)
    expect((await users()).map((user) => user.email)).toEqual([email])
  })

  test('the link of a sign-up with a password creates no passkey: the password is needed', async () => {
    const { server, mails, start, users } = await started('SQLite', { emailVerification: 'sign-in' })
    await server.post(paths.signUp, { email, password, name: 'Nora', ...cookieless })
    const token = /\/verify#token=([\w-]{43})/.exec((await mails())[0]?.text ?? '')?.[1] ?? ''
    expect(await codeOf(await start(token))).toEqual(dead)
    expect(await users()).toEqual([])
  })

  test('can be finished with a password instead, which must meet the password policy', async () => {
    const { server, store, mailed, users } = await started()
    const token = await mailed()
    const verify = (chosen?: string) =>
      server.post(paths.verifyAddress, { token, password: chosen, ...cookieless })
    for (const weak of [undefined, 'short', 'passwordpassword'])
      expect(await read(await verify(weak))).toMatchObject({
        code: 'invalid_request',
        errors: [{ field: 'password' }],
      })
    expect(await users()).toEqual([])
    const { accessToken } = await requireTokens(await verify(password))
    expect(claimsOf(accessToken)).toMatchObject({ amr: ['pwd'], acr: 'aal1' })
    expect(await store.query('select id from passkey')).toEqual([])
    await requireTokens(await server.post(paths.signIn, { email, password, ...cookieless }))
    expect(await codeOf(await verify(password))).toEqual(dead)
  })

  test('its mail is sent again on request, with a new link', async () => {
    const { server, mailed, mails, start } = await started('SQLite', { mailedSignIn: 'on' })
    const first = await mailed()
    const again = [
      () => server.post(paths.resendVerification, { email }),
      () => server.post(paths.requestSignInMail, { email, ...cookieless }),
    ]
    let before = first
    for (const send of again) {
      server.clock.advance(1)
      expect((await send()).status).toBe(202)
      const [mail] = await mails()
      const token = /\/signup\/passkey#token=([\w-]{43})/.exec(mail?.text ?? '')?.[1] ?? ''
      expect(await codeOf(await start(before))).toEqual(dead)
      expect((await start(token)).status).toBe(200)
      before = token
    }
  })

  test('keeps the tokens of a browser in cookies, and refuses foreign origins', async () => {
    const { server, mailed, created, users } = await started()
    const browser = server.browser()
    const token = await mailed()
    const credential = await created(token)
    const foreign = { origin: 'https://evil.example' }
    expect((await browser.post(paths.signUpWithPasskey, { token, credential }, foreign)).status).toBe(403)
    expect(await users()).toEqual([])
    const answer = await browser.post(paths.signUpWithPasskey, { token, credential })
    expect([answer.status, Object.keys(await read(answer))]).toEqual([200, ['user', 'expiresIn']])
    expect(browser.jar.has('accessToken')).toBe(true)
  })

  test('asks the hook of the app, stores its fields, and tells the app afterwards', async () => {
    const asked: unknown[] = []
    const told: string[] = []
    const { ask, mailed, created, finish, users } = await started(
      'SQLite',
      {},
      {
        userFields: { team: { type: 'text', required: true, writable: ['sign-up'] } },
        hooks: {
          beforeSignUp: (attempt) => {
            asked.push([attempt.email, attempt.name])
            return attempt.email.startsWith('no') && attempt.email !== email
              ? { field: 'email', message: 'Not this address.' }
              : undefined
          },
          afterSignUp: (user) => void told.push(user.email),
        },
      },
    )
    const fields = { team: 'Billing' }
    expect(await read(await ask(email))).toMatchObject({ code: 'invalid_request' })
    expect(await read(await ask('no@example.com', { fields }))).toMatchObject({ code: 'sign_up_refused' })
    const token = await mailed(email, { fields })
    expect([asked, told]).toEqual([
      [
        ['no@example.com', 'Nora'],
        [email, 'Nora'],
      ],
      [],
    ])
    await requireTokens(await finish(token, await created(token)))
    await expect.poll(() => told).toEqual([email])
    expect(await users()).toMatchObject([{ fields: JSON.stringify(fields) }])
  })

  test('does not exist without mail or without passkeys', async () => {
    const { server } = await started('SQLite', { developmentInbox: false })
    expect(await codeOf(await server.post(paths.requestPasskeySignUp, { email, name: 'Nora' }))).toEqual([
      404,
      'not_found',
    ])
    const off = await started('SQLite', { passkeys: '0' })
    expect((await off.ask()).status).toBe(404)
  })

  test('is limited for each address, like every sign-up', async () => {
    const { ask } = await started()
    const statuses = []
    for (let count = 0; count < 12; count++) statuses.push((await ask()).status)
    expect(statuses[0]).toBe(202)
    expect(statuses.at(-1)).toBe(429)
  })
})
