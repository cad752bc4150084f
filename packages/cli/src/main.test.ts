import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { freshStore, storeKinds } from '../../server/src/testing/stores.ts'
import { temporaryFolder } from '../../server/src/testing/temporary-folder.ts'
import { runInProcess } from './testing/in-process.ts'
import {
  commandOn,
  type Environment,
  run,
  serve,
  settingsOf,
  settings as settingsWith,
  start,
  verifierSecret,
} from './testing/sallyport-command.ts'

// These tests start about twelve processes one after the other, which takes long on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const settings = (changes: Environment = {}) => settingsWith({ DATA_DIR: temporaryFolder(), ...changes })

describe('sallyport', () => {
  test.each([[[]], [['--help']], [['-h']]])('%j prints the help', async (words) => {
    const { code, stdout, stderr } = await runInProcess(words, settings())
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Usage: sallyport <command>/)
    for (const command of ['serve', 'migrate']) expect(stdout).toContain(command)
  })

  test.each<[string, RegExp]>([
    ['nonsense', /^Unknown command 'nonsense'\.\nSee: sallyport --help\n$/],
    ['toString', /^Unknown command 'toString'\./],
    ['usres list', /^Unknown command 'usres'\n\(Did you mean users\?\)\nSee: sallyport --help\n$/],
    ['users lst', /\(Did you mean list\?\)\nSee: sallyport users --help\n$/],
    [
      'keys list --jsn',
      /^Unknown option '--jsn'\n\(Did you mean --json\?\)\nSee: sallyport keys list --help\n$/,
    ],
    ['serve quickly', /^Too many arguments for 'serve'\. Expected 0 arguments but got 1: quickly\.\n/],
    ['users', /^Usage: sallyport users <command>\n/],
    ['users show', /^Missing required argument 'id\|email'\.\nSee: sallyport users show --help\n$/],
    ['users show a b', /^Too many arguments for 'show'\./],
    ['users create a@example.com --password-stdin', /^Required option '--name <name>' not specified\./],
    [
      'users create a@example.com --name A',
      /^There is no terminal to ask for the password: use --password-stdin\./,
    ],
    ['users create a@example.com --name A --password hunter2', /^Unknown option '--password'/],
    ['users set-roles a@example.com', /^Give at least one role, or --none\./],
    ['users set-roles a@example.com owner --none', /^Give roles or --none, but not both\./],
    ['users set-roles a@example.com owner,finance', /A role is 1 to 64 printable characters without commas/],
    [
      'sessions revoke',
      /^Give one session id, or --user for all sessions of a user, or --all for all sessions\./,
    ],
    [
      'sessions revoke 1 --user a@example.com',
      /^Give one session id, or --user for all sessions of a user, or --all for all sessions\./,
    ],
    ['keys revoke', /^Missing required argument 'kid'\./],
    [
      'keys revoke some-key',
      /^There is no terminal for a question: pass --yes to revoke without being asked\./,
    ],
  ])('sallyport %s: wrong usage, exit code 2, a hint, and nothing is touched', async (line, hint) => {
    const env = settings()
    const { code, stdout, stderr } = await runInProcess(line.split(' '), env)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(hint)
    expect(readdirSync(env.DATA_DIR ?? '')).toEqual([])
  })

  test('escapes control characters in error messages', async () => {
    const { stderr } = await runInProcess(['users', '\u001b[2Jlist'], settings())
    expect(stderr).toContain("Unknown command '\\u001b[2Jlist'")
  })

  test('--version prints the version of the package', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n', stderr: '' })
  })

  test.each<[string, () => Environment, RegExp]>([
    ['a missing secret', () => ({ SALLYPORT_SECRET: undefined }), /^SALLYPORT_SECRET is not set\..*\n$/],
    ['a short secret', () => ({ SALLYPORT_SECRET: 'short' }), /^SALLYPORT_SECRET needs at least 32 .*\n$/],
    [
      'a plain http issuer',
      () => ({ SALLYPORT_ISSUER: 'http://example.com' }),
      /^SALLYPORT_ISSUER must be .*\n$/,
    ],
    [
      'a folder that is a file',
      () => ({ DATA_DIR: fileURLToPath(import.meta.url) }),
      /^The data folder .* cannot be written\..*\n$/,
    ],
    [
      'a file that is not a database',
      () => {
        const folder = temporaryFolder()
        writeFileSync(join(folder, 'sallyport.db'), 'x'.repeat(4096))
        return { DATA_DIR: folder }
      },
      /^The database .* cannot be opened .*\n$/,
    ],
    [
      'a host of another machine',
      () => ({ HOST: '203.0.113.1' }),
      /^The address 203\.0\.113\.1 does not belong to this machine. .*\n$/,
    ],
  ])('serve with %s says so in one line: exit code 1', async (_, changes, line) => {
    const { code, stdout, stderr } = await run(['serve'], settings(changes()))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(line)
    expect(stderr.split('\n')).toHaveLength(2)
  })

  test('serve reports a busy port in one line, with exit code 1', async () => {
    const busy = createServer().listen(0, '127.0.0.1')
    await once(busy, 'listening')
    onTestFinished(() => void busy.close())
    const address = busy.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { code, stderr } = await run(['serve'], settings({ AUTH_PORT: String(port) }))
    expect([code, stderr]).toEqual([
      1,
      `Port ${port} is busy. Stop the process that listens there, or set AUTH_PORT to another port.\n`,
    ])
  })

  test('reports that it waits for a database, and Ctrl-C ends the wait with exit code 130', async () => {
    const { child, output, ended } = start(
      ['users', 'list'],
      settings({ DATABASE_URL: 'postgres://operator:hunter2@127.0.0.1:9/none' }),
    )
    await once(child.stderr ?? child, 'data')
    expect(output.stderr).toMatch(/^The database does not answer; trying again\. \(.*ECONNREFUSED.*\)\n$/)
    child.kill('SIGINT')
    // The process ends with the signal. So a shell reports 128 + 2, and a script that called the command ends too.
    expect(await ended).toMatchObject({ code: null, signal: 'SIGINT', stdout: '' })
    expect(output.stderr).not.toContain('hunter2')
  })

  test('users list reports a missing database, and creates none', async () => {
    const folder = temporaryFolder()
    const missing = join(folder, 'elsewhere')
    const { code, stdout, stderr } = await run(['users', 'list'], settings({ DATA_DIR: missing }))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      `There is no database ${missing}/sallyport.db. Set DATA_DIR to the server's folder, or create a new database with: sallyport migrate\n`,
    )
    expect(existsSync(missing)).toBe(false)
  })

  test('reports a missing PostgreSQL database in one line, without the password', async () => {
    const store = await freshStore('PostgreSQL')
    const url = new URL('databaseUrl' in store.options ? store.options.databaseUrl : '')
    url.pathname = '/no_such_database'
    const { code, stdout, stderr } = await run(['keys', 'list'], settings({ DATABASE_URL: url.href }))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^The database cannot be used \(.*no_such_database.*\)\. Check DATABASE_URL, .*\n$/,
    )
    expect(stderr).not.toContain(url.password)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s stops the server cleanly, with an open stream',
    async (signal) => {
      const { child, ended, url } = await serve()
      const stream = await fetch(`${url}/api/auth/revocations`, {
        headers: { authorization: `Bearer ${verifierSecret}` },
      })
      child.kill(signal)
      expect(await stream.text()).toContain('event: snapshot')
      expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' })
    },
  )

  test('four processes that start at once in an empty folder share one schema and one key', async () => {
    const env = settings()
    const servers = await Promise.all([serve(env), serve(env), serve(env), serve(env)])
    const sets = await Promise.all(
      servers.map(async ({ url }) => (await fetch(`${url}/.well-known/jwks.json`)).text()),
    )
    expect(new Set(sets).size).toBe(1)
    for (const { child } of servers) child.kill('SIGTERM')
    for (const { ended } of servers) expect(await ended).toMatchObject({ code: 0, stderr: '' })
  })
})

describe.each(storeKinds)('sallyport migrate on %s', (kind) => {
  test('prints the applied migrations, and then that there is nothing to do', async () => {
    const store = await freshStore(kind, onTestFinished, { bare: true })
    const { run, json } = commandOn(settingsOf(store))
    expect(await run('migrate')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^Applied 2026-11-23-sessions(?:, \d{4}-\d\d-\d\d-[\w-]+)+\. The database is up to date\.\n$/,
      ),
      stderr: '',
    })
    expect(await run('migrate')).toMatchObject({
      code: 0,
      stdout: 'Nothing to do: the database is up to date.\n',
      stderr: '',
    })
    expect(await json('migrate')).toEqual([{ applied: [] }])
  })

  test('refuses data of another secret in one line, and loses nothing', async () => {
    const store = await freshStore(kind)
    const { run } = commandOn(settingsOf(store))
    expect((await run('migrate')).code).toBe(0)
    const other = commandOn(settingsOf(store, { SALLYPORT_SECRET: 'server-Qw3RtY9uPz7LkJh5GfDs2AxCv' }))
    for (const line of ['migrate', 'keys list']) {
      const { code, stdout, stderr } = await other.run(line)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(/^SALLYPORT_SECRET lacks a secret that this database was used with.*\n$/)
    }
    expect((await run('keys list')).code).toBe(0)
  })
})
