import { beforeEach, describe, expect, test } from 'vitest'
import { ada, bob, now, session, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import {
  addSession,
  advanceSession,
  dropSessions,
  endSession,
  endSessionsOf,
  findSession,
  listSessions,
  openSession,
  setAuthenticated,
} from './session.ts'
import { addUser, findUserById } from './user.ts'
import { setDeletion } from './user-deletion.ts'

const end = { reason: 'revoked', now: now + 1, until: now + 60 }
const used = { lastUsedAt: now + 5, idleSeconds: 60, address: '192.0.2.7', userAgent: 'curl' }

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  beforeEach(async () => {
    for (const user of [ada, bob]) await addUser(database(), user, `hash of ${user.name}`)
  })
  const add = (id: string, change: Partial<typeof session> = {}) =>
    addSession(database(), { ...session, id, ...change })
  const ids = async (which: 'all' | 'live' = 'all') => {
    const rows = await database().selectFrom('session').select(['id', 'endedAt']).orderBy('id').execute()
    return rows.filter(({ endedAt }) => which === 'all' || endedAt === null).map(({ id }) => id)
  }
  const revoked = () => database().selectFrom('revocation').selectAll().execute()

  test('ends one session and no other, with further work and a revocation in the same transaction', async () => {
    await add('one')
    await add('other')
    const noted: string[] = []
    const note = async (_: unknown, userId: string) => void noted.push(userId)
    expect(await endSession(database(), 'one', end, note)).toBe(true)
    expect(await ids('live')).toEqual(['other'])
    expect((await findSession(database(), 'one'))?.session).toMatchObject({
      endedAt: end.now,
      endReason: 'revoked',
    })
    expect(await revoked()).toMatchObject([{ sid: 'one', sub: null, kid: null, until: end.until }])
    expect(noted).toEqual([ada.id])
    expect(await endSession(database(), 'one', { ...end, reason: 'again' }, note)).toBe(false)
    expect(await endSession(database(), 'none', end, note)).toBe(false)
    expect(noted).toEqual([ada.id])
    expect((await findSession(database(), 'one'))?.session.endReason).toBe('revoked')
  })

  test('a transaction finds the session that it has just written, and not a missing one', async () => {
    await database()
      .transaction()
      .execute(async (transaction) => {
        await addSession(transaction, { ...session, id: 'one' })
        expect(await findSession(transaction, 'one')).toMatchObject({ session: { id: 'one' }, user: ada })
        expect(await findSession(transaction, 'none')).toBeNull()
      })
  })

  test('waits for the further work, and ends nothing if it fails [ASVS 16.3.1]', async () => {
    await add('one')
    const failing = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('the audit log is full')
    }
    await expect(endSession(database(), 'one', end, failing)).rejects.toThrow('the audit log is full')
    expect(await ids('live')).toEqual(['one'])
    expect(await revoked()).toEqual([])
  })

  test('opens no session for another hash, without further work; else waits for it', async () => {
    const deletions: (number | null)[] = []
    const alongside = async (_: unknown, { deleteAt }: { deleteAt: number | null }) => {
      await new Promise((resolve) => setImmediate(resolve))
      deletions.push(deleteAt)
    }
    const open = (id: string, hash: string) =>
      openSession(database(), { ...session, id, authenticatedAt: now + 7 }, { passwordHash: hash }, alongside)
    expect(await open('one', 'hash of Bob')).toBe(false)
    expect([await ids(), deletions]).toEqual([[], []])
    await setDeletion(database(), ada.id, now + 9)
    expect(await open('one', 'hash of Ada')).toBe(true)
    expect([await ids(), deletions]).toEqual([['one'], [now + 9]])
    expect(
      await openSession(
        database(),
        { ...session, id: 'of Bob', userId: bob.id },
        { passwordHash: 'hash of Bob' },
      ),
    ).toBe(true)
    await database().deleteFrom('session').where('id', '=', 'of Bob').execute()
    expect((await findUserById(database(), ada.id))?.signedInAt).toBe(now + 7)
    const failing = () => Promise.reject(new Error('no room'))
    await expect(
      openSession(database(), { ...session, id: 'two' }, { passwordHash: 'hash of Ada' }, failing),
    ).rejects.toThrow('no room')
    expect(await ids()).toEqual(['one'])
  })

  test.each([{ generation: 1 }, { branches: 2 }, { parentBranch: 0 }])(
    'does not advance if the state has %o by now [R03]',
    async (change) => {
      await add('one', change)
      await add('other')
      const next = { generation: 9, parentBranch: 9, branches: 9, openedAt: now + 9 }
      expect(await advanceSession(database(), 'one', session, next, used)).toBe(false)
      expect((await findSession(database(), 'one'))?.session).toEqual({ ...session, id: 'one', ...change })
      expect((await findSession(database(), 'other'))?.session).toEqual({ ...session, id: 'other' })
    },
  )

  test('ending all sessions of a user leaves ended ones unchanged', async () => {
    await add('ended', { endedAt: now - 1, endReason: 'sign_out' })
    await add('live')
    await add('kept')
    await add('of Bob', { userId: bob.id })
    const ending = (except?: string) =>
      database()
        .transaction()
        .execute((transaction) => endSessionsOf(transaction, ada.id, { ...end, except }))
    expect(await ending('kept')).toBe(1)
    expect((await findSession(database(), 'ended'))?.session).toMatchObject({
      endedAt: now - 1,
      endReason: 'sign_out',
    })
    expect(await ending()).toBe(1)
    expect(await ids('live')).toEqual(['of Bob'])
    expect((await findUserById(database(), bob.id))?.version).toBe(bob.version)
    expect(await revoked()).toMatchObject([{ minVersion: ada.version + 1 }, { minVersion: ada.version + 2 }])
  })

  test('lists the open sessions of one user, last used first, up to a limit', async () => {
    await add('old', { lastUsedAt: now - 1 })
    await add('new', { lastUsedAt: now + 1, methods: ['pwd', 'otp'] })
    await add('ended', { endedAt: now })
    await add('expired', { expiresAt: now })
    await add('of Bob', { userId: bob.id })
    const listed = await listSessions(database(), ada.id, { now, limit: 9 })
    expect(listed.map(({ id }) => id)).toEqual(['new', 'old'])
    expect(listed[0]?.methods).toEqual(['pwd', 'otp'])
    expect(await listSessions(database(), ada.id, { now, limit: 1 })).toHaveLength(1)
  })

  test('stores a new proof for its session, and no other', async () => {
    await add('one')
    await add('other')
    await setAuthenticated(database(), 'one', { now: now + 5, methods: ['pwd', 'otp'] })
    const proofs = [await findSession(database(), 'one'), await findSession(database(), 'other')]
    expect(proofs.map((found) => found?.session.authenticatedAt)).toEqual([now + 5, now])
    expect(proofs.map((found) => found?.session.methods)).toEqual([['pwd', 'otp'], ['pwd']])
  })

  test('deletes sessions that were ended, or reached their absolute end, before a time', async () => {
    await add('ended', { endedAt: now - 1 })
    await add('expired', { expiresAt: now - 1 })
    await add('ended just now', { endedAt: now })
    await add('expires just now', { expiresAt: now })
    await add('live')
    expect(await dropSessions(database(), now)).toBe(false)
    expect(await ids()).toEqual(['ended just now', 'expires just now', 'live'])
  })
})
