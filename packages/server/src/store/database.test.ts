import { once } from 'node:events'
import { globSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { paths } from '@sallyport/protocol/endpoints'
import SqliteDatabase from 'better-sqlite3'
import { sql } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSallyport } from '../index.ts'
import { frozenClock, recordingLog, startSallyport, testOptions } from '../testing/sallyport.ts'
import { ada, now, session } from '../testing/shared-database.ts'
import { everyStoreKind, freshStore, type TestStore } from '../testing/stores.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { type Database, openStore } from './database.ts'
import { appliedMigrations, knownMigrations, migrate } from './migrations.ts'
import { addPendingHook, finishPendingHook, postponePendingHook, takePendingHook } from './pending-hook.ts'
import { addRevocation, dropRevocations, lastRevocation, readRevocations } from './revocation.ts'
import { addSession, advanceSession, endSession, endSessionsOf, findSession, openSession } from './session.ts'
import { decideOnSigningKeys, listSigningKeys, type SigningKeyRow } from './signing-key.ts'
import { openEmbedded } from './sqlite.ts'
import { addUser, findUserByEmail, lockUser, replacePassword, upgradePasswordHash } from './user.ts'

async function embedded() {
  const store = await freshStore('SQLite')
  return { ...store, database: await migrated(store) }
}

describe('the file', () => {
  test('is durable and private', async () => {
    const { address } = await embedded()
    const { file } = address as { file: string }
    const raw = new SqliteDatabase(file)
    expect(raw.pragma('journal_mode', { simple: true })).toBe('wal')
    raw.close()
    for (const name of [file, `${file}-wal`]) expect(statSync(name).mode & 0o777, name).toBe(0o600)
  })

  test('can be opened while another process is creating it: it waits', async () => {
    const file = join(temporaryFolder(), 'sallyport.db')
    const other = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads')
       const sqlite = new (require(workerData.library))(workerData.file)
       sqlite.exec('begin immediate; create table first (id integer)')
       parentPort.postMessage('writing')
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
       sqlite.exec('commit')
       sqlite.close()`,
      { eval: true, workerData: { file, library: createRequire(import.meta.url).resolve('better-sqlite3') } },
    )
    await once(other, 'message')
    const { database } = openEmbedded(file)
    expect(await sql`pragma journal_mode`.execute(database)).toMatchObject({
      rows: [{ journal_mode: 'wal' }],
    })
    await database.destroy()
  })

  test('is refused in one line with how to fix it if it is not a database or not a file', async () => {
    const [text, folder] = [temporaryFolder(), temporaryFolder()]
    writeFileSync(
      join(text, 'sallyport.db'),
      'this is not a database, and long enough to be seen as none'.repeat(20),
    )
    mkdirSync(join(folder, 'sallyport.db'))
    for (const dataDir of [text, folder])
      await expect(createSallyport({ ...testOptions, dataDir }, recordingLog())).rejects.toThrow(
        /sallyport\.db cannot be opened .* set DATA_DIR to another folder/,
      )
  })

  test('is refused if its folder cannot be created', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    await expect(
      createSallyport({ ...testOptions, dataDir: join(file, 'data') }, recordingLog()),
    ).rejects.toThrow(/The data folder .* cannot be written/)
  })
})

async function migrated(store: TestStore): Promise<Database> {
  const { database } = openStore(store.address)
  onTestFinished(() => database.destroy())
  await migrate(database)
  return database
}

/**
 * Opens connections as of several processes. On SQLite it is one connection, because two in one thread would wait for each other: this driver
 * waits in the thread itself.
 */
async function connections(store: TestStore, count: number): Promise<Database[]> {
  if (store.kind === 'SQLite') return Array<Database>(count).fill(await migrated(store))
  return Promise.all(Array.from({ length: count }, () => migrated(store)))
}

const used = { lastUsedAt: now + 5, idleSeconds: 60, address: '192.0.2.7', userAgent: 'curl' }
const end = { reason: 'sign_out', now, until: now + 60 }

/** All migrations. Add a new one at the end: a database that has a later migration refuses an earlier one. */
const applied = [
  '2026-11-23-sessions',
  '2026-11-24-several-processes',
  '2026-11-25-accounts',
  '2026-11-26-hooks',
  '2026-11-29-deleted-accounts',
  '2026-11-29-revocation-ends',
  '2026-11-29-secrets',
  '2026-11-29-session-idle',
  '2026-11-29-sign-in-factors',
  '2026-11-30-identities',
  '2026-11-30-mailed-sign-ins',
  '2026-11-30-passkeys',
  '2026-12-01-factor-removals',
  '2026-12-01-passkey-handles',
  '2026-12-01-provider-tokens',
  '2026-12-02-organizations',
]

test('migrations are applied in this order', () => {
  expect(knownMigrations).toEqual(applied)
})

test('every file of the folder migrations is applied, in the order of their names', () => {
  const files = globSync('*.ts', { cwd: join(import.meta.dirname, 'migrations') })
  expect(knownMigrations).toEqual(files.map((file) => file.replace('.ts', '')).sort())
})

describe.each(everyStoreKind)('on %s', (kind) => {
  async function open(): Promise<Database> {
    return migrated(await freshStore(kind))
  }

  test('is migrated once by several connections at once (processes on one file: packages/cli)', async () => {
    const store = await freshStore(kind, onTestFinished, { bare: true })
    const count = kind === 'SQLite' ? 1 : 6
    const databases = Array.from({ length: count }, () => openStore(store.address).database)
    onTestFinished(async () => void (await Promise.all(databases.map((database) => database.destroy()))))
    const done = await Promise.all(databases.map((database) => migrate(database)))
    expect(done.flat().sort()).toEqual(knownMigrations)
  })

  test('is migrated beside other tables, which stay', async () => {
    const store = await freshStore(kind, onTestFinished, { bare: true })
    const { database } = openStore(store.address)
    onTestFinished(() => database.destroy())
    await sql`create table invoice (id integer)`.execute(database)
    expect(await appliedMigrations(database)).toEqual([])
    expect(await migrate(database)).toEqual(knownMigrations)
    expect(await appliedMigrations(database)).toEqual(knownMigrations)
    expect(await migrate(database)).toEqual([])
    expect(await store.query('select id from invoice')).toEqual([])
  })

  test('an earlier version works on a database that a newer one has migrated, also after a restart', async () => {
    const database = await open()
    await database.schema.alterTable('user').addColumn('shoeSize', 'integer').execute()
    await sql`insert into kysely_migration (name, timestamp) values ('9999-12-31-shoes', '2027-01-01T00:00:00.000Z')`.execute(
      database,
    )
    expect(await migrate(database)).toEqual([])
    expect(await addUser(database, ada, 'hash')).toBe(true)
    expect(await findUserByEmail(database, ada.email)).toMatchObject(ada)
  })

  test('a pending hook call is taken by one process at a time, and needs a user', async () => {
    const database = await open()
    await expect(addPendingHook(database, ada.id, now)).rejects.toThrow(/foreign key/i)
    await addUser(database, ada, 'hash')
    await addPendingHook(database, ada.id, now)
    const take = (at: number) => takePendingHook(database, { now: at, heldUntil: at + 60 })
    expect(await take(now - 1)).toBe(null)
    const taken = await Promise.all(Array.from({ length: 5 }, () => take(now)))
    expect(taken.filter((row) => row !== null)).toEqual([{ userId: ada.id, attempts: 1, dueAt: now + 60 }])
    await postponePendingHook(database, ada.id, now + 90)
    expect(await take(now + 60)).toBe(null)
    expect(await take(now + 90)).toMatchObject({ attempts: 2 })
    await finishPendingHook(database, ada.id)
    expect(await take(now + 900)).toBe(null)
  })

  test('enforces foreign keys', async () => {
    await expect(addSession(await open(), session)).rejects.toThrow(/foreign key/i)
  })

  test('returns numbers as numbers, and missing values as null', async () => {
    const database = await open()
    await addUser(database, { ...ada, signedInAt: Number.MAX_SAFE_INTEGER }, 'hash')
    await addSession(database, session)
    expect(await findUserByEmail(database, ada.email)).toEqual({
      ...ada,
      signedInAt: Number.MAX_SAFE_INTEGER,
      passwordHash: 'hash',
    })
    expect((await findSession(database, session.id))?.session).toEqual(session)
  })

  test('an address belongs to one user, and a failed attempt leaves no rows [A16]', async () => {
    const database = await open()
    const tries = await Promise.all(
      ['user-1', 'user-2', 'user-3'].map((id) => addUser(database, { ...ada, id }, `hash of ${id}`)),
    )
    expect(tries.filter(Boolean)).toHaveLength(1)
    const winner = `user-${tries.indexOf(true) + 1}`
    expect(await findUserByEmail(database, ada.email)).toEqual({
      ...ada,
      id: winner,
      passwordHash: `hash of ${winner}`,
    })
    expect(await database.selectFrom('credential').selectAll().execute()).toHaveLength(1)
  })

  test('decisions about keys are made one at a time, each with the result of the previous one', async () => {
    const store = await freshStore(kind)
    const databases = await connections(store, 3)
    const decide = (kid: string) => async (rows: SigningKeyRow[]) =>
      rows.length > 0
        ? null
        : {
            added: [
              {
                kid,
                algorithm: 'ES256',
                publicJwk: '{}',
                sealedPrivateKey: 'x',
                createdAt: now,
                activeAt: now,
                retiredAt: null,
                revokedAt: null,
              },
            ],
          }
    const found = await Promise.all(
      databases.flatMap((database, index) =>
        ['a', 'b', 'c'].map((name) => decideOnSigningKeys(database, decide(`${name}${index}`))),
      ),
    )
    expect(new Set(found.map((rows) => rows.map(({ kid }) => kid).join())).size).toBe(1)
    expect(await listSigningKeys(databases[0] as Database)).toHaveLength(1)
  })

  test('a session advances only from the state that was read [R03]', async () => {
    const store = await freshStore(kind)
    const databases = await connections(store, 2)
    const [database] = databases as [Database, Database]
    await addUser(database, ada, 'hash')
    await addSession(database, session)
    const next = { generation: 1, parentBranch: 0, branches: 1, openedAt: now + 5 }
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        advanceSession(databases[index % 2] as Database, session.id, session, next, used),
      ),
    )
    expect(tries.filter(Boolean)).toHaveLength(1)
    expect((await findSession(database, session.id))?.session).toEqual({ ...session, ...next, ...used })
    expect((await findSession(database, session.id))?.user).toEqual(ada)
  })

  test('an ended session does not advance, ends once, and is logged once [R12]', async () => {
    const database = await open()
    await addUser(database, ada, 'hash')
    await addSession(database, session)
    const ends = await Promise.all(Array.from({ length: 3 }, () => endSession(database, session.id, end)))
    expect(ends.filter(Boolean)).toHaveLength(1)
    expect(await advanceSession(database, session.id, session, { ...session, generation: 1 }, used)).toBe(
      false,
    )
    expect(await database.selectFrom('revocation').selectAll().execute()).toHaveLength(1)
  })

  test('entries of the revocation log become visible in order, with concurrent writers in several processes', async () => {
    const store = await freshStore(kind)
    const databases = await connections(store, 3)
    const [reading] = databases as [Database]
    const seen: number[] = []
    let appending = true
    const reader = (async () => {
      for (let last = false; !last; ) {
        last = !appending
        const page = await readRevocations(reading, { after: seen.at(-1) ?? 0, now, limit: 7 })
        seen.push(...page.map(({ seq }) => seq))
        if (page.length === 7) last = false
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const appended: number[] = []
    await Promise.all(
      Array.from({ length: 9 }, async (_, worker) => {
        for (let index = 0; index < 9; index += 1)
          await (databases[worker % 3] as Database).transaction().execute(async (transaction) => {
            const fact = { sid: `session-${worker}-${index}`, until: now + 60 }
            appended.push(await addRevocation(transaction, fact))
            // Some take longer than others between getting a number and the commit.
            for (let turns = (worker + index) % 5; turns > 0; turns -= 1) await lastRevocation(transaction)
          })
      }),
    )
    appending = false
    await reader
    expect(seen).toEqual(appended.sort((one, other) => one - other))
  })

  test('a number of the revocation log is never reused, even after all entries were deleted', async () => {
    const database = await open()
    await addUser(database, ada, 'hash')
    const numbers: number[] = []
    for (const id of ['a', 'b']) {
      await addSession(database, { ...session, id })
      expect(await endSession(database, id, end)).toBe(true)
      numbers.push(await lastRevocation(database))
      await dropRevocations(database, now + 61)
    }
    expect(numbers).toEqual([1, 2])
    expect(await database.selectFrom('revocation').selectAll().execute()).toEqual([])
  })

  test('ending all sessions of a user except one adds one entry to the revocation log', async () => {
    const database = await open()
    await addUser(database, ada, 'hash')
    await addUser(database, { ...ada, id: 'user-2', email: 'bob@example.com' }, 'hash')
    for (const id of ['a', 'b', 'c']) await addSession(database, { ...session, id })
    await addSession(database, { ...session, id: 'of-bob', userId: 'user-2' })
    const ended = await database
      .transaction()
      .execute((transaction) => endSessionsOf(transaction, ada.id, { ...end, except: 'b' }))
    expect(ended).toBe(2)
    const live = await database
      .selectFrom('session')
      .select('id')
      .where('endedAt', 'is', null)
      .orderBy('id')
      .execute()
    expect(live.map(({ id }) => id)).toEqual(['b', 'of-bob'])
    expect(await readRevocations(database, { after: 0, now, limit: 10 })).toEqual([
      { seq: 1, sub: ada.id, minVersion: ada.version + 1, until: end.until },
    ])
    expect((await findUserByEmail(database, 'bob@example.com'))?.version).toBe(ada.version)
  })

  test('an upgraded hash replaces only the hash that was checked', async () => {
    const database = await open()
    await addUser(database, ada, 'old')
    expect(await upgradePasswordHash(database, ada.id, 'older', 'wrong')).toBe(false)
    expect((await findUserByEmail(database, ada.email))?.passwordHash).toBe('old')
    expect(await upgradePasswordHash(database, ada.id, 'old', 'better')).toBe(true)
    expect((await findUserByEmail(database, ada.email))?.passwordHash).toBe('better')
  })

  test('a sign-in with a password that is replaced meanwhile opens no session, or one that the change ends [A18]', async () => {
    const store = await freshStore(kind)
    const [one, other] = (await connections(store, 2)) as [Database, Database]
    await addUser(one, ada, 'old')
    const signIns = Array.from({ length: 10 }, (_, index) =>
      openSession(one, { ...session, id: `session-${index}` }, { passwordHash: 'old' }),
    )
    const change = other.transaction().execute(async (transaction) => {
      await lockUser(transaction, ada.id, { updatedAt: now })
      expect(await replacePassword(transaction, ada.id, { from: 'old', to: 'new', now })).toBe(true)
      return endSessionsOf(transaction, ada.id, end)
    })
    const more = Array.from({ length: 10 }, (_, index) =>
      openSession(one, { ...session, id: `later-${index}` }, { passwordHash: 'old' }),
    )
    const opened = (await Promise.all([...signIns, ...more])).filter(Boolean).length
    expect(await change).toBe(opened)
    expect(await openSession(one, { ...session, id: 'last' }, { passwordHash: 'old' })).toBe(false)
    expect(await openSession(one, { ...session, id: 'right' }, { passwordHash: 'new' })).toBe(true)
    const live = await one.selectFrom('session').select('id').where('endedAt', 'is', null).execute()
    expect(live).toEqual([{ id: 'right' }])
  })

  test('a disabled user cannot open a session', async () => {
    const database = await open()
    await addUser(database, { ...ada, disabledAt: now }, 'hash')
    expect(await openSession(database, session, { passwordHash: 'hash' })).toBe(false)
  })
})

test('while another process holds the write lock, answers 503, loses nothing and works afterwards [D08]', async () => {
  const server = await startSallyport({}, frozenClock())
  await server.addUser()
  const { refreshToken } = await server.signIn()
  const other = new SqliteDatabase(join(server.dataDir, 'sallyport.db'))
  other.exec('begin immediate')
  const refused = await server.refresh(refreshToken)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  expect(refused.headers.getSetCookie()).toEqual([])
  expect(await refused.json()).toMatchObject({ code: 'unavailable' })
  expect((await server.get(paths.ready)).status).toBe(200)
  other.exec('rollback')
  other.close()
  expect((await server.refresh(refreshToken)).status).toBe(200)
})
