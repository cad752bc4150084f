import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSallyport } from '../index.ts'
import {
  frozenClock,
  recordingLog,
  startSallyport,
  temporaryFolder,
  testOptions,
} from '../testing/sallyport.ts'
import { migrate, openDatabase } from './database.ts'
import { dropRevocations } from './revocation.ts'
import { addSession, advanceSession, endSession, findSession, type StoredSession } from './session.ts'
import { addFirstSigningKey, listSigningKeys } from './signing-key.ts'
import { addUser, findUserByEmail, type StoredUser, upgradePasswordHash } from './user.ts'

const now = Date.UTC(2026, 0, 1)
const ada: StoredUser = {
  id: 'user-1',
  email: 'ada@example.com',
  name: 'Ada',
  roles: ['owner', 'member'],
  version: 3,
  createdAt: now,
  updatedAt: now,
}
const session: StoredSession = {
  id: 'session-1',
  userId: ada.id,
  salt: 'c2FsdA',
  generation: 0,
  parentBranch: -1,
  branches: 1,
  openedAt: now,
  methods: ['pwd'],
  authenticatedAt: now,
  createdAt: now,
  lastUsedAt: now,
  expiresAt: now + 1_000_000,
  endedAt: null,
  endReason: null,
  address: null,
  userAgent: null,
}

async function openStore(file = join(temporaryFolder(), 'sallyport.db')) {
  const database = openDatabase(file)
  onTestFinished(() => database.destroy())
  await migrate(database)
  return { file, database }
}

describe('the file', () => {
  test('is durable, private, and keeps references whole', async () => {
    const { file, database } = await openStore()
    const raw = new SqliteDatabase(file)
    expect(raw.pragma('journal_mode', { simple: true })).toBe('wal')
    raw.close()
    for (const name of [file, `${file}-wal`]) expect(statSync(name).mode & 0o777, name).toBe(0o600)
    await expect(addSession(database, session)).rejects.toThrow(/FOREIGN KEY/)
  })

  test('what is no database, or no file at all, is said in one line that says how to mend it', async () => {
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

  test('a folder that cannot be one is said too', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    await expect(
      createSallyport({ ...testOptions, dataDir: join(file, 'data') }, recordingLog()),
    ).rejects.toThrow(/The data folder .* cannot be written/)
  })

  test('is migrated once, however often it is opened', async () => {
    const { file, database } = await openStore()
    expect(await migrate(database)).toEqual([])
    const again = openDatabase(file)
    expect(await migrate(again)).toEqual([])
    await again.destroy()
  })
})

describe('one statement, one winner', () => {
  test('A16: an address belongs to one user, and a loser leaves nothing behind', async () => {
    const { database } = await openStore()
    expect(await addUser(database, ada, 'hash')).toBe(true)
    expect(await addUser(database, { ...ada, id: 'user-2', name: 'Eve' }, 'other')).toBe(false)
    expect(await findUserByEmail(database, ada.email)).toEqual({ ...ada, passwordHash: 'hash' })
    expect(await database.selectFrom('credential').selectAll().execute()).toHaveLength(1)
  })

  test('the first signing key is made once', async () => {
    const { database } = await openStore()
    const key = {
      algorithm: 'ES256',
      publicJwk: '{}',
      sealedPrivateKey: 'x',
      createdAt: now,
      activeAt: now,
      retiredAt: null,
    }
    await Promise.all(['a', 'b', 'c'].map((kid) => addFirstSigningKey(database, { ...key, kid })))
    expect(await listSigningKeys(database)).toEqual([{ ...key, kid: 'a' }])
  })

  test('R03: a session advances from the state that was read, and from no other', async () => {
    const { database } = await openStore()
    await addUser(database, ada, 'hash')
    await addSession(database, session)
    const next = { generation: 1, parentBranch: 0, branches: 1, openedAt: now + 5 }
    const tries = await Promise.all(
      Array.from({ length: 10 }, () => advanceSession(database, session.id, session, next, now + 5)),
    )
    expect(tries.filter(Boolean)).toHaveLength(1)
    expect((await findSession(database, session.id))?.session).toEqual({
      ...session,
      ...next,
      lastUsedAt: now + 5,
    })
    expect((await findSession(database, session.id))?.user).toEqual(ada)
  })

  test('R12: a session that has ended advances no more, ends once, and its end is logged once', async () => {
    const { database } = await openStore()
    await addUser(database, ada, 'hash')
    await addSession(database, session)
    const ends = await Promise.all(
      Array.from({ length: 3 }, () => endSession(database, session.id, 'sign_out', now, now + 60)),
    )
    expect(ends).toEqual([1, null, null])
    expect(await advanceSession(database, session.id, session, { ...session, generation: 1 }, now)).toBe(
      false,
    )
    expect(await database.selectFrom('revocation').selectAll().execute()).toHaveLength(1)
  })

  test('a number of the log is never used again, even when all of it has been dropped', async () => {
    const { database } = await openStore()
    await addUser(database, ada, 'hash')
    for (const [index, id] of ['a', 'b'].entries()) {
      await addSession(database, { ...session, id })
      expect(await endSession(database, id, 'sign_out', now, now + 60)).toBe(index + 1)
      await dropRevocations(database, now + 61)
    }
    expect(await database.selectFrom('revocation').selectAll().execute()).toEqual([])
  })

  test('a better hash replaces the one that was checked, and none that came since', async () => {
    const { database } = await openStore()
    await addUser(database, ada, 'old')
    await upgradePasswordHash(database, ada.id, 'older', 'wrong')
    expect((await findUserByEmail(database, ada.email))?.passwordHash).toBe('old')
    await upgradePasswordHash(database, ada.id, 'old', 'better')
    expect((await findUserByEmail(database, ada.email))?.passwordHash).toBe('better')
  })
})

test('D08: while another process holds the write lock the answer is 503, nothing is lost, and it goes on afterwards', async () => {
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
