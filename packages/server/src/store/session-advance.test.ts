import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { everyStoreKind, freshStore, holdRow, type TestStore } from '../testing/stores.ts'
import { type Database, openStore } from './database.ts'
import { migrate } from './migrations.ts'
import type { SessionRow } from './row-types.ts'
import { addSession, advanceSession, findSession } from './session.ts'
import { addUser } from './user.ts'

const names = Array.from({ length: 20 }, (_, index) => `session-${index}`)
const used = { lastUsedAt: 5, idleSeconds: 60, address: '192.0.2.7', userAgent: 'a "browser"\\ of théirs' }
const first = { generation: 0, parentBranch: -1, branches: 1, openedAt: 1 }
const second = { generation: 1, parentBranch: 0, branches: 1, openedAt: 5_000_000_000_000 }

describe.each(everyStoreKind)('on %s', (kind) => {
  let store: TestStore
  let database: Database
  const generations = async () => {
    const rows = await store.query<Pick<SessionRow, 'id' | 'generation'>>(
      'select id, generation from session order by id',
    )
    return Object.fromEntries(rows.map(({ id, generation }) => [id, generation]))
  }

  beforeEach(async () => {
    store = await freshStore(kind)
    database = openStore(store.address).database
    await migrate(database)
    await addUser(database, someone, 'hash')
    for (const id of names) await addSession(database, { ...session, id })
    return () => database.destroy()
  })

  test('finds each of several sessions read at once, and not a missing one', async () => {
    const found = await Promise.all(['nobody', ...names, 'session-3'].map((id) => findSession(database, id)))
    expect(found.map((one) => one?.session.id)).toEqual([undefined, ...names, 'session-3'])
    expect(found[1]).toEqual(await findSession(database, 'session-0'))
    expect(found[1]?.user).toEqual(someone)
    // Each caller gets its own copy.
    expect(found[4]?.session.methods).not.toBe(found.at(-1)?.session.methods)
  })

  test('of concurrent steps, each one from the current state of its session is applied completely', async () => {
    await store.query(`update session set "endedAt" = 7 where id = 'session-1'`)
    await store.query(`update session set branches = 2 where id = 'session-2'`)
    await store.query(`update session set "parentBranch" = 1 where id = 'session-3'`)
    const others = ['session-1', 'session-2', 'session-3']
    const steps = names.map((id) => advanceSession(database, id, first, second, used))
    const unknown = advanceSession(database, 'nobody', first, second, used)
    expect(await Promise.all([...steps, unknown])).toEqual([
      ...names.map((id) => !others.includes(id)),
      false,
    ])
    for (const id of others) expect(await advanceSession(database, id, first, second, used), id).toBe(false)
    expect((await findSession(database, 'session-9'))?.session).toEqual({
      ...session,
      ...second,
      ...used,
      id: 'session-9',
    })
    expect((await findSession(database, 'session-2'))?.session.lastUsedAt).toBe(1)
  })

  test('of several concurrent steps of one session, one is applied', async () => {
    const same = ['session-4', 'session-4', 'session-5', 'session-4']
    const done = await Promise.all(same.map((id) => advanceSession(database, id, first, second, used)))
    expect(done.filter(Boolean)).toHaveLength(2)
    expect(done[2]).toBe(true)
    expect(await generations()).toMatchObject({ 'session-4': 1, 'session-5': 1, 'session-6': 0 })
  })
})

describe('concurrent calls use one statement', () => {
  async function open(kind: (typeof everyStoreKind)[number]) {
    const { address } = await freshStore(kind)
    const { database } = openStore(address)
    onTestFinished(() => database.destroy())
    await migrate(database)
    await addUser(database, someone, 'hash')
    for (const id of names) await addSession(database, { ...session, id })
    const statements = vi.spyOn(database, 'executeQuery')
    /** Returns how many statements some work uses. */
    const countOf = async (work: () => Promise<unknown>) => {
      statements.mockClear()
      await work()
      return statements.mock.calls.length
    }
    return { database, countOf }
  }

  test.each(everyStoreKind)('on %s: to read sessions', async (kind) => {
    const { database, countOf } = await open(kind)
    expect(await countOf(() => Promise.all(names.map((id) => findSession(database, id))))).toBe(1)
    expect(await countOf(() => findSession(database, 'session-1'))).toBe(1)
  })

  test('on PostgreSQL: to advance sessions; steps of one session are applied one after the other', async () => {
    const { database, countOf } = await open('PostgreSQL')
    const step = (id: string, from: typeof first, to: typeof first) =>
      advanceSession(database, id, from, to, used)
    const all = () => Promise.all(names.map((id) => step(id, first, second)))
    expect(await countOf(all)).toBe(1)
    // A single step, or a refused one, needs no second statement.
    expect(await countOf(() => step('session-1', first, second))).toBe(1)
    expect(await countOf(() => step('session-1', second, first))).toBe(1)
    const both = [
      step('session-1', first, second),
      step('session-2', second, first),
      step('session-1', second, first),
    ]
    expect(await Promise.all(both)).toEqual([true, true, true])
    const third = { ...second, generation: 2 }
    const pair = async () =>
      expect(
        await Promise.all([
          step('session-3', second, third),
          step('session-4', second, third),
          step('session-3', third, second),
        ]),
      ).toEqual([true, true, true])
    expect(await countOf(pair)).toBe(2)
  })
})

test('on PostgreSQL, a session locked by another process does not block others, and is advanced once it is free', async () => {
  const store = await freshStore('PostgreSQL')
  const { database } = openStore(store.address)
  await migrate(database)
  await addUser(database, someone, 'hash')
  for (const id of names) await addSession(database, { ...session, id })
  const held = await holdRow(store, `update session set generation = 1 where id = 'session-0'`)
  const [mine, ...others] = names.map((id) => advanceSession(database, id, first, second, used))
  expect(await Promise.all(others)).toEqual(others.map(() => true))
  await held.waitedFor()
  await held.commit()
  expect(await mine).toBe(false)
  await database.destroy()
})

const someone = {
  id: 'user-1',
  email: 'ada@example.com',
  name: 'Ada',
  roles: ['member'],
  version: 3,
  createdAt: 1,
  updatedAt: 1,
  signedInAt: null,
  disabledAt: null,
  emailVerifiedAt: null,
  deleteAt: null,
  fields: {},
}

const session = {
  userId: 'user-1',
  salt: 'salt',
  ...first,
  methods: ['pwd'],
  authenticatedAt: 1,
  createdAt: 1,
  lastUsedAt: 1,
  expiresAt: 9_000_000_000_000,
  endedAt: null,
  endReason: null,
  idleSeconds: 60,
  address: null,
  userAgent: null,
}
