import { describe, expect, onTestFinished, test } from 'vitest'
import { ada, now, session } from '../testing/shared-database.ts'
import { everyStoreKind, freshStore } from '../testing/stores.ts'
import { openStore } from './database.ts'
import {
  clearTables,
  dumpedTables,
  dumpTables,
  isTable,
  isUnused,
  type Row,
  requireThisVersion,
  type TableName,
  tableLoader,
  tableNames,
  unknownMigrations,
} from './dump.ts'
import { addMail } from './mail.ts'
import { knownMigrations, migrate } from './migrations.ts'
import { addSession } from './session.ts'
import { addUser } from './user.ts'

describe.each(everyStoreKind)('on %s', (kind) => {
  async function opened() {
    const { address, query } = await freshStore(kind)
    // With one connection, the test fails if it is left within a transaction.
    const { database } = openStore('file' in address ? address : { ...address, poolSize: 1 })
    onTestFinished(() => database.destroy())
    await migrate(database)
    return { database, query }
  }
  type Opened = Awaited<ReturnType<typeof opened>>

  const devices = (count: number, users: number) =>
    Array.from({ length: count }, (_, at) => ({
      userId: `user-${at % users}`,
      hash: `hash-${String(at).padStart(5, '0')}`,
      createdAt: at,
      seenAt: now,
      trustedUntil: null,
    }))

  async function dumped({ database }: Opened) {
    const found: [TableName, Row][] = []
    await dumpTables(database, async (table, row) => void found.push([table, row]))
    return found
  }

  // A page has 500 rows.
  test.each([0, 499, 500, 501, 1_000, 1_203])(
    'reads each of %i rows once, in the order of its key',
    async (count) => {
      const store = await opened()
      const users = [0, 1, 2].map((at) => ({ ...ada, id: `user-${at}`, email: `${at}@example.com` }))
      for (const user of users) await addUser(store.database, user, 'hash')
      const rows = devices(count, users.length)
      if (count > 0) await store.database.insertInto('known_device').values(rows).execute()
      const found = await dumped(store)
      const others = ['user', 'user', 'user', 'credential', 'credential', 'credential']
      expect(found.map(([table]) => table)).toEqual([...others, ...Array(count).fill('known_device')])
      const inOrder = rows.toSorted((one, other) =>
        one.userId + one.hash < other.userId + other.hash ? -1 : 1,
      )
      expect(found.slice(6).map(([, row]) => row)).toEqual(inOrder)
    },
  )

  test('waits for onRow after each row, and leaves no open transaction, also if onRow fails', async () => {
    const store = await opened()
    for (const at of [0, 1])
      await addUser(store.database, { ...ada, id: `user-${at}`, email: `${at}@example.com` }, 'x')
    const taken: string[] = []
    await dumpTables(store.database, async (_, { id }) => {
      taken.push(`${id} comes`)
      await new Promise((resolve) => setImmediate(resolve))
      taken.push(`${id} taken`)
    })
    expect(taken.slice(0, 4)).toEqual(['user-0 comes', 'user-0 taken', 'user-1 comes', 'user-1 taken'])
    const failing = dumpTables(store.database, async () => {
      throw new Error('the disk is full')
    })
    await expect(failing).rejects.toThrow('the disk is full')
    await store.database.transaction().execute((transaction) => clearTables(transaction))
    expect(await dumped(store)).toEqual([])
  })

  test('loads any number of rows completely and in order', async () => {
    for (const count of [1, 200, 201, 3_000]) {
      const { database, query } = await opened()
      const row = (await userRow()) as Row
      const loader = tableLoader(database)
      const add = (id: string) => loader.add('user', { ...row, id, email: `${id}@example.com` })
      for (let at = 0; at < count; at += 1) await add(`user-${at}`)
      // A row of another table is added after the rows that it references.
      await loader.add('credential', {
        userId: 'user-0',
        kind: 'password',
        secret: 'hash',
        createdAt: now,
        changedAt: now,
      })
      const before = await query<{ count: number }>('select count(*) as count from "user"')
      expect(Number(before[0]?.count)).toBe(count)
      expect(await query('select 1 from credential')).toEqual([])
      await loader.flush()
      expect(await query('select "userId" from credential')).toEqual([{ userId: 'user-0' }])
      await loader.flush()
      expect(await query('select "userId" from credential')).toHaveLength(1)
    }
  })

  async function userRow() {
    const { database } = await opened()
    await addUser(database, ada, 'hash')
    const row = await database.selectFrom('user').selectAll().executeTakeFirst()
    return row
  }

  test('is unused as long as there is no user, session, event or mail', async () => {
    const { database } = await opened()
    expect(await isUnused(database)).toBe(true)
    const key = {
      algorithm: 'ES256',
      publicJwk: '{}',
      sealedPrivateKey: '',
      retiredAt: null,
      revokedAt: null,
    }
    await database
      .insertInto('signing_key')
      .values({ ...key, kid: 'a', createdAt: 0, activeAt: 0 })
      .execute()
    expect(await isUnused(database)).toBe(true)
    await addMail(database, {
      id: 'a',
      recipient: ada.email,
      template: 'password_changed',
      details: '',
      createdAt: now,
    })
    expect(await isUnused(database)).toBe(false)
    await database.deleteFrom('mail').execute()
    expect(await isUnused(database)).toBe(true)
    await addUser(database, ada, 'hash')
    expect(await isUnused(database)).toBe(false)
    await addSession(database, session)
    await database.transaction().execute((transaction) => clearTables(transaction))
    for (const table of tableNames) expect(await database.selectFrom(table).selectAll().execute()).toEqual([])
  })

  test('refuses a database of another version, with what to do', async () => {
    const { database, query } = await opened()
    expect((await requireThisVersion(database)).sort()).toEqual([...knownMigrations].sort())
    await query(`insert into kysely_migration (name, timestamp) values ('2030-01-01-later', '')`)
    await expect(requireThisVersion(database)).rejects.toThrow(
      new TypeError('The database was migrated by a newer version of sallyport. Use that version.'),
    )
    await query(`delete from kysely_migration where name in ('2030-01-01-later', '${knownMigrations[3]}')`)
    await expect(requireThisVersion(database)).rejects.toThrow(
      new TypeError('The database was migrated by an older version of sallyport. Run: sallyport migrate'),
    )
  })
})

test('distinguishes tables and migrations of Sallyport from others', () => {
  expect(tableNames).toEqual(Object.keys(dumpedTables))
  expect(['user', 'mail', 'users', 'toString', '__proto__'].map(isTable)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
  expect(unknownMigrations([...knownMigrations, '2030-01-01-later'])).toEqual(['2030-01-01-later'])
})
