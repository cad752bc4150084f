import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createSallyport } from '../../packages/server/src/index.ts'
import { dumpedTables } from '../../packages/server/src/store/dump.ts'
import { recordingLog, testOptions } from '../../packages/server/src/testing/sallyport.ts'
import { runAs } from '../../scripts/postgres/binaries.ts'
import { type PostgresServer, startPostgres } from '../../scripts/postgres/server.ts'
import { freePort } from '../../tests/system/free-port.ts'

const page = readFileSync(new URL('postgresql.md', import.meta.url), 'utf8')
const [asSuperuser = '', asOwner = ''] = [...page.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map(
  ([, text]) => text,
)
const password = 'a long random password'

let server: PostgresServer
let folder: string

/** The page's role and database; the superuser of this server has another name on the page. */
const named = (statements: string) => statements.replaceAll(/\bsallyport(?=\b|_server)/g, 'product')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-page-'))
  if (runAs.uid !== undefined) chownSync(folder, runAs.uid, runAs.gid)
  server = await startPostgres({ folder: join(folder, 'postgres'), port: await freePort() })
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  })
  for (const [name, text] of Object.entries({ 'server.crt': cert, 'server.key': key })) {
    const file = join(folder, 'postgres', name)
    writeFileSync(file, text, { mode: 0o600 })
    if (runAs.uid !== undefined) chownSync(file, runAs.uid, runAs.gid)
    await query(
      server.url('postgres'),
      `alter system set ssl_${name.slice(7) === 'crt' ? 'cert' : 'key'}_file = '${file}'`,
    )
  }
  await query(server.url('postgres'), 'alter system set ssl = on')
  await server.stop()
  await server.start()
  for (const statement of named(asSuperuser).split(/(?<=;)\n/))
    if (statement.trim() !== '') await query(server.url('postgres'), statement)
})

afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

function addressOf(role: string, end = '', host = '127.0.0.1'): string {
  return `postgres://${role}:${encodeURIComponent(password)}@${host}:${server.port}/product${end}`
}

const start = (databaseUrl: string) => createSallyport({ ...testOptions, databaseUrl }, recordingLog())

describe('the roles of the page', () => {
  test('one owns the database and needs no more; another runs the server and cannot change tables', async () => {
    await query(server.url('postgres'), `create role product_server login password '${password}'`)
    await query(addressOf('product'), named(asOwner))
    await expect(start(addressOf('product_server'))).rejects.toThrow(/permission denied/)
    await (await start(addressOf('product'))).close()

    const running = await start(addressOf('product_server'))
    await running.operator.users.create({
      email: 'ada@example.com',
      name: 'Ada',
      password: 'open the second door',
    })
    await running.operator.keys.rotate()
    await running.upkeep()
    await running.ready()
    await running.close()
    await expect(query(addressOf('product_server'), 'drop table session')).rejects.toThrow(/must be owner/)
    await expect(query(addressOf('product_server'), 'create table other (id text)')).rejects.toThrow(
      /permission denied/,
    )
  })

  test('nobody else may connect to the database', async () => {
    await query(server.url('postgres'), `create role stranger login password '${password}'`)
    await expect(query(addressOf('stranger'), 'select 1')).rejects.toThrow(/permission denied for database/)
  })
})

describe('TLS as the page says', () => {
  const encrypted = `select ssl from pg_stat_ssl where pid = pg_backend_pid()`
  const ca = () => encodeURIComponent(join(folder, 'postgres/server.crt'))

  test('verify-full takes the certificate of an authority that it was given, for the host it names', async () => {
    const running = await start(addressOf('product', `?sslmode=verify-full&sslrootcert=${ca()}`, 'localhost'))
    await running.ready()
    const rows = await query(
      server.url('postgres'),
      `select bool_and(ssl) as ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'sallyport'`,
    )
    expect(rows).toEqual([{ ssl: true }])
    await running.close()
  })

  test.each([
    ['of an unknown authority', '?sslmode=verify-full', 'localhost'],
    ['for another host', '?sslmode=verify-full&sslrootcert=CA', '127.0.0.1'],
  ])('verify-full refuses a certificate %s', async (_, end, host) => {
    await expect(query(addressOf('product', end.replace('CA', ca()), host), encrypted)).rejects.toThrow(
      /self-signed|altnames/,
    )
  })

  test('require checks the certificate as verify-full does', async () => {
    await expect(query(addressOf('product', '?sslmode=require', 'localhost'), encrypted)).rejects.toThrow(
      /self-signed/,
    )
    expect(
      await query(addressOf('product', `?sslmode=require&sslrootcert=${ca()}`, 'localhost'), encrypted),
    ).toEqual([{ ssl: true }])
  })

  test('no-verify encrypts, and without sslmode nothing is encrypted', async () => {
    expect(await query(addressOf('product', '?sslmode=no-verify'), encrypted)).toEqual([{ ssl: true }])
    expect(await query(addressOf('product'), encrypted)).toEqual([{ ssl: false }])
  })
})

test('an address without a password takes PGPASSWORD, as the page about moving says', async () => {
  const { PGPASSWORD } = process.env
  onTestFinished(() => {
    if (PGPASSWORD === undefined) delete process.env.PGPASSWORD
    else process.env.PGPASSWORD = PGPASSWORD
  })
  const address = addressOf('product').replace(/:[^:@]*@/, '@')
  process.env.PGPASSWORD = 'another'
  await expect(query(address, 'select 1')).rejects.toThrow(/password authentication failed/)
  process.env.PGPASSWORD = password
  await (await start(address)).close()
})

test('the page names every table', async () => {
  const rows = page.slice(page.indexOf('## What is in the database')).matchAll(/^\| (`[\w`, ]+) \|/gm)
  const named = [...rows].flatMap(([, names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name))
  const kysely = ['kysely_migration', 'kysely_migration_lock']
  expect(named.sort()).toEqual([...Object.keys(dumpedTables), ...kysely].sort())
})
