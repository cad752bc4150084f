import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readRows, WrongHeading } from './read-rows.ts'
import { flag, type Row, time, UnreadableRow } from './template.ts'
import { type TemplateName, templates } from './templates.ts'

function fileOf(name: string, content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-rows-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

async function read(content: string | Buffer, format: 'csv' | 'jsonl') {
  let bytes = 0
  const rows = []
  const file = fileOf(`users.${format}`, content)
  for await (const row of readRows(file, format, (count) => (bytes += count))) rows.push(row)
  expect(bytes).toBe(Buffer.byteLength(content))
  return rows
}

describe('reading', () => {
  test('CSV: reads quotes, line breaks in fields, a byte order mark and empty lines, with the line of each row', async () => {
    const rows = await read('\ufeffemail, name\r\na@b.co,"Ada\n""L"""\r\n\r\nc@d.co,\r\n', 'csv')
    expect(rows).toEqual([
      { line: 3, row: { email: 'a@b.co', name: 'Ada\n"L"' } },
      { line: 5, row: { email: 'c@d.co', name: '' } },
    ])
  })

  test('CSV: reports a row with too few or too many fields, keeps a stray quote, and reads the other rows', async () => {
    const rows = await read('email,name\na@b.co\nc@d.co,C\ne@f.co,E,more\ng@h.co,"G"x\ni@j.co,I\n', 'csv')
    expect(rows.filter((row) => 'row' in row).map(({ line }) => line)).toEqual([3, 5, 6])
    const reasons = rows.filter((row) => 'reason' in row)
    expect(reasons.map(({ line }) => line)).toEqual([2, 4])
    for (const { reason } of reasons) expect(reason).toMatch(/columns length is 2, got [13] on line/)
  })

  test('CSV: reports a quote that is never closed, after which no row is read', async () => {
    const rows = await read('email,name\na@b.co,A\nc@d.co,"C\ne@f.co,E\n', 'csv')
    expect(rows).toEqual([
      { line: 2, row: { email: 'a@b.co', name: 'A' } },
      {
        line: expect.any(Number),
        reason: expect.stringMatching(/but not closed, so the rows after it could not be read/),
      },
    ])
  })

  test('JSON Lines: reports lines that are not JSON, not an object, empty, or not UTF-8', async () => {
    const lines = ['{"email":"a@b.co"}', '{"email":', '[1]', 'null', '', '  ', '{"email":"c@d.co"}']
    const bytes = Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), Buffer.from([0x7b, 0xff, 0x7d])])
    const rows = await read(bytes, 'jsonl')
    expect(rows).toEqual([
      { line: 1, row: { email: 'a@b.co' } },
      { line: 2, reason: 'The line is not JSON.' },
      { line: 3, reason: 'The line is not a JSON object.' },
      { line: 4, reason: 'The line is not a JSON object.' },
      { line: 6, reason: 'The line is empty.' },
      { line: 7, row: { email: 'c@d.co' } },
      { line: 8, reason: 'This is not UTF-8. Convert the file first.' },
    ])
  })

  test('drops a line that is too long, and reads the next one', async () => {
    const rows = await read(`{"email":"${'x'.repeat(3_000_000)}"}\n{"email":"a@b.co"}\n`, 'jsonl')
    expect(rows).toEqual([
      { line: 1, reason: 'The line is longer than 1000000 bytes.' },
      { line: 2, row: { email: 'a@b.co' } },
    ])
  })
})

test.each<[TemplateName, Row, Row]>([
  [
    'sallyport',
    {
      email: "'+ada@b.co",
      name: 'Ada',
      roles: 'owner,finance',
      emailVerified: 'true',
      createdAt: '2026-01-02T03:04:05.678Z',
      disabled: 'false',
      passwordHash: '$argon2id$x',
    },
    {
      email: '+ada@b.co',
      name: 'Ada',
      roles: ['owner', 'finance'],
      emailVerified: true,
      createdAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      disabled: false,
      passwordHash: '$argon2id$x',
    },
  ],
  [
    'django',
    {
      email: 'a@b.co',
      username: 'ada',
      first_name: 'Ada',
      last_name: 'Lovelace',
      is_active: 't',
      date_joined: '2026-01-02 03:04:05.678901+00',
      password: 'pbkdf2_sha256$1$a$b',
    },
    {
      email: 'a@b.co',
      name: 'Ada Lovelace',
      createdAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      disabled: false,
      passwordHash: 'pbkdf2_sha256$1$a$b',
    },
  ],
  [
    'django',
    { email: 'a@b.co', username: 'ada', first_name: '', last_name: '', is_active: '0', password: '!x' },
    { email: 'a@b.co', name: 'ada', createdAt: null, disabled: true, passwordHash: null },
  ],
  [
    'aspnet-identity',
    { Email: 'a@b.co', EmailConfirmed: 'True', PasswordHash: 'AQAAAA==' },
    { email: 'a@b.co', name: null, emailVerified: true, disabled: false, passwordHash: 'aspnet$AQAAAA==' },
  ],
  [
    'auth0',
    {
      email: 'a@b.co',
      email_verified: true,
      name: 'Ada',
      created_at: '2026-01-02T03:04:05Z',
      passwordHash: '$2b$10$x',
    },
    {
      email: 'a@b.co',
      name: 'Ada',
      emailVerified: true,
      createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      disabled: null,
      passwordHash: '$2b$10$x',
    },
  ],
  [
    'firebase',
    {
      localId: 'x',
      email: 'a@b.co',
      emailVerified: false,
      passwordHash: 'a-_b',
      salt: 'c_-d',
      createdAt: '1767323045000',
    },
    {
      email: 'a@b.co',
      name: null,
      emailVerified: false,
      createdAt: 1_767_323_045_000,
      disabled: null,
      passwordHash: 'firebase$8$14$c/+d$a+/b',
    },
  ],
  [
    'better-auth',
    { email: 'a@b.co', name: 'Ada', emailVerified: 1, createdAt: 1_767_323_045, password: 'aa:bb' },
    {
      email: 'a@b.co',
      name: 'Ada',
      roles: null,
      emailVerified: true,
      createdAt: 1_767_323_045_000,
      disabled: false,
      passwordHash: 'better-auth$aa:bb',
    },
  ],
  [
    'nextauth',
    { email: 'a@b.co', name: 'Ada', emailVerified: '2026-01-02', hashedPassword: '$2a$10$x', role: 'ADMIN' },
    {
      email: 'a@b.co',
      name: 'Ada',
      roles: ['ADMIN'],
      emailVerified: true,
      createdAt: null,
      disabled: false,
      passwordHash: '$2a$10$x',
    },
  ],
])('reads a row of %s', (name, row, candidate) => {
  expect(templates[name](row)).toEqual(candidate)
})

test('reads identities from a list or from JSON in a cell, and the accounts of NextAuth as identities', () => {
  const identities = [{ provider: 'google', subject: '1', issuer: 'https://accounts.google.com' }]
  const row = { email: 'a@b.co' }
  for (const cell of [identities, JSON.stringify(identities)])
    expect(templates.sallyport({ ...row, identities: cell }).identities).toEqual(identities)
  for (const none of ['', 'NULL', undefined])
    expect(templates.sallyport({ ...row, identities: none }).identities).toBe(undefined)
  expect(() => templates.sallyport({ ...row, identities: 'google' })).toThrow('identities: This is not JSON.')

  const accounts = [
    { provider: 'google', providerAccountId: '1', access_token: 'secret' },
    { provider: 'github', provider_account_id: 583231 },
    { provider: 'gitlab', userId: 'x' },
  ]
  for (const cell of [accounts, JSON.stringify(accounts)])
    expect(templates.nextauth({ ...row, accounts: cell }).identities).toEqual([
      { provider: 'google', subject: '1' },
      { provider: 'github', subject: '583231' },
      { provider: 'gitlab', subject: null },
    ])
  for (const none of ['', null, []])
    expect(templates.nextauth({ ...row, accounts: none }).identities).toEqual([])
  for (const wrong of ['google', '{}', { provider: 'google' }, ['google'], [null], '[[]'])
    expect(() => templates.nextauth({ ...row, accounts: wrong }), String(wrong)).toThrow(UnreadableRow)
})

test('imports an address from NextAuth as verified only with a time, and refuses a row with another value', () => {
  const verified = (emailVerified: unknown) =>
    templates.nextauth({ email: 'a@b.co', emailVerified }).emailVerified
  for (const none of ['', 'NULL', null, undefined]) expect(verified(none)).toBe(false)
  for (const word of ['false', 'f', '0', 'null', 'no', 'true', '1'])
    expect(() => verified(word), word).toThrow(/is not a time/)
  for (const no of [false, true]) expect(() => verified(no)).toThrow(UnreadableRow)
})

test('refuses a value that is not a boolean or a time, and quotes it', () => {
  expect(() => flag('maybe')).toThrow(UnreadableRow)
  expect(() => flag({})).toThrow(/is not text/)
  for (const word of ['yesterday', '2026-13-45', '12/31/2026', '5'])
    expect(() => time(word), word).toThrow(/is not a time/)
  expect(time('2026-01-02T03:04:05+0200')).toBe(Date.UTC(2026, 0, 2, 1, 4, 5))
  expect([time(''), time('NULL'), time(null), flag(undefined)]).toEqual([null, null, null, null])
})

test('reads a product’s own fields from an object or from JSON in a cell', () => {
  const row = { email: 'a@b.co', fields: { plan: 'pro' } }
  expect(templates.sallyport(row).fields).toEqual({ plan: 'pro' })
  expect(templates.sallyport({ ...row, fields: '{"plan":"pro"}' }).fields).toEqual({ plan: 'pro' })
  expect(templates.sallyport({ ...row, fields: '' }).fields).toBe(undefined)
  expect(() => templates.sallyport({ ...row, fields: 'pro' })).toThrow(UnreadableRow)
  expect(templates.sallyport({ email: 'a@b.co' })).not.toHaveProperty('fields')
})

describe('imports a user that the other system has disabled as disabled [A21]', () => {
  const now = Date.UTC(2026, 10, 29)
  test.each<[TemplateName, Row, boolean]>([
    ['aspnet-identity', { LockoutEnabled: true, LockoutEnd: '2026-11-29T00:00:01+00:00' }, true],
    ['aspnet-identity', { LockoutEnabled: '1', LockoutEnd: '9999-12-31 23:59:59.9999999 +00:00' }, true],
    ['aspnet-identity', { LockoutEnd: '2027-01-01T00:00:00Z' }, true],
    ['aspnet-identity', { LockoutEnabled: true, LockoutEndDateUtc: '2027-01-01 00:00:00.000' }, true],
    ['aspnet-identity', { LockoutEnabled: false, LockoutEnd: '2027-01-01T00:00:00Z' }, false],
    ['aspnet-identity', { LockoutEnabled: true, LockoutEnd: '2026-11-28T23:59:59Z' }, false],
    ['aspnet-identity', { LockoutEnabled: true, LockoutEnd: 'NULL' }, false],
    ['aspnet-identity', { LockoutEnabled: true }, false],
    ['django', { is_active: 'f' }, true],
    ['django', { is_active: false }, true],
    ['django', { is_active: 't' }, false],
    ['auth0', { blocked: true }, true],
    ['auth0', { blocked: 'false' }, false],
    ['firebase', { disabled: true }, true],
    ['firebase', { disabled: false }, false],
    ['better-auth', { banned: 't' }, true],
    ['better-auth', { banned: true, banExpires: '2026-12-01T00:00:00Z' }, true],
    ['better-auth', { banned: true, ban_expires: '2026-11-01 00:00:00' }, false],
    ['better-auth', { banned: false, banExpires: '2026-12-01T00:00:00Z' }, false],
    ['nextauth', { banned: true }, true],
    ['nextauth', { isActive: 'f' }, true],
    ['nextauth', { deletedAt: '2026-01-01' }, true],
    ['nextauth', { isActive: 't', blocked: '', deletedAt: null }, false],
  ])('%s %j: %s', (from, row, isDisabled) => {
    expect(templates[from]({ email: 'a@b.co', Email: 'a@b.co', ...row }, now).disabled ?? false).toBe(
      isDisabled,
    )
  })

  test('refuses a row whose lock cannot be read', () => {
    for (const LockoutEnd of ['tomorrow', 'true', '12/31/2030'])
      expect(() => templates['aspnet-identity']({ Email: 'a@b.co', LockoutEnd }, now)).toThrow(UnreadableRow)
    expect(() => templates['better-auth']({ email: 'a@b.co', banned: 'maybe' }, now)).toThrow(UnreadableRow)
  })
})

describe('reports the columns of a file without the needed ones', () => {
  const heading = async (content: string, needed = ['email']) => {
    for await (const _ of readRows(fileOf('users.csv', content), 'csv', () => {}, needed));
  }
  test.each([
    ['Email,Name\na@b.co,A\n', /^There is no column "email"; the file has: Email, Name\./],
    [
      'email;name\na@b.co;A\n',
      /"email"; the file has: email;name\. Its separator is a semicolon: export the file again, with commas/,
    ],
    ['email\tname\na@b.co\tA\n', /separator is a tab/],
    ['id|email\n1|a@b.co\n', /separator is a vertical bar/],
    [
      'ada@b.co,Ada\nbob@b.co,Bob\n',
      /the file has: \(a value\), Ada\. Check that the first line names the columns/,
    ],
    ['email,name,email\na@b.co,A,b@b.co\n', /The column "email" occurs twice/],
  ])('%j', async (content, message) => {
    const error: unknown = await heading(content).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(WrongHeading)
    expect((error as Error).message).toMatch(message)
  })

  test('accepts either name of a column; reports JSON Lines line by line', async () => {
    await expect(heading('Email,Name\na@b.co,A\n', ['email', 'Email'])).resolves.toBe(undefined)
    await expect(heading('mail\na@b.co\n', ['email', 'Email'])).rejects.toThrow(
      'no column "email" or "Email"',
    )
    const rows = []
    const file = fileOf('users.jsonl', '{"Email":"a@b.co","id":1}\n{}\n{"email":null}\n')
    for await (const row of readRows(file, 'jsonl', () => {}, ['email'])) rows.push(row)
    expect(rows).toEqual([
      { line: 1, reason: 'There is no field "email"; the row has: Email, id.' },
      { line: 2, reason: 'There is no field "email"; the row has: none.' },
      { line: 3, row: { email: null } },
    ])
  })
})
