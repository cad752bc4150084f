/**
 * Counts what a refresh and a sign-in do: statements, waits for the disk, keys and signatures. Their speed depends on these, and the counts
 * are the same on every machine. A change that adds to one of them changes it here and is measured (bench/README.md).
 */
import type { BinaryLike, CipherGCMOptions, CipherKey } from 'node:crypto'
import { paths } from '@sallyport/protocol/endpoints'
import SqliteDatabase from 'better-sqlite3'
import pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'
import { bearer, password, requireTokens, startSallyport } from '../testing/sallyport.ts'
import { freshStore } from '../testing/stores.ts'

const { none, crypto, checks } = vi.hoisted(() => {
  const none = { hmac: 0, cipher: 0, 'under bare bytes': 0, hkdf: 0, sign: 0 }
  return { none, crypto: { ...none }, checks: { policy: 0 } }
})

vi.mock('node:crypto', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:crypto')>()
  return {
    ...real,
    createHmac: (...[hash, key, ...others]: Parameters<typeof real.createHmac>) => {
      crypto.hmac += 1
      if (!(key instanceof real.KeyObject)) crypto['under bare bytes'] += 1
      return real.createHmac(hash, key, ...others)
    },
    createCipheriv: (
      ...[name, key, ...others]: [
        name: 'aes-256-gcm',
        key: CipherKey,
        iv: BinaryLike,
        options?: CipherGCMOptions,
      ]
    ) => {
      crypto.cipher += 1
      if (!(key instanceof real.KeyObject)) crypto['under bare bytes'] += 1
      return real.createCipheriv(name, key, ...others)
    },
    hkdfSync: (...parameters: Parameters<typeof real.hkdfSync>) => {
      crypto.hkdf += 1
      return real.hkdfSync(...parameters)
    },
    sign: (...parameters: Parameters<typeof real.sign>) => {
      crypto.sign += 1
      return real.sign(...parameters)
    },
  }
})

vi.mock('../credentials/password-policy.ts', async (importOriginal) => {
  const real = await importOriginal<typeof import('../credentials/password-policy.ts')>()
  return {
    ...real,
    weaknessOf: (...parameters: Parameters<typeof real.weaknessOf>) => {
      checks.policy += 1
      return real.weaknessOf(...parameters)
    },
  }
})

afterEach(() => vi.restoreAllMocks())

/** Returns the verb and the table of a statement, without its columns. */
function gist(text: string): string {
  const isQuoted = /^(?:insert into|update|delete from|select .*? from) "(\w+)"/s.exec(text)
  const isBatch = text.trimStart().startsWith('with step')
  const [verb = ''] = text.split(/\s/)
  if (isBatch) return 'update session, many'
  return isQuoted ? `${verb} ${isQuoted[1]}` : text
}

/** Returns whether the watcher for revocations sends this statement. It does so at its own times. */
const isOfWatcher = (text: string) => gist(text) === 'select revocation'

/** Runs some work and lists its statements; on SQLite also each step that is not a query. */
async function listed(
  work: () => Promise<unknown>,
): Promise<{ statements: string[]; crypto: typeof crypto }> {
  const statements: string[] = []
  const statement = Object.getPrototypeOf(new SqliteDatabase(':memory:').prepare('select 1'))
  for (const method of ['run', 'all'] as const) {
    const real = statement[method]
    vi.spyOn(statement, method).mockImplementation(function (this: { source: string }, ...values: unknown[]) {
      if (!isOfWatcher(this.source)) statements.push(gist(this.source))
      return real.apply(this, values)
    })
  }
  const query = pg.Client.prototype.query as (...parameters: unknown[]) => unknown
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...parameters: unknown[]
  ) {
    const [first] = parameters
    const text = typeof first === 'string' ? first : (first as { text: string }).text
    if (text !== 'select 1' && !isOfWatcher(text)) statements.push(gist(text))
    return query.apply(this, parameters)
  } as typeof pg.Client.prototype.query)
  Object.assign(crypto, none)
  await work()
  const done = { statements: [...statements], crypto: { ...crypto } }
  vi.restoreAllMocks()
  return done
}

const people = Array.from({ length: 8 }, (_, index) => `person-${index}@example.com`)

async function started(options = {}) {
  const server = await startSallyport({ throttleScale: 100, ...options })
  const tokens: string[] = []
  for (const email of people) {
    await server.addUser(email)
    tokens.push((await server.signIn(email)).refreshToken)
  }
  const refresh = async (token = '') => requireTokens(await server.refresh(token))
  return { server, tokens, refresh }
}

const ofRefresh = { ...none, hmac: 4, sign: 1 }
const times = (count: number, what: string) => Array.from({ length: count }, () => what)

test('on SQLite, a refresh is one read and one write; many at once share the read and the wait for the disk', async () => {
  const { tokens, refresh } = await started()
  expect(await listed(() => refresh(tokens[0]))).toEqual({
    statements: ['select session', 'begin immediate', 'update session', 'commit'],
    crypto: ofRefresh,
  })
  const { statements } = await listed(() => Promise.all(tokens.slice(1).map(refresh)))
  expect(statements).toEqual(['select session', 'begin immediate', ...times(7, 'update session'), 'commit'])
})

test('on PostgreSQL, a refresh is two statements, and so are many at once', async () => {
  const { options } = await freshStore('PostgreSQL')
  const { tokens, refresh } = await started(options)
  expect(await listed(() => refresh(tokens[0]))).toEqual({
    statements: ['select session', 'update session'],
    crypto: ofRefresh,
  })
  const { statements } = await listed(() => Promise.all(tokens.slice(1).map(refresh)))
  expect(statements).toEqual(['select session', 'update session, many'])
})

test('on SQLite, a sign-in waits for the disk once', async () => {
  const { server } = await started()
  const signIn = async () =>
    requireTokens(await server.post(paths.signIn, { email: people[0], password, transport: 'bearer' }))
  expect(await listed(signIn)).toEqual({
    statements: [
      'select user',
      // The try is counted before the hash, and reaches the disk with the later writes.
      'pragma synchronous = normal',
      'begin immediate',
      'insert throttle',
      'insert throttle',
      'insert throttle',
      'commit',
      'pragma synchronous = full',
      // Whether the user has a second factor.
      'select totp',
      'begin immediate',
      'update user',
      'select user',
      'insert session',
      'insert audit_event',
      'select known_device',
      'insert known_device',
      'select known_device',
      'insert mail',
      'insert throttle',
      'delete throttle',
      'insert throttle',
      'commit',
    ],
    crypto: { ...none, hmac: 6, cipher: 1, sign: 1 },
  })
})

test('an access token is parsed once, on its first request too', async () => {
  const server = await startSallyport()
  await server.addUser()
  const { accessToken } = await server.signIn()
  const parse = vi.spyOn(JSON, 'parse')
  expect((await server.get(paths.listSessions, bearer(accessToken))).status).toBe(200)
  expect(parse.mock.calls.filter(([text]) => String(text).includes('"ver":'))).toHaveLength(1)
})

test('a new password is checked against the password policy once, wherever it is set', async () => {
  const server = await startSallyport({ developmentInbox: true, throttleScale: 10 })
  const checksOf = async (work: () => Promise<unknown>) => {
    checks.policy = 0
    await work()
    return checks.policy
  }
  const accepted = async (answer: Promise<Response>) => expect((await answer).status).toBeLessThan(300)
  const newcomer = { email: 'grace@example.com', name: 'Grace', password, transport: 'bearer' }
  expect(await checksOf(() => accepted(server.post(paths.signUp, newcomer)))).toBe(1)

  const { accessToken } = await server.signIn(newcomer.email)
  const change = { currentPassword: password, newPassword: 'quite another way to enter' }
  expect(await checksOf(() => accepted(server.post(paths.changePassword, change, bearer(accessToken))))).toBe(
    1,
  )

  await server.post(paths.forgotPassword, { email: newcomer.email })
  const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { text: string }[] }
  const token = mails.map(({ text }) => /\/reset#token=([\w-]+)/.exec(text)?.[1]).find(Boolean)
  const reset = { token, newPassword: 'a third way that nobody knows' }
  expect(await checksOf(() => accepted(server.post(paths.resetPassword, reset)))).toBe(1)

  const operated = { email: 'alan@example.com', name: 'Alan', password }
  expect(await checksOf(() => server.sallyport.operator.users.create(operated))).toBe(1)

  const delayed = await startSallyport({ emailVerification: 'sign-in', developmentInbox: true })
  expect(await checksOf(() => accepted(delayed.post(paths.signUp, newcomer)))).toBe(1)
})
