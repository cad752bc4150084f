import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type StoreKind, storeKinds } from '../../server/src/testing/stores.ts'
import { temporaryFolder } from '../../server/src/testing/temporary-folder.ts'
import { totpCode, totpStep } from '../../server/src/tokens/totp.ts'
import { serveInProcess } from './testing/in-process.ts'
import { clientOf } from './testing/running-server.ts'
import { commandOn, commandOnFreshStore, password, start } from './testing/sallyport-command.ts'

/** This password and its hash, which Django 3.2 has made. */
const djangoPassword = 'pässword of Django 1'
const djangoHash = 'pbkdf2_sha256$260000$51V4uraCa1TQeR3OpJxgoD$jbjMyMYxEm19aBj/xO3rMptGp1srP9Do0QDnPm83nFI='

async function started(kind: StoreKind) {
  const { store, ...command } = await commandOnFreshStore(kind)
  const folder = temporaryFolder()
  const write = (name: string, content: string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const emails = async () =>
    (await store.query<{ email: string }>('select email from "user" order by email')).map(
      ({ email }) => email,
    )
  return { ...command, store, folder, write, emails }
}

const rejectsIn = (file: string) =>
  readFileSync(`${file}.rejects.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { line: number; email: string | null; reason: string })

describe.each(storeKinds)('sallyport users import on %s', (kind) => {
  test('adds new users, reports refused rows with reasons, and can be run again', async () => {
    const { env, write, run, json, emails, createUser, store } = await started(kind)
    await createUser('here@example.com')
    const file = write(
      'users.csv',
      [
        'id,username,email,first_name,last_name,is_active,date_joined,password',
        `1,ada,Ada@Example.com,Ada,Lovelace,t,2020-01-02 03:04:05+00,${djangoHash}`,
        `2,here,HERE@example.com,Other,Name,t,2020-01-02 03:04:05+00,${djangoHash}`,
        '3,none,not an address,N,N,t,2020-01-02 03:04:05+00,',
        '4,md5,md5@example.com,M,D,t,2020-01-02 03:04:05+00,md5$salt$0123456789abcdef0123456789abcdef',
        '5,date,date@example.com,D,D,t,last year,',
        '6,again,ada@example.com,Second,Ada,t,2020-01-02 03:04:05+00,',
        '7,off,off@example.com,O,F,f,2020-01-02 03:04:05+00,!unusable',
        '8,short',
      ].join('\n'),
    )
    const dry = await run(`users import ${file} --from django --dry-run --json`)
    expect(dry.code).toBe(1)
    expect(JSON.parse(dry.stdout)).toMatchObject({ rows: 8, refused: 5, dryRun: true })
    expect(await emails()).toEqual(['here@example.com'])

    const first = await run(`users import ${file} --from django`)
    expect(first).toMatchObject({ code: 1, stdout: 'Read 8 rows: added 2, 1 existed already.\n' })
    expect(first.stderr).toBe(`5 refused. Lines and reasons: ${file}.rejects.jsonl\n`)
    expect(rejectsIn(file).map(({ line, email }) => [line, email])).toEqual(
      expect.arrayContaining([
        [4, 'not an address'],
        [5, 'md5@example.com'],
        [6, 'date@example.com'],
        [7, 'ada@example.com'],
        [9, null],
      ]),
    )
    expect(readFileSync(`${file}.rejects.jsonl`, 'utf8')).not.toContain('md5$salt')
    expect(await emails()).toEqual(['ada@example.com', 'here@example.com', 'off@example.com'])

    expect((await run(`users import ${file} --from django`)).stdout).toBe(
      'Read 8 rows: added 0, 3 existed already.\n',
    )
    const [ada] = await json('users show ada@example.com')
    expect(ada).toMatchObject({
      name: 'Ada Lovelace',
      createdAt: '2020-01-02T03:04:05.000Z',
      roles: ['member'],
    })
    const [kept] = await json('users show here@example.com')
    expect(kept).toMatchObject({ name: 'Ada' })

    const { url } = await serveInProcess(env)
    const signIn = (email: string, secret: string) =>
      fetch(`${url}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password: secret, transport: 'bearer' }),
      })
    expect((await signIn('ada@example.com', djangoPassword)).status).toBe(200)
    expect((await signIn('off@example.com', djangoPassword)).status).toBe(401)
    expect((await clientOf(url).login('here@example.com')).status).toBe(200)
    const [{ secret } = { secret: '' }] = await store.query<{ secret: string }>(
      `select secret from credential join "user" on id = "userId" where email = 'ada@example.com'`,
    )
    expect(secret).toMatch(/^\$argon2id\$/)
    const events = await json('audit export --action users_imported')
    expect(events).toMatchObject([{ actor: 'operator', details: '{"count":2}' }])
  })

  test('imports one of several rows with one address, and refuses the others with all their lines [A21]', async () => {
    const { write, run, json, emails } = await started(kind)
    const rows = [
      { email: 'Kim@example.com', name: 'Kim, disabled', disabled: true },
      { email: 'max@bücher.example', name: '\u202aMax\u202c \u200b' },
      { email: 'kim@example.com', name: 'Kim, living' },
      { email: 'MAX@xn--bcher-kva.example', name: 'Other' },
      { email: 'kim@EXAMPLE.com', name: 'Kim, again' },
      { email: 'off@example.com', name: 'Off', disabled: true },
      { email: 'off@example.com', name: 'Off, again', disabled: true },
      { email: 'marks@example.com', name: '\u200e\u200f' },
    ]
    const file = write('users.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))
    const { code, stdout } = await run(`users import ${file} --json`)
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { rows: 8, added: 4, present: 0, refused: 4 }])
    const rule =
      'the first row whose user is not disabled is imported or, if all are disabled, the first row.'
    expect(rejectsIn(file).map(({ line, reason }) => [line, reason])).toEqual([
      [1, `email: Lines 1, 3 and 5 have the same address. Only line 3 is imported, because ${rule}`],
      [4, `email: Lines 2 and 4 have the same address. Only line 2 is imported, because ${rule}`],
      [5, `email: Lines 1, 3 and 5 have the same address. Only line 3 is imported, because ${rule}`],
      [7, `email: Lines 6 and 7 have the same address. Only line 6 is imported, because ${rule}`],
    ])
    expect((await emails()).sort()).toEqual([
      'kim@example.com',
      'marks@example.com',
      'max@xn--bcher-kva.example',
      'off@example.com',
    ])
    for (const [email, name, isDisabled] of [
      ['kim@example.com', 'Kim, living', false],
      ['max@bücher.example', 'Max', false],
      ['off@example.com', 'Off', true],
      ['marks@example.com', 'marks', false],
    ]) {
      const [user] = await json<{ name: string; disabledAt: string | null }>(`users show ${email}`)
      expect([user?.name, user?.disabledAt !== null]).toEqual([name, isDisabled])
    }
  })

  test('imports every user once if it is killed and run again', async () => {
    const { env, write, run, emails } = await started(kind)
    const count = 3_000
    const file = write(
      'users.jsonl',
      Array.from({ length: count }, (_, at) => JSON.stringify({ email: `person-${at}@example.com` })).join(
        '\n',
      ),
    )
    const { child, ended } = start(['users', 'import', file], env)
    await expect
      .poll(async () => (await emails()).length, { interval: 5, timeout: 60_000 })
      .toBeGreaterThan(0)
    child.kill('SIGKILL')
    await ended
    const before = (await emails()).length
    expect(before).toBeLessThan(count)
    expect(before % 500).toBe(0)
    const again = await run(`users import ${file} --json`)
    expect(JSON.parse(again.stdout)).toMatchObject({
      rows: count,
      added: count - before,
      present: before,
      refused: 0,
    })
    expect(new Set(await emails()).size).toBe(count)
    expect(existsSync(`${file}.rejects.jsonl`)).toBe(false)
  })

  test('imports what export writes, as JSON and CSV, with and without hashes', async () => {
    const source = await started(kind)
    await source.createUser('ada@example.com', ' --role owner --role finance')
    await source.run('users create +formula@example.com --name =1+1 --password-stdin', `${password}\n`)
    await source.run('users disable +formula@example.com')
    for (const [name, option] of [
      ['users.jsonl', ''],
      ['users.csv', ' --csv'],
    ] as const) {
      const target = await started(kind)
      const file = target.write(name, await source.text(`users export --with-password-hashes${option}`))
      expect(await target.text(`users import ${file}`)).toBe('Read 2 rows: added 2, 0 existed already.\n')
      const described = async (command: typeof source) =>
        (await command.json<Record<string, unknown>>('users list'))
          .map(({ id: _, disabledAt, email, ...user }) => ({
            ...user,
            email,
            isDisabled: disabledAt !== null,
          }))
          .sort((one, other) => String(one.email).localeCompare(String(other.email)))
      expect(await described(target)).toEqual(await described(source))
      const { url } = await serveInProcess(target.env)
      expect((await clientOf(url).login('ada@example.com')).status).toBe(200)
      expect((await clientOf(url).login('+formula@example.com')).status).toBe(401)
    }
    const bare = await source.text('users export --csv')
    expect(bare).not.toContain('argon2')
    expect(bare).toContain("'=1+1")
    expect((await source.json('audit export --action users_exported')).length).toBe(3)
  })
})

describe.each(storeKinds)('accounts at providers, on %s', (kind) => {
  const google = {
    SALLYPORT_GOOGLE_CLIENT_ID: 'app',
    SALLYPORT_GOOGLE_CLIENT_SECRET: 'a-client-secret-of-the-tests',
  }
  const row = (name: string, ...subjects: string[]) => ({
    email: `${name}@example.com`,
    identities: subjects.map((subject) => ({ provider: 'google', subject })),
  })
  const withGoogle = async () => {
    const { env, ...more } = await started(kind)
    return { ...more, ...commandOn({ ...env, ...google }) }
  }

  test('imports what export writes, as JSON and CSV', async () => {
    const source = await withGoogle()
    const rows = [row('ada', '1', '2'), row('bob'), row('eve', '3')]
    const file = source.write('users.jsonl', rows.map((one) => JSON.stringify(one)).join('\n'))
    await source.text(`users import ${file}`)
    expect(await source.text('users show ada@example.com')).toMatch(/^ways in {4}google$/m)
    expect(await source.text('users show bob@example.com')).toMatch(/^ways in {4}none$/m)
    for (const option of ['', ' --csv']) {
      const target = await withGoogle()
      const exported = target.write(
        option ? 'all.csv' : 'all.jsonl',
        await source.text(`users export${option}`),
      )
      expect(await target.text(`users import ${exported}`)).toBe('Read 3 rows: added 3, 0 existed already.\n')
      const stored = `select u.email, i.issuer, i.subject, i.provider from identity i join "user" u on u.id = "userId" order by subject`
      expect(await target.store.query(stored)).toEqual(
        [
          ['ada', '1'],
          ['ada', '2'],
          ['eve', '3'],
        ].map(([name, subject]) => ({
          ...{ email: `${name}@example.com`, subject, provider: 'google' },
          issuer: 'https://accounts.google.com',
        })),
      )
    }
  })

  test('show prints a provider that the settings do not define, and sign-in by mail', async () => {
    const { env, write, createUser } = await started(kind)
    await createUser('bob@example.com')
    const file = write('users.jsonl', JSON.stringify(row('ada', '1')))
    await commandOn({ ...env, ...google }).text(`users import ${file}`)
    const { text } = commandOn({
      ...env,
      SALLYPORT_MAILED_SIGN_IN: 'on',
      SALLYPORT_SMTP_URL: 'smtp://localhost:2525',
      SALLYPORT_MAIL_FROM: 'app@example.com',
      SALLYPORT_ORIGINS: 'http://localhost:3000',
    })
    expect(await text('users show ada@example.com')).toMatch(
      /^ways in {4}mail, google \(not in the settings\)$/m,
    )
    expect(await text('users show bob@example.com')).toMatch(/^ways in {4}password, mail$/m)
  })

  test('refuses all lines with one account, however far apart, and an account of another user', async () => {
    const { write, run, json, emails } = await withGoogle()
    await json(`users import ${write('first.jsonl', JSON.stringify(row('ada', '1')))}`)
    const rows = [
      row('kim', '7', '8'),
      row('eve', '1'),
      ...Array.from({ length: 600 }, (_, at) => row(`u${at}`)),
      row('max', '8'),
      row('zoe', '9'),
    ]
    const file = write('users.jsonl', rows.map((one) => JSON.stringify(one)).join('\n'))
    for (const option of [' --dry-run', '']) {
      const { stdout } = await run(`users import ${file}${option} --json`)
      expect(JSON.parse(stdout)).toMatchObject({ rows: 604, added: 601, refused: 3 })
      const shared = 'Lines 1 and 603 have the same account of a provider. None of them is imported.'
      expect(rejectsIn(file).map(({ line, reason }) => [line, reason])).toEqual([
        [1, `identities.1: ${shared}`],
        [2, 'identities.0: This account of google is linked to another user.'],
        [603, `identities.0: ${shared}`],
      ])
    }
    expect(await emails()).not.toContain('kim@example.com')
    expect(await emails()).toContain('zoe@example.com')
  })
})

describe.each(storeKinds)('second factors, on %s', (kind) => {
  test('imports authenticator apps with the key of the export, as JSON and CSV, and nobody without it', async () => {
    const source = await started(kind)
    await source.createUser('ada@example.com')
    await source.createUser('bob@example.com')
    const { url } = await serveInProcess(source.env)
    const { accessToken } = await clientOf(url).signIn('ada@example.com')
    const post = async (path: string, body: object) => {
      const answer = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
        body: JSON.stringify(body),
      })
      return (await answer.json()) as Record<string, string>
    }
    const { id, secret = '' } = await post('/api/user/factors/totp', { name: '=Phone' })
    const code = totpCode(secret, totpStep(Date.now()))
    await post('/api/user/factors/totp/confirm', { id, code })
    const key = source.write('factors.key', `${randomBytes(32).toString('base64')}\n`)
    for (const [name, option] of [
      ['users.jsonl', ''],
      ['users.csv', ' --csv'],
    ] as const) {
      const target = await started(kind)
      const env = { ...target.env, SALLYPORT_SECRET: 'another-8KdWq2VnZrXc7LmYtBhs4GjPf' }
      const { run, text, json } = commandOn(env)
      const exported = await source.text(`users export --with-password-hashes --factors-key ${key}${option}`)
      expect(exported).not.toContain(secret)
      const file = target.write(name, exported)
      const without = await run(`users import ${file} --dry-run --json`)
      expect([without.code, JSON.parse(without.stdout)]).toMatchObject([1, { added: 1, refused: 1 }])
      expect(rejectsIn(file)).toMatchObject([
        {
          email: 'ada@example.com',
          reason: expect.stringMatching(/^totp\.0\.sealedSecret: .*--factors-key/),
        },
      ])
      expect(await text(`users import ${file} --factors-key ${key}`)).toBe(
        'Read 2 rows: added 2, 0 existed already.\n',
      )
      expect(await json('users factors list ada@example.com')).toMatchObject([{ name: '=Phone' }])
      expect(await target.store.query('select hash from recovery_code')).toHaveLength(10)
      const { url: other } = await serveInProcess(env)
      expect((await clientOf(other).login('ada@example.com')).status).toBe(202)
      expect((await clientOf(other).login('bob@example.com')).status).toBe(200)
    }
    const bare = source.write('bare.jsonl', await source.text('users export'))
    const refused = await (await started(kind)).run(`users import ${bare} --factors-key ${key}`)
    expect(refused).toMatchObject({ code: 1, stdout: 'Read 2 rows: added 1, 0 existed already.\n' })
  })
})

test('refuses a key that is missing, too short or too long', async () => {
  const { write, run } = await started('SQLite')
  const file = write('users.jsonl', JSON.stringify({ email: 'ada@example.com' }))
  const errorOf = async (key: string) => {
    const [imported, exported] = [
      await run(`users import ${file} --factors-key ${key}`),
      await run(`users export --factors-key ${key}`),
    ]
    expect(imported).toMatchObject({ code: 1, stdout: '', stderr: exported.stderr })
    expect(exported.stdout).toBe('')
    return exported.stderr
  }
  expect(await errorOf('nowhere.key')).toBe('There is no file nowhere.key.\n')
  expect(await errorOf(write('short.key', 'short'))).toMatch(/^factorsKey: The key needs at least 32 /)
  expect(await errorOf(write('long.key', 'x'.repeat(5_000)))).toMatch(/long\.key is longer than 4096 bytes/)
})

test.each([
  ['users import nowhere.csv', /There is no file nowhere\.csv\./],
  ['users import users.json', /must end in \.csv or \.jsonl/],
  ['users import users.csv --from keycloak', /Allowed choices are sallyport, django/],
])('%s: reports what is wrong', async (line, message) => {
  const { run } = await started('SQLite')
  const ended = await run(line)
  expect(ended.code).toBeGreaterThan(0)
  expect(ended.stderr).toMatch(message)
})

test('reports a file with another separator, and imports nobody', async () => {
  const { write, run, emails } = await started('SQLite')
  const file = write('users.csv', 'email;name\nada@example.com;Ada\n')
  const ended = await run(`users import ${file}`)
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toBe(
    `${file}: There is no column "email"; the file has: email;name. Its separator is a semicolon: export the file again, with commas. Nobody was imported.\n`,
  )
  expect(await emails()).toEqual([])
})
