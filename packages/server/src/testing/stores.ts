import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import pg from 'pg'
import { pino } from 'pino'
import { onTestFinished, vi } from 'vitest'
import { migrateStore } from '../open-database.ts'
import type { StoreAddress } from '../store/database.ts'
import { createDatabase, giveBack, queryIn, takeDatabase } from './postgres-databases.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** All databases. The tests of `store/` run with each of them. */
export const everyStoreKind = ['SQLite', 'PostgreSQL'] as const
export type StoreKind = (typeof everyStoreKind)[number]
/**
 * The databases with which the other tests run. `npm test` runs them on SQLite, and `npm run test:all` on PostgreSQL (vitest.config.ts). The
 * variable TEST_STORES selects others, such as `TEST_STORES=SQLite,PostgreSQL`.
 */
export const storeKinds: readonly StoreKind[] = everyStoreKind.filter((kind) =>
  (process.env.TEST_STORES ?? everyStoreKind.join()).split(',').includes(kind),
)

/** An empty database, and functions to read and change it through a different connection. */
export type TestStore = {
  kind: StoreKind
  address: StoreAddress
  /** The settings of a server that uses this database. */
  options: { dataDir: string } | { databaseUrl: string }
  query<T = Record<string, unknown>>(statement: string): Promise<T[]>
}

/**
 * Creates an empty database, which is deleted at the end of the test. If several tests share the database, `clean` decides when it is
 * deleted. A PostgreSQL database has its tables already, unless it is `bare`. An SQLite file does not exist yet.
 */
export async function freshStore(
  kind: StoreKind,
  clean: (ending: () => void | Promise<void>) => void = onTestFinished,
  { bare = false }: { bare?: boolean } = {},
): Promise<TestStore> {
  if (kind === 'SQLite') {
    const dataDir = temporaryFolder(clean)
    const file = join(dataDir, 'sallyport.db')
    return {
      kind,
      address: { file },
      options: { dataDir },
      async query<T>(statement: string) {
        const database = new SqliteDatabase(file)
        try {
          const prepared = database.prepare(statement)
          if (prepared.reader) return prepared.all() as T[]
          prepared.run()
          return []
        } finally {
          database.close()
        }
      },
    }
  }
  const database = await (bare ? createDatabase() : takeDatabase())
  clean(() => (bare ? database.client.end() : giveBack(database)))
  return {
    kind,
    address: { databaseUrl: database.url, poolSize: 10 },
    options: { databaseUrl: database.url },
    query: <T>(statement: string) => queryIn<T>(database, statement),
  }
}

/**
 * Changes a row of a PostgreSQL database in a transaction that stays open, so other transactions wait for the row. Use it to test what
 * happens between a read and a write.
 */
export async function holdRow(store: TestStore, statement: string) {
  const client = new pg.Client((store.options as { databaseUrl: string }).databaseUrl)
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('begin')
  await client.query(statement)
  return {
    waitedFor: () => waitedFor(store),
    commit: async () => void (await client.query('commit')),
  }
}

/**
 * Makes inserts into `throttle` wait, in an empty PostgreSQL database. Users and sessions are written before that table. Returns a function
 * that ends the wait.
 */
export async function stopHalfWay(store: TestStore): Promise<() => Promise<void>> {
  await migrateStore(store.address, pino({ level: 'silent' }))
  const client = new pg.Client((store.options as { databaseUrl: string }).databaseUrl)
  await client.connect()
  onTestFinished(() => client.end())
  await client.query(`create function wait() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(1); return new; end $$`)
  await client.query('create trigger wait before insert on throttle for each row execute function wait()')
  await client.query('select pg_advisory_lock(1)')
  return async () => void (await client.query('select pg_advisory_unlock(1)'))
}

/** Resolves as soon as a connection of a PostgreSQL database waits for a lock. */
export function waitedFor(store: TestStore): Promise<void> {
  return vi.waitFor(
    async () => {
      const waiting = await store.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      if (waiting.length === 0) throw new Error('nobody waits')
    },
    { timeout: 60_000, interval: 10 },
  )
}
