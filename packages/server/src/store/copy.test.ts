import { describe, expect, onTestFinished, test } from 'vitest'
import { ada, now, session } from '../testing/shared-database.ts'
import { everyStoreKind, freshStore, type StoreKind } from '../testing/stores.ts'
import { copyTables } from './copy.ts'
import { type Database, openStore } from './database.ts'
import { migrate } from './migrations.ts'
import { addRevocation, dropRevocations } from './revocation.ts'
import { addSession } from './session.ts'
import { addUser } from './user.ts'

const ways = everyStoreKind.flatMap((from) => everyStoreKind.map((to) => ({ from, to })))
const until = now + 60

async function opened(kind: StoreKind) {
  const store = await freshStore(kind)
  const { database } = openStore(store.address)
  onTestFinished(() => database.destroy())
  await migrate(database)
  return { store, database }
}

const copy = (from: Database, into: Database) =>
  into.transaction().execute((transaction) => copyTables(from, transaction))
const nextNumber = (database: Database) => addRevocation(database, { kid: 'next', until })

describe.each(ways)('from $from into $to', ({ from, to }) => {
  test('an empty store replaces all rows, and the revocation log begins at 1', async () => {
    const [source, target] = [await opened(from), await opened(to)]
    await addUser(target.database, ada, 'hash')
    expect(await copy(source.database, target.database)).toEqual({})
    expect(await target.database.selectFrom('user').selectAll().execute()).toEqual([])
    expect(await nextNumber(target.database)).toBe(1)
  })

  test('the revocation log continues above the last number of both stores', async () => {
    for (const [inSource, inTarget] of [
      [2, 5],
      [5, 2],
    ] as const) {
      const [source, target] = [await opened(from), await opened(to)]
      for (const [{ database }, count] of [
        [source, inSource],
        [target, inTarget],
      ] as const) {
        for (let at = 0; at < count; at += 1) await addRevocation(database, { kid: `key-${at}`, until })
        await dropRevocations(database, until)
      }
      expect(await copy(source.database, target.database)).toEqual({})
      expect(await nextNumber(target.database)).toBe(6)
    }
  })
})

describe('a target that stores something else than what is written', () => {
  const changes = {
    'a text': { of: 'user', set: "name = 'Eve'" },
    'a number': { of: 'session', set: '"createdAt" = "createdAt" + 1' },
    'a value instead of null': { of: 'session', set: '"endReason" = \'never\'' },
  }
  test.each(Object.entries(changes))('is detected by %s', async (_, { of, set }) => {
    const [source, target] = [await opened('SQLite'), await opened('SQLite')]
    await addUser(source.database, ada, 'hash')
    await addSession(source.database, session)
    await target.store.query(
      `create trigger other after insert on "${of}" begin update "${of}" set ${set} where id = new.id; end`,
    )
    await expect(copy(source.database, target.database)).rejects.toThrow(
      /differ from the rows that were written. Nothing was moved/,
    )
    expect(await target.database.selectFrom('user').selectAll().execute()).toEqual([])
    await target.store.query('drop trigger other')
    expect(await copy(source.database, target.database)).toEqual({ user: 1, credential: 1, session: 1 })
  })

  test('is detected by a missing row', async () => {
    const [source, target] = [await opened('SQLite'), await opened('SQLite')]
    await addUser(source.database, ada, 'hash')
    await target.store.query(
      'create trigger other after insert on credential begin delete from credential; end',
    )
    await expect(copy(source.database, target.database)).rejects.toThrow(
      /differ from the rows that were written/,
    )
  })
})

test('the order of columns does not matter', async () => {
  const [source, target] = [await opened('SQLite'), await opened('SQLite')]
  await target.store.query('alter table pending_hook rename to other')
  await target.store.query(
    `create table pending_hook ("dueAt" integer, attempts integer, "userId" text primary key)`,
  )
  await addUser(source.database, ada, 'hash')
  await source.database
    .insertInto('pending_hook')
    .values({ userId: ada.id, attempts: 1, dueAt: now })
    .execute()
  expect(await copy(source.database, target.database)).toEqual({ user: 1, credential: 1, pending_hook: 1 })
})
