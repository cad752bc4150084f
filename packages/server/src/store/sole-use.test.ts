import { sql } from 'kysely'
import pg from 'pg'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { freshStore, type TestStore, waitedFor } from '../testing/stores.ts'
import { type Database, openStore } from './database.ts'
import { migrate } from './migrations.ts'
import { lockTables, readAlone, requireSoleUse } from './sole-use.ts'

const inUse = new TypeError(
  'The database is in use by another process. Stop every server and command that works on it, then try again.',
)
const name = 'The database'

async function opened(kind: 'SQLite' | 'PostgreSQL') {
  const store = await freshStore(kind)
  const { address } = store
  const { database } = openStore('file' in address ? address : { ...address, poolSize: 1, patient: true })
  onTestFinished(() => database.destroy())
  await migrate(database)
  const rows = async (text: string, on: Database = database) => (await sql.raw(text).execute(on)).rows
  return { store, database, rows }
}

async function onPostgres() {
  const { store, ...rest } = await opened('PostgreSQL')
  const connected = async (application_name: string) => {
    const { databaseUrl } = store.options as { databaseUrl: string }
    const client = new pg.Client({ connectionString: databaseUrl, application_name })
    await client.connect()
    let ended = false
    const end = async () => {
      if (!ended) await client.end()
      ended = true
    }
    onTestFinished(end)
    return Object.assign(client, { leave: end })
  }
  return { store, ...rest, connected }
}

/** Makes the time limit for closing connections expire at the first check. */
function outOfTime() {
  let looks = 0
  vi.spyOn(performance, 'now').mockImplementation(() => 10_000 * looks++)
  onTestFinished(() => void vi.restoreAllMocks())
}

/** Checks that our connection is not within a transaction, as PostgreSQL reports to another connection. */
async function isFree(store: TestStore): Promise<void> {
  const states = `select distinct state from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
    and application_name = 'sallyport' and query <> ''`
  expect(await store.query(states)).toEqual([{ state: 'idle' }])
}

describe('on PostgreSQL', () => {
  test('refuses while a connection has sallyport in its name, but not for other connections', async () => {
    const { database, connected } = await onPostgres()
    await connected('psql')
    await expect(requireSoleUse(database, name)).resolves.toBeUndefined()
    const server = await connected('my sallyport server')
    outOfTime()
    await expect(requireSoleUse(database, name)).rejects.toThrow(inUse)
    await server.leave()
    vi.restoreAllMocks()
    await expect(requireSoleUse(database, name)).resolves.toBeUndefined()
  })

  test('waits for a connection that is closing, also within a transaction', async () => {
    const { store, database, connected } = await onPostgres()
    const server = await connected('sallyport')
    await database.transaction().execute(async (transaction) => {
      const asked = requireSoleUse(transaction, name)
      const looked = `select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction'
        and query like 'select 1 from pg_stat_activity%'`
      await vi.waitFor(async () => expect(await store.query(looked)).toHaveLength(1), 5_000)
      await server.leave()
      await expect(asked).resolves.toBeUndefined()
    })
  })

  test('reads the state of the moment at which others can no longer write, and rolls back', async () => {
    const { store, database, rows, connected } = await onPostgres()
    const psql = await connected('psql')
    const add = `insert into throttle (key, count, "until", "blockedUntil", "lastBy") values ('a', 1, 1, 0, '')`
    await psql.query('begin')
    await psql.query(add)
    const reading = readAlone(database, name, async (transaction) => {
      const found = await rows('select key from throttle', transaction)
      const writing = psql.query(add.replace("'a'", "'b'"))
      await waitedFor(store)
      const again = await rows('select key from throttle', transaction)
      await rows(add.replace("'a'", "'c'"), transaction)
      return { found, again, writing, timeout: await rows('show lock_timeout', transaction) }
    })
    await waitedFor(store)
    await psql.query('commit')
    const { found, again, writing, timeout } = await reading
    expect([found, again]).toEqual([[{ key: 'a' }], [{ key: 'a' }]])
    expect(timeout).toEqual([{ lock_timeout: '0' }])
    await writing
    expect(await store.query('select key from throttle order by key')).toEqual([{ key: 'a' }, { key: 'b' }])
    await isFree(store)
  })

  test('leaves no open transaction if the work fails or the database is in use', async () => {
    const { store, database, connected } = await onPostgres()
    const failing = readAlone(database, name, async () => {
      throw new Error('the disk is full')
    })
    await expect(failing).rejects.toThrow('the disk is full')
    await isFree(store)
    await connected('sallyport')
    outOfTime()
    const work = vi.fn()
    await expect(readAlone(database, name, work)).rejects.toThrow(inUse)
    expect(work).not.toHaveBeenCalled()
    await isFree(store)
  })

  test('reports a table that others are writing to as in use, and other errors unchanged', async () => {
    const { store, database, connected } = await onPostgres()
    const psql = await connected('psql')
    await psql.query('begin')
    await psql.query(
      `insert into throttle (key, count, "until", "blockedUntil", "lastBy") values ('a', 1, 1, 0, '')`,
    )
    const locking = database.transaction().execute((transaction) => lockTables(transaction, 'share', name))
    await expect(locking).rejects.toThrow(inUse)
    await psql.query('rollback')
    await expect(lockTables(database, 'share', name)).rejects.toThrow(
      /can only be used in transaction blocks/,
    )
    // Two share locks are compatible.
    await psql.query('begin; lock table throttle in share mode')
    await database.transaction().execute((transaction) => lockTables(transaction, 'share', name))
    await psql.query('rollback')
    await isFree(store)
  })
})

test('on SQLite, a file opened exclusively needs no check, and reads are of one moment, too', async () => {
  const { store, database, rows } = await opened('SQLite')
  await requireSoleUse(database, name)
  await lockTables(database, 'share', name)
  const add = (key: string) =>
    `insert into throttle (key, count, "until", "blockedUntil", "lastBy") values ('${key}', 1, 1, 0, '')`
  const found = await readAlone(database, name, async (transaction) => {
    const before = await rows('select key from throttle', transaction)
    await store.query(add('a'))
    return [before, await rows('select key from throttle', transaction)]
  })
  expect(found).toEqual([[], []])
  expect(await rows('select key from throttle')).toEqual([{ key: 'a' }])
  const failing = readAlone(database, name, async (transaction) => {
    await rows(add('b'), transaction)
    throw new Error('the disk is full')
  })
  await expect(failing).rejects.toThrow('the disk is full')
  expect(await store.query('select key from throttle')).toEqual([{ key: 'a' }])
})
