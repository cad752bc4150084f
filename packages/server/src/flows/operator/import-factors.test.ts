import { randomBytes } from 'node:crypto'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import type { SallyportOptions } from '../../index.ts'
import { setUpTotp } from '../../testing/authenticator.ts'
import {
  bearer,
  claimsOf,
  type FrozenClock,
  frozenClock,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
} from '../../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../../testing/stores.ts'
import { Authenticator } from '../../testing/webauthn-authenticator.ts'

const factorsKey = randomBytes(32).toString('base64')
type Row = { email: string; totp: Record<string, unknown>[]; passkeys: object[] }

/** Starts another installation, with a secret of its own. */
async function started(kind: StoreKind, options: SallyportOptions = {}, clock?: FrozenClock) {
  const store = await freshStore(kind)
  const server = await startSallyport({ ...store.options, ...options }, clock)
  return { store, server, users: server.sallyport.operator.users }
}

async function exportedFrom({ sallyport }: TestServer, options?: { factorsKey: string }): Promise<Row[]> {
  const rows: Row[] = []
  // A file has only what JSON can have.
  for await (const { id: _, ...row } of sallyport.operator.users.exported(options))
    rows.push(JSON.parse(JSON.stringify(row)) as Row)
  return rows
}

const json = async <T = Record<string, string>>(answer: Response) => (await answer.json()) as T

/** Signs in with the password, and then with a second factor. */
async function prove(server: TestServer, proof: { code: string } | { recoveryCode: string }) {
  const transport = 'bearer'
  const held = await server.post(paths.signIn, { email: 'ada@example.com', password, transport })
  expect(held.status).toBe(202)
  const { pendingSignIn } = await json(held)
  return server.post(paths.proveSecondFactor, { transport, pendingSignIn, ...proof })
}

async function addPasskey(server: TestServer, authenticator: Authenticator, accessToken: string) {
  const own = bearer(accessToken)
  const { options } = await json<{ options: Record<string, unknown> }>(
    await server.post(paths.startPasskey, {}, own),
  )
  const credential = authenticator.create(options)
  const added = await server.post(paths.addPasskey, { credential, name: 'Key' }, own)
  expect(added.status).toBe(200)
  return { options, id: credential.id }
}

async function signInWithPasskey(server: TestServer, authenticator: Authenticator) {
  const { options, handle } = await json<{ options: Record<string, unknown>; handle: string }>(
    await server.post(paths.startPasskeySignIn, { transport: 'bearer' }),
  )
  const credential = authenticator.get(options)
  return server.post(paths.signInWithPasskey, { credential, handle, transport: 'bearer' })
}

/** An installation with a user who has an authenticator app, recovery codes and a passkey. */
async function withFactors(kind: StoreKind = 'SQLite') {
  const source = await started(kind, { secondFactor: 'required' })
  const { server } = source
  const { id: userId } = await server.addUser()
  const app = await setUpTotp(server)
  const passkey = new Authenticator()
  const { accessToken } = await requireTokens(await prove(server, { code: app.codeAt(server.clock.now) }))
  const { id } = await addPasskey(server, passkey, accessToken)
  return { ...source, userId, app, passkey, passkeyId: id }
}

const other: Record<StoreKind, StoreKind> = { SQLite: 'PostgreSQL', PostgreSQL: 'SQLite' }
const otherSecret = { secret: 'another-8KdWq2VnZrXc7LmYtBhs4GjPf' }

describe.each(storeKinds)('factors of imported users, from %s to the other database', (kind) => {
  test('the user signs in with code, recovery code and passkey; what was used before is refused', async () => {
    const source = await withFactors(kind)
    const { app, passkey, server } = source
    const used = app.codeAt(server.clock.now)
    const [spent = '', first = '', second = ''] = app.recoveryCodes
    await requireTokens(await prove(server, { recoveryCode: spent }))
    const rows = await exportedFrom(server, { factorsKey })
    const text = JSON.stringify(rows)
    for (const secret of [app.secret, ...app.recoveryCodes]) expect(text).not.toContain(secret)

    const target = await started(other[kind], otherSecret, frozenClock(server.clock.now))
    expect(await target.users.import(rows, { factorsKey, dryRun: true })).toEqual([{ state: 'added' }])
    expect(await target.users.find('ada@example.com')).toBe(null)
    expect(await target.users.import(rows, { factorsKey })).toEqual([{ state: 'added' }])
    expect(await target.users.import(rows, { factorsKey })).toEqual([{ state: 'present' }])

    // The clock has not moved, so the code is that of the last step.
    expect((await prove(target.server, { code: used })).status).toBe(400)
    target.server.clock.advance(30)
    const code = app.codeAt(target.server.clock.now)
    expect(code).not.toBe(used)
    const { accessToken } = await requireTokens(await prove(target.server, { code }))
    expect(claimsOf(accessToken)).toMatchObject({ acr: 'aal2' })
    expect((await prove(target.server, { recoveryCode: spent })).status).toBe(400)
    expect((await prove(target.server, { recoveryCode: first })).status).toBe(200)
    expect((await prove(target.server, { recoveryCode: first })).status).toBe(400)
    expect((await prove(target.server, { recoveryCode: second })).status).toBe(200)

    // A passkey added here has the user handle of the imported one, so authenticators show one account.
    const fresh = new Authenticator()
    const { options } = await addPasskey(target.server, fresh, accessToken)
    const userHandle = Buffer.from(source.userId).toString('base64url')
    expect(options).toMatchObject({ user: { id: userHandle } })
    const listed = await json(await target.server.get(paths.listPasskeys, bearer(accessToken)))
    expect(listed).toMatchObject({ userHandle })
    const copy = passkey.clone()
    for (const own of [passkey, fresh]) {
      const tokens = await requireTokens(await signInWithPasskey(target.server, own))
      const { sub } = claimsOf(tokens.accessToken)
      expect(sub).toBe((await target.users.find('ada@example.com'))?.id)
    }
    // The counter was imported, too.
    expect(await json(await signInWithPasskey(target.server, copy))).toMatchObject({
      code: 'passkey_refused',
    })
    const events = await target.store.query(`select details from audit_event where action = 'users_imported'`)
    expect(events).toEqual([{ details: '{"count":1,"secondFactors":1,"passkeys":1}' }])
    expect(await exportedFrom(target.server, { factorsKey })).toMatchObject([
      { passkeys: [{ userHandle }, { userHandle }] },
    ])
  })

  test('refuses a passkey and a recovery code of another user, also in parallel', async () => {
    const source = await withFactors(kind)
    const [row] = await exportedFrom(source.server, { factorsKey })
    const target = await started(other[kind])
    const rows = ['a', 'b', 'c', 'd'].map((name) => {
      return { email: `${name}@example.com`, passkeys: row?.passkeys }
    })
    const results = (await Promise.all(rows.map((one) => target.users.import([one])))).flat()
    expect(results.map(({ state }) => state).sort()).toEqual(['added', 'refused', 'refused', 'refused'])
    expect(results.find(({ reason }) => reason)?.reason).toBe(
      'passkeys.0: This passkey belongs to another user.',
    )
    expect(await target.store.query('select id from "user"')).toHaveLength(1)
    const codesOnly = { ...row, passkeys: [] }
    // The sealed secret is only for the address of the export, so the user exists here with another address.
    await target.users.import([codesOnly], { factorsKey })
    await target.store.query(
      `update "user" set email = 'renamed@example.com' where email = 'ada@example.com'`,
    )
    for (const dryRun of [true, false])
      expect(await target.users.import([codesOnly], { factorsKey, dryRun })).toEqual([
        { state: 'refused', reason: 'recoveryCodes.0: This recovery code belongs to another user.' },
      ])
  })
})

const app = { name: 'Phone', sealedSecret: null, createdAt: 1, lastUsedAt: null, lastStep: -1 }
const hash = 'h'.repeat(43)

test('refuses a user whose authenticator app cannot be opened, and imports the others', async () => {
  const source = await withFactors()
  await source.users.import([{ email: 'bob@example.com' }])
  const target = await started('SQLite', otherSecret)
  const rows = await exportedFrom(source.server, { factorsKey })
  const reasonOf = async (row: unknown, options = {}) => {
    const results = await target.users.import([row, { email: 'eve@example.com' }], options)
    expect(results[1]?.state).not.toBe('refused')
    expect(await target.users.find('ada@example.com')).toBe(null)
    return results[0]?.reason
  }
  const [ada] = rows
  const cannot = /^totp\.0\.sealedSecret: The secret of this authenticator app cannot be decrypted/
  expect(await reasonOf(ada)).toMatch(/^totp\.0\.sealedSecret: .*is encrypted\. Import the users with/)
  expect(await reasonOf(ada, { factorsKey: randomBytes(32).toString('base64') })).toMatch(cannot)
  const stolen = { ...ada, email: 'mallory@example.com', passkeys: [], recoveryCodes: [] }
  expect(await reasonOf(stolen, { factorsKey })).toMatch(cannot)
  const sealed = String(ada?.totp[0]?.sealedSecret)
  const changed = { ...ada?.totp[0], sealedSecret: `${sealed.slice(0, -4)}AAAA` }
  expect(await reasonOf({ ...ada, totp: [changed] }, { factorsKey })).toMatch(cannot)
  const [bare] = await exportedFrom(source.server)
  expect(bare).toMatchObject({ totp: [{ sealedSecret: null }] })
  expect(await reasonOf(bare, { factorsKey })).toMatch(/^totp\.0\.sealedSecret: The file does not have/)
  expect(await target.users.import(rows.slice(1))).toEqual([{ state: 'added' }])
})

test('exports no secret of an app that this server cannot decrypt', async () => {
  const source = await withFactors()
  source.server.execute(`update totp set "sealedSecret" = 'lost'`)
  expect(await exportedFrom(source.server, { factorsKey })).toMatchObject([
    { totp: [{ sealedSecret: null }] },
  ])
})

test('refuses passkeys of another domain, and if passkeys are off', async () => {
  const source = await withFactors()
  const [ada] = await exportedFrom(source.server)
  const row = { email: 'ada@example.com', passkeys: ada?.passkeys }
  const elsewhere = await started('SQLite', {
    origins: 'https://app.example.com',
    passkeyDomain: 'example.com',
  })
  expect((await elsewhere.users.import([row]))[0]?.reason).toBe(
    'passkeys.0.domain: The passkey belongs to localhost. Passkeys of this server belong to example.com. Set SALLYPORT_PASSKEY_DOMAIN.',
  )
  const off = await started('SQLite', { passkeys: false })
  expect((await off.users.import([row]))[0]?.reason).toBe(
    'passkeys.0: Passkeys are off on this server. See docs/passkeys.md.',
  )
  expect(await off.users.find('ada@example.com')).toBe(null)
})

test.each<[string, object, RegExp]>([
  ['recovery codes without an app', { recoveryCodes: [hash] }, /^recoveryCodes: There are recovery codes/],
  ['a code that is no hash', { recoveryCodes: ['abcd-efgh'] }, /^recoveryCodes\.0: This is not the hash/],
  ['too many apps', { totp: Array(11).fill(app) }, /^totp: /],
  ['an app without a step', { totp: [{ ...app, lastStep: undefined }] }, /^totp\.0\.lastStep: /],
  ['an app with a plain secret', { totp: [{ ...app, secret: 'JBSWY3DPEHPK3PXP' }] }, /^totp\.0: /],
  ['a passkey without a public key', { passkeys: [{ id: 'abc' }] }, /^passkeys\.0\.publicKey: /],
])('refuses a row with %s', async (_, members, reason) => {
  const { users } = await started('SQLite')
  const [result] = await users.import([{ email: 'ada@example.com', ...members }], { factorsKey })
  expect(result).toEqual({ state: 'refused', reason: expect.stringMatching(reason) })
  expect(await users.find('ada@example.com')).toBe(null)
})

test('refuses something twice: in one row, and in two rows of one call', async () => {
  const source = await withFactors()
  const [row] = await exportedFrom(source.server, { factorsKey })
  const passkey = row?.passkeys[0]
  const { users } = await started('SQLite')
  const reasons = async (...rows: object[]) =>
    (await users.import(rows, { factorsKey })).map(({ reason }) => reason)
  expect(await reasons({ ...row, passkeys: [passkey, passkey] })).toEqual([
    'passkeys: A passkey occurs twice.',
  ])
  expect(await reasons({ ...row, recoveryCodes: [hash, hash] })).toEqual([
    'recoveryCodes: A recovery code occurs twice.',
  ])
  const shared = 'passkeys.0: Rows 1, 2 have the same passkey.'
  expect(
    await reasons({ ...row, recoveryCodes: [] }, { email: 'b@example.com', passkeys: [passkey] }),
  ).toEqual([shared, shared])
})

test('refuses a key that could be guessed', async () => {
  const { users } = await started('SQLite')
  const wanted = { code: 'invalid_request' }
  await expect(users.import([], { factorsKey: 'secret' })).rejects.toMatchObject(wanted)
  await expect(users.exported({ factorsKey: '' }).next()).rejects.toMatchObject(wanted)
})
