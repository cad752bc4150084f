import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { storeKinds } from '../../server/src/testing/stores.ts'
import { temporaryFolder } from '../../server/src/testing/temporary-folder.ts'
import { serveInProcess } from './testing/in-process.ts'
import { clientOf } from './testing/running-server.ts'
import { commandOn, commandOnFreshStore, password, start } from './testing/sallyport-command.ts'

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const exactTime = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/

describe.each(storeKinds)('sallyport users on %s', (kind) => {
  test('create creates a user who can sign in, with the address in canonical form', async () => {
    const { env, run, json, text } = await commandOnFreshStore(kind)
    expect(await text('users list')).toBe('No user found.\n')
    expect(await json('users list')).toEqual([])
    const created = await run(
      'users create Ada@Example.COM --name Ada --role owner --role finance --role owner --password-stdin',
      `${password}\n`,
    )
    expect(created).toMatchObject({ code: 0, stderr: '' })
    expect(created.stdout).toMatch(
      new RegExp(`^Created ada@example\\.com \\(${uuid.source}\\), roles: owner, finance\\.\n$`),
    )
    const [second] = await json(
      'users create li@example.com --name 李小龍 --password-stdin',
      `${password}\r\n`,
    )
    expect(second).toEqual({
      id: expect.stringMatching(uuid),
      email: 'li@example.com',
      name: '李小龍',
      roles: ['member'],
      emailVerified: true,
      createdAt: expect.stringMatching(isoTime),
      signedInAt: null,
      disabledAt: null,
    })
    const { url } = await serveInProcess(env)
    for (const email of ['ada@example.com', 'li@example.com'])
      expect((await clientOf(url).login(email)).status).toBe(200)

    expect(await run('users create ada@example.com --name Eve --password-stdin', password)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'There is a user ada@example.com already. See: sallyport users show ada@example.com\n',
    })
  })

  test('show prints all fields of a user, as text and JSON, and no password', async () => {
    const { store, text, json, run, createUser } = await commandOnFreshStore(kind)
    const ada = await createUser('ada@example.com', ' --role owner')
    await store.query(`update "user" set "signedInAt" = ${Date.now() - 3 * 86_400_000}`)

    const shown = await text(`users show ${ada.id}`)
    expect(shown.replaceAll(new RegExp(exactTime, 'g'), 'TIME').split('\n')).toEqual([
      `id         ${ada.id}`,
      'email      ada@example.com',
      'name       Ada',
      'roles      owner',
      expect.stringMatching(/^created {4}TIME \((?:now|\d+ seconds? ago)\)$/),
      'signed in  TIME (3 days ago)',
      'disabled   no',
      'sessions   0 open',
      'ways in    password',
      '',
    ])
    expect(await json('users show ADA@example.com')).toEqual([
      {
        ...ada,
        createdAt: expect.stringMatching(isoTime),
        signedInAt: expect.stringMatching(isoTime),
      },
    ])
    expect(await run('users show eve@example.com')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'There is no user eve@example.com. See: sallyport users list\n',
    })
  })

  test('list prints all users or some, oldest first', async () => {
    const { store, text, json, createUser } = await commandOnFreshStore(kind)
    const ada = await createUser('ada@example.com', ' --role owner')
    await createUser('bob@example.com')
    await store.query(
      `update "user" set "disabledAt" = ${Date.now() - 3 * 86_400_000} where email = 'bob@example.com'`,
    )

    const [header, ...rows] = (await text('users list')).trimEnd().split('\n')
    expect(header).toMatch(/^EMAIL +NAME +ROLES +STATE +SIGNED IN +ID$/)
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['ada@example.com', 'Ada', 'owner', 'active', 'never', expect.stringMatching(uuid)],
      ['bob@example.com', 'Ada', 'member', 'disabled', 'never', expect.stringMatching(uuid)],
    ])
    for (const row of rows) expect(row.search(uuid)).toBe(header?.indexOf('ID'))
    const listed = await json('users list')
    expect(listed.map(({ email }) => email)).toEqual(['ada@example.com', 'bob@example.com'])
    expect(Object.keys(listed[0] ?? {})).toEqual(Object.keys(ada))
    const names = async (words: string) => (await json(`users list ${words}`)).map(({ email }) => email)
    expect(await names('--role owner')).toEqual(['ada@example.com'])
    expect(await names('--disabled')).toEqual(['bob@example.com'])
  })

  test('set-roles replaces or removes all roles', async () => {
    const { text, json, run, createUser } = await commandOnFreshStore(kind)
    const { id } = await createUser('ada@example.com')
    expect(await text('users set-roles ada@example.com owner finance owner')).toBe(
      'ada@example.com has the roles owner, finance from the next request on; before: member.\n',
    )
    expect(await json(`users set-roles ${id} --none`)).toMatchObject([{ id, roles: [] }])
    expect(await text('users show ada@example.com')).toMatch(/^roles {6}-$/m)
    const tooMany = Array.from({ length: 200 }, (_, at) => `财务主管第${at}组`).join(' ')
    expect(await run(`users set-roles ${id} ${tooMany}`)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^roles: The access token would have [\d,]+ bytes, [\d,]+ more than the 3,800/,
      ),
    })
    expect(await run('users set-roles eve@example.com owner')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^There is no user eve@example\.com\./),
    })
  })

  test('set-roles, create and import refuse an undefined role, and suggest the nearest name', async () => {
    const { store, env, createUser } = await commandOnFreshStore(kind)
    await createUser('ada@example.com')
    const strict = commandOn({ ...env, SALLYPORT_ROLES: '{"manager":["report:read"],"member":[]}' })
    const meant = 'There is no role manger. Did you mean manager? SALLYPORT_ROLES defines manager, member.'
    const refused = { code: 1, stdout: '', stderr: expect.stringContaining(`roles: ${meant}`) }
    expect(await strict.run('users set-roles ada@example.com member manger')).toMatchObject(refused)
    const create = 'users create bob@example.com --name Bob --role manger --password-stdin'
    expect(await strict.run(create, `${password}\n`)).toMatchObject(refused)
    const file = join(temporaryFolder(), 'users.jsonl')
    writeFileSync(file, '{"email":"bob@example.com","roles":["manger"]}\n')
    const imported = await strict.run(`users import ${file}`)
    expect(imported.code).toBe(1)
    expect(readFileSync(`${file}.rejects.jsonl`, 'utf8')).toContain(meant)
    expect(await store.query('select email, roles from "user"')).toEqual([
      { email: 'ada@example.com', roles: '["member"]' },
    ])
    expect(await strict.text('users set-roles ada@example.com manager')).toContain('has the roles manager')
  })

  test('disable refuses sign-ins, enable allows them; a repeated call changes nothing', async () => {
    const { text, json, createUser } = await commandOnFreshStore(kind)
    const { id } = await createUser('ada@example.com')
    expect(await text('users disable ada@example.com')).toBe(
      'ada@example.com is disabled: every session has ended, and signing in is refused.\n',
    )
    const [before] = await json(`users show ${id}`)
    expect(before).toMatchObject({ disabledAt: expect.stringMatching(isoTime) })
    expect(await json(`users disable ${id}`)).toEqual([before])
    expect(await text(`users disable ${id}`)).toMatch(/^ada@example\.com was disabled already, at .*\.\n$/)
    expect(await text(`users enable ${id}`)).toBe('ada@example.com can sign in again.\n')
    expect(await json(`users enable ${id}`)).toMatchObject([{ id, disabledAt: null }])
  })

  test('unlock unlocks a user, and reports an unknown user', async () => {
    const { text, run, createUser } = await commandOnFreshStore(kind)
    await createUser('ada@example.com')
    expect(await text('users unlock ada@example.com')).toBe('ada@example.com can try passwords again.\n')
    expect(await run('users unlock eve@example.com')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^There is no user eve@example\.com\./),
    })
  })

  test('ends a long list quietly with exit code 0 when the reader closes the pipe', async () => {
    const { store, env, json } = await commandOnFreshStore(kind)
    const numbers =
      kind === 'SQLite'
        ? 'with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 20000)'
        : 'with numbers as (select n from generate_series(1, 20000) n)'
    await store.query(
      `insert into "user" (id, email, name, roles, version, "createdAt", "updatedAt")
       ${numbers}
       select 'user-' || n, 'user-' || n || '@example.com', 'User', '[]', 0, 0, 0 from numbers`,
    )
    expect(await json('users list')).toHaveLength(20_000)
    for (const words of [
      ['users', 'list'],
      ['users', 'list', '--json'],
    ]) {
      const { child, output, ended } = start(words, env)
      await new Promise<void>((resolve) => {
        child.stdout?.once('data', () => {
          child.stdout?.destroy()
          resolve()
        })
      })
      expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' })
      expect(output.stdout.split('\n').length).toBeLessThan(10_000)
    }
  })
})

test('create refuses what a sign-up refuses, in one sentence', async () => {
  const { run, json } = await commandOnFreshStore('SQLite')
  const create = (words: string, input: string | Buffer = password) =>
    run(`users create ${words} --password-stdin`, input)
  const refusals: [Promise<unknown>, string | RegExp][] = [
    [create('ada --name Ada'), 'email: Enter an email address, such as name@example.com.\n'],
    [create('ada@example.com --name='), 'name: Enter a name.\n'],
    [create('ada@example.com --name Ada', 'short\n'), /^password: Use at least 12 characters; .*\n$/],
    [create('ada@example.com --name Ada', ''), /^Standard input is empty: .*\n$/],
    [create('ada@example.com --name Ada', `${password}\nsecond line\n`), /must be one line of UTF-8\.\n$/],
    [
      create('ada@example.com --name Ada', Buffer.from(`${password}\xff`, 'latin1')),
      /one line of UTF-8\.\n$/,
    ],
    [
      create('ada@example.com --name Ada', 'x'.repeat(1_025)),
      /^password: A password has at most 1,024 .*\n$/,
    ],
    [create('ada@example.com --name Ada', 'x'.repeat(100_000)), /one line of UTF-8\.\n$/],
  ]
  for (const [refused, sentence] of refusals)
    expect(await refused).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
    })
  expect(await json('users list')).toEqual([])
})
