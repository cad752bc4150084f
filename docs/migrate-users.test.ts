import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { templates } from '../packages/cli/src/import/templates.ts'
import { csvLine } from '../packages/cli/src/terminal/csv.ts'
import { runInProcess, serveInProcess } from '../packages/cli/src/testing/in-process.ts'
import { commandOn, settingsOf } from '../packages/cli/src/testing/sallyport-command.ts'
import { migrateStore } from '../packages/server/src/open-database.ts'
import {
  startOidcProvider,
  testClient,
  visitProvider,
} from '../packages/server/src/testing/outside-providers.ts'
import { recordingLog } from '../packages/server/src/testing/sallyport.ts'
import { freshStore, storeKinds } from '../packages/server/src/testing/stores.ts'
import { temporaryFolder } from '../packages/server/src/testing/temporary-folder.ts'
import { root } from '../scripts/install.mjs'

const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8')

test('the page on migrating users shows every template, and none that there is not', () => {
  const shown = new Set([...page('migrate-users.md').matchAll(/--from ([\w-]+)/g)].map(([, name]) => name))
  expect([...shown].sort()).toEqual(Object.keys(templates).sort())
})

/** The tables of NextAuth, as its adapter for Prisma creates them, with a column for the password hash. */
const nextAuthTables = `
  create table "User" (id text primary key, name text, email text unique, "emailVerified" timestamp(3), image text, password text);
  create table "Account" ("userId" text not null references "User", type text not null, provider text not null,
    "providerAccountId" text not null, access_token text, id_token text, primary key (provider, "providerAccountId"));
  insert into "User" values
    ('1', 'Ada', 'ada@example.com', '2025-03-04 05:06:07', null, '$2b$10$HiBeW7jep8xJFLk3TsMTDecWS0EuXtgu04UQNoyRm//feK3VZpV0u'),
    ('2', 'Bob', 'bob@example.com', null, null, null),
    ('3', 'Eve', 'eve@example.com', null, null, null);
  insert into "Account" values
    ('1', 'oauth', 'google', '113', 'a token', 'a token'),
    ('2', 'oidc', 'oidc', 'bob-at-acme', 'a token', 'a token'),
    ('2', 'webauthn', 'passkey', 'x', null, null),
    ('3', 'oauth', 'twitter', '7', 'a token', null)`

/** Returns the query of a page, as PostgreSQL gets it. */
function queryOf(name: string): string {
  const [, query = ''] =
    /\\copy \((.* as accounts from .*)\) to users\.csv csv header"\n/.exec(page(name)) ?? []
  return query.replaceAll('\\"', '"')
}

/** Returns rows as a file of `\copy … csv header`. */
function csvOf(rows: Record<string, unknown>[]): string {
  const cell = (value: unknown) =>
    value instanceof Date
      ? value.toISOString().replace('T', ' ').slice(0, 19)
      : typeof value === 'object' && value !== null
        ? JSON.stringify(value)
        : value
  return [
    csvLine(Object.keys(rows[0] ?? {})),
    ...rows.map((row) => csvLine(Object.values(row).map(cell))),
  ].join('\n')
}

describe.each(storeKinds)('the steps for NextAuth, into %s', (kind) => {
  test('users keep their password and their accounts at providers', async () => {
    expect(queryOf('migrate-users.md')).toContain('"Account"')
    expect(queryOf('migrate-from-next-auth.md')).toBe(queryOf('migrate-users.md'))
    const source = await freshStore('PostgreSQL', undefined, { bare: true })
    await source.query(nextAuthTables)
    const content = csvOf(await source.query(`${queryOf('migrate-users.md')} order by id`))
    expect(content).not.toContain('a token')
    const file = join(temporaryFolder(), 'users.csv')
    writeFileSync(file, content)

    const acme = await startOidcProvider(
      { 'bob-at-acme': { email: 'robert@acme.example', email_verified: true } },
      { names: ['oidc'] },
    )
    const target = await freshStore(kind)
    await migrateStore(target.address, recordingLog().log)
    const env = settingsOf(target, {
      SALLYPORT_ORIGINS: 'http://localhost:3000',
      SALLYPORT_GOOGLE_CLIENT_ID: testClient.clientId,
      SALLYPORT_GOOGLE_CLIENT_SECRET: testClient.clientSecret,
      SALLYPORT_OIDC_ISSUER: acme.issuer,
      SALLYPORT_OIDC_CLIENT_ID: testClient.clientId,
      SALLYPORT_OIDC_CLIENT_SECRET: testClient.clientSecret,
      SALLYPORT_OIDC_LABEL: 'Acme',
    })
    const { json } = commandOn(env)
    const ended = await runInProcess(['users', 'import', file, '--from', 'nextauth'], env)
    expect(ended.stdout).toBe('Read 3 rows: added 2, 0 existed already.\n')
    expect(JSON.parse(readFileSync(`${file}.rejects.jsonl`, 'utf8'))).toEqual({
      line: 4,
      email: 'eve@example.com',
      reason: 'identities.0.provider: The settings define no provider "twitter". They define: google, oidc.',
    })
    const exported = await json('users export')
    expect(exported.map(({ email, identities }) => [email, identities]).sort()).toEqual([
      ['ada@example.com', [{ provider: 'google', subject: '113', issuer: 'https://accounts.google.com' }]],
      ['bob@example.com', [{ provider: 'oidc', subject: 'bob-at-acme', issuer: acme.issuer }]],
    ])

    const { url } = await serveInProcess(env)
    const post = async (path: string, body: object) => {
      const answer = await fetch(`${url}/api/auth/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, transport: 'bearer' }),
      })
      return { status: answer.status, body: await answer.json() }
    }
    const login = await post('login', { email: 'ada@example.com', password: 'pässword of bcrypt 1' })
    expect(login).toMatchObject({ status: 200, body: { user: { emailVerified: true } } })
    const { body: start } = await post('providers/start', { provider: 'oidc' })
    const callback = await visitProvider(start.url, 'bob-at-acme')
    const signedIn = await post('providers/finish', {
      provider: 'oidc',
      callback,
      providerState: start.providerState,
    })
    expect(signedIn).toMatchObject({ status: 200, body: { user: { email: 'bob@example.com' } } })
  })
})
