import { expect, test, vi } from 'vitest'
import { commandOnFreshStore, password } from './testing/sallyport-command.ts'
import { onTerminal } from './testing/terminal.ts'

// These tests start about twelve processes one after the other, which takes long on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const enter = '\r'
const backspace = '\x7f'
const ctrlC = '\x03'
const ctrlD = '\x04'
const colour = '\x1b['

test('users create asks for the password twice, shows neither, and accepts corrections', async () => {
  const { env, run } = await commandOnFreshStore('SQLite')
  const terminal = onTerminal('users create ada@example.com --name Ada', env)
  await terminal.shows('Password: ')
  terminal.type(`${password}x${backspace}${enter}`)
  await terminal.shows('Again: ')
  terminal.type(`${password}${enter}`)
  const { code, screen } = await terminal.ended
  expect(code).toBe(0)
  expect(screen).toMatch(/^Password: \nAgain: \nCreated ada@example\.com \(.*\), roles: member\.\n$/)
  expect((await run('users show ada@example.com')).code).toBe(0)
})

test.each<[string, string[], number, string]>([
  [
    'two that differ',
    [`${password}${enter}`, `another ${password}${enter}`],
    1,
    'The two passwords differ. No user was created. Try again.\n',
  ],
  ['none', [enter], 1, 'No password was given. No user was created.\n'],
  ['Ctrl-D', [ctrlD], 1, 'No password was given. No user was created.\n'],
  ['Ctrl-C', [ctrlC], 130, 'Password: \n'],
])('users create, answered with %s, creates no user', async (_, answers, exitCode, lastWords) => {
  const { env, json } = await commandOnFreshStore('SQLite')
  const terminal = onTerminal('users create ada@example.com --name Ada', env)
  for (const [at, answer] of answers.entries()) {
    await terminal.shows(at === 0 ? 'Password: ' : 'Again: ')
    terminal.type(answer)
  }
  const { code, screen } = await terminal.ended
  expect(code).toBe(exitCode)
  expect(screen.endsWith(lastWords)).toBe(true)
  expect(await json('users list')).toEqual([])
})

test('refuses users create --password-stdin on a terminal, which would show the password', async () => {
  const { env } = await commandOnFreshStore('SQLite')
  const { code, screen } = await onTerminal('users create a@example.com --name A --password-stdin', env).ended
  expect(code).toBe(2)
  expect(screen).toMatch(
    /^Standard input is a terminal, which would show the password: omit --password-stdin\.\n/,
  )
})

test('keys revoke asks, and treats every answer except yes as no', async () => {
  const { env, json } = await commandOnFreshStore('SQLite')
  const [, signing] = await json<{ kid: string; state: string }>('keys list')
  for (const answer of ['', 'n', 'yesterday']) {
    const terminal = onTerminal(`keys revoke ${signing?.kid}`, env)
    await terminal.shows(
      `Revoke key ${signing?.kid} (signing)? All tokens that it has signed will be refused. [y/N] `,
    )
    terminal.type(`${answer}${enter}`)
    const { code, screen } = await terminal.ended
    expect(code).toBe(1)
    expect(screen).toContain('Nothing was changed.')
  }
  expect((await json('keys list')).map(({ state }) => state)).toEqual(['reserve', 'signing'])

  const terminal = onTerminal(`keys revoke ${signing?.kid}`, env)
  await terminal.shows('[y/N] ')
  terminal.type(`y${enter}`)
  expect(await terminal.ended).toMatchObject({ code: 0, screen: expect.stringContaining('is revoked:') })
  expect((await json('keys list')).map(({ state }) => state)).toEqual(['reserve', 'revoked', 'signing'])
})

test('prints coloured tables on a terminal, but not with NO_COLOR', async () => {
  const { env } = await commandOnFreshStore('SQLite')
  const plain = await onTerminal('keys list', { ...env, NO_COLOR: '1' }).ended
  const bright = await onTerminal('keys list', env).ended
  expect(plain.screen).not.toContain(colour)
  expect(bright.screen).toContain(`${colour}32msigning${colour}39m  `)
  // The codes of colours must not be counted for the widths of columns.
  const escapes = new RegExp(`${colour.replace('[', '\\[')}\\d+m`, 'g')
  const [header, ...rows] = bright.screen.replaceAll(escapes, '').trimEnd().split('\n')
  for (const row of rows) expect(row.indexOf('ES256')).toBe(header?.indexOf('ALGORITHM'))
})

test('users list into a file shows a count on the terminal, and clears it at the end', async () => {
  const { store, env } = await commandOnFreshStore('SQLite')
  await store.query(
    `insert into "user" (id, email, name, roles, version, "createdAt", "updatedAt")
     with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 25000)
     select 'user-' || n, 'user-' || n || '@example.com', 'User', '[]', 0, 0, 0 from numbers`,
  )
  const { code, screen } = await onTerminal('users list --role nobody', env, '> /dev/null').ended
  expect([code, screen]).toEqual([0, '\r10,000 users …\r20,000 users …\r\x1b[K'])
})
