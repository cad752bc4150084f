import { describe, expect, test } from 'vitest'
import { google, microsoft, oidc } from '../../index.ts'
import { startOidcProvider, testClient } from '../../testing/outside-providers.ts'
import { providerDriver } from '../../testing/provider-driver.ts'
import { startSallyport } from '../../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../../testing/stores.ts'

const tenant = (id: string) => `https://login.microsoftonline.com/${id}/v2.0`
const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47'

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}

async function started(kind: StoreKind = 'SQLite', issuer = 'https://login.acme.example') {
  const store = await freshStore(kind)
  const providers = {
    acme: oidc({ ...testClient, issuer, label: 'Acme' }),
    google: google(testClient),
    own: microsoft({ ...testClient, tenant: tenantId }),
    domain: microsoft({ ...testClient, tenant: 'example.onmicrosoft.com' }),
  }
  const server = await startSallyport({ ...store.options }, undefined, { providers })
  const { users, audit } = server.sallyport.operator
  return { server, store, users, audit, ...providerDriver(server) }
}

const row = (name: string, ...identities: object[]) => ({ email: `${name}@example.com`, identities })
const account = (subject: string, provider = 'google') => ({ provider, subject })

describe.each(storeKinds)('identities of imported users on %s', (kind) => {
  test('a user without a password signs in with an imported identity, also after an export and an import', async () => {
    const accounts = { one: { email: 'other@example.com', email_verified: true } }
    const { issuer } = await startOidcProvider(accounts)
    const first = await started(kind, issuer)
    const rows = [row('ada', account('one', 'acme'), account('7')), row('bob')]
    expect(await first.users.import(rows)).toEqual([{ state: 'added' }, { state: 'added' }])
    const { id } = (await first.users.find('ada@example.com')) ?? {}
    expect((await first.signIn('acme', 'one')).body.user).toMatchObject({ id, email: 'ada@example.com' })

    const exported = await collect(first.users.exported())
    const identitiesOf = (name: string) =>
      exported.find(({ email }) => email === `${name}@example.com`)?.identities
    expect(identitiesOf('ada')).toHaveLength(2)
    expect(identitiesOf('ada')).toContainEqual({
      ...account('one', 'acme'),
      ...{ issuer, email: 'other@example.com' },
    })
    expect(identitiesOf('ada')).toContainEqual({ ...account('7'), issuer: 'https://accounts.google.com' })
    expect(identitiesOf('bob')).toEqual([])
    const second = await started(kind, issuer)
    const again = exported.map(({ id: _, ...user }) => user)
    expect(await second.users.import(again)).toEqual([{ state: 'added' }, { state: 'added' }])
    expect((await second.signIn('acme', 'one')).body.user).toMatchObject({ email: 'ada@example.com' })
    expect(await second.users.import(again)).toEqual([{ state: 'present' }, { state: 'present' }])
    const events = await collect(second.audit.read())
    expect(events.find(({ action }) => action === 'users_imported')?.details).toBe(
      '{"count":2,"identities":2}',
    )
  })

  test('refuses an identity of another user, adds none to a user who exists, and says so in a dry run', async () => {
    const { users, store } = await started(kind)
    await users.import([row('ada', account('1')), row('bob')])
    const rows = [
      row('eve', account('9'), account('1')),
      row('bob', account('1')),
      row('bob2', account('2')),
      row('ada', account('1'), account('3')),
    ]
    const refused = (at: number) => ({
      state: 'refused',
      reason: `identities.${at}: This account of google is linked to another user.`,
    })
    const outcome = [refused(1), refused(0), { state: 'added' }, { state: 'present' }]
    for (const options of [{ dryRun: true }, {}])
      for (const [at, one] of rows.entries())
        expect(await users.import([one], options)).toEqual([outcome[at]])
    expect(await users.find('eve@example.com')).toBe(null)
    const stored = 'select u.email, subject from identity join "user" u on "userId" = u.id order by subject'
    expect(await store.query(stored)).toEqual([
      { email: 'ada@example.com', subject: '1' },
      { email: 'bob2@example.com', subject: '2' },
    ])
  })

  test('parallel imports of one identity for different users: one of them gets it', async () => {
    const { users, store } = await started(kind)
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const results = await Promise.all(names.map((name) => users.import([row(name, account('1'))])))
    expect(
      results
        .flat()
        .map(({ state }) => state)
        .sort(),
    ).toEqual(['added', ...Array(5).fill('refused')])
    expect(await store.query('select email from "user"')).toHaveLength(1)
    expect(await store.query('select subject from identity')).toHaveLength(1)
  })

  test('imports more identities than one statement can have', async () => {
    const { users, store } = await started(kind)
    const rows = Array.from({ length: 500 }, (_, at) =>
      row(`u${at}`, ...Array.from({ length: 20 }, (_, no) => account(`${at}-${no}`))),
    )
    expect((await users.import(rows)).every(({ state }) => state === 'added')).toBe(true)
    expect(await store.query('select id from identity')).toHaveLength(10_000)
  })
})

test('refuses all rows that have the same identity, because it is not known whose it is', async () => {
  const { users } = await started()
  const rows = [row('a', account('1')), row('b', account('2')), row('c', account('2'), account('1'))]
  const results = await users.import(rows)
  expect(results).toEqual([
    { state: 'refused', reason: 'identities.0: Rows 1, 3 have the same account of google.' },
    { state: 'refused', reason: 'identities.0: Rows 2, 3 have the same account of google.' },
    { state: 'refused', reason: 'identities.0: Rows 2, 3 have the same account of google.' },
  ])
  expect(await collect(users.list())).toEqual([])
})

test.each<[string, object[], RegExp]>([
  [
    'a provider that is not in the settings',
    [account('1', 'twitter')],
    /^identities\.0\.provider: The settings define no provider "twitter"\. They define: acme, google, own, domain\.$/,
  ],
  ['a provider with the name of a member of every object', [account('1', 'constructor')], /no provider/],
  ['another issuer', [{ ...account('1'), issuer: 'https://login.acme.example' }], /has another issuer/],
  ['an issuer that is no address', [{ ...account('1'), issuer: 'google' }], /has another issuer/],
  ['an account twice', [account('1'), account('1')], /^identities\.1: This account occurs twice\.$/],
  ['a tenant that is not known', [account('1', 'domain')], /^identities\.0\.issuer: This is missing\./],
  ['a tenant by its domain', [{ ...account('1', 'domain'), issuer: tenant('a.example') }], /another issuer/],
  ['the issuer of another tenant', [{ ...account('1', 'own'), issuer: tenant('common') }], /another issuer/],
  ['an unknown member', [{ ...account('1'), token: 'a' }], /^identities\.0: /],
  ['a wrong address', [{ ...account('1'), email: 'none' }], /^identities\.0\.email: /],
  ['no subject', [{ provider: 'google' }], /^identities\.0\.subject: /],
  ['an empty subject', [account('')], /^identities\.0\.subject: /],
  ['a subject that is too long', [account('x'.repeat(256))], /^identities\.0\.subject: /],
  ['a subject that is not ASCII', [account('é')], /^identities\.0\.subject: /],
  ['too many accounts', Array.from({ length: 21 }, (_, at) => account(`${at}`)), /^identities: /],
])('refuses a row with %s', async (_, identities, reason) => {
  const { users } = await started()
  const [result] = await users.import([row('ada', ...identities)])
  expect(result).toEqual({ state: 'refused', reason: expect.stringMatching(reason) })
  expect(await users.find('ada@example.com')).toBe(null)
})

test.each([
  [account('1', 'own'), tenant(tenantId)],
  [{ ...account('1', 'domain'), issuer: tenant(tenantId) }, tenant(tenantId)],
  [account('1', 'acme'), 'https://login.acme.example'],
  [{ ...account('1', 'acme'), issuer: 'https://login.acme.example/' }, 'https://login.acme.example/'],
])('imports %j with the issuer of its sign-ins', async (identity, issuer) => {
  const { users, store } = await started()
  expect(await users.import([row('ada', identity)])).toEqual([{ state: 'added' }])
  expect(await store.query('select issuer, subject from identity')).toEqual([{ issuer, subject: '1' }])
})
