import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { tableNames } from './dump.ts'
import { inUse } from './sqlite.ts'

/** Milliseconds that the connections of a process that has just ended may take to close. */
const closingMs = 2_000
const lookEveryMs = 100

/**
 * Refuses where another process of this product is connected. A file that was opened alone needs no look: SQLite keeps others out.
 * PostgreSQL tells the names of all connections: a server always has one, which listens.
 *
 * @throws TypeError that calls the database by `name`.
 */
export async function requireSoleUse(connection: Database, name: string): Promise<void> {
  if (!isPostgres(connection)) return
  for (const until = performance.now() + closingMs; ; await setTimeout(lookEveryMs)) {
    // Within a transaction, PostgreSQL would go on telling what it told first.
    await sql`select pg_stat_clear_snapshot()`.execute(connection)
    const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database()
      and application_name like '%sallyport%' and pid <> pg_backend_pid() limit 1`.execute(connection)
    if (rows.length === 0) return
    if (performance.now() > until) throw inUse(name)
  }
}

/**
 * Begins a transaction that reads one moment, in which nobody else can write to any table. SQLite needs no lock for it: see
 * {@link requireSoleUse}.
 */
export async function readAlone<T>(
  database: Database,
  name: string,
  work: (transaction: Database) => Promise<T>,
): Promise<T> {
  return database.connection().execute(async (connection) => {
    const onPostgres = isPostgres(connection)
    await requireSoleUse(connection, name)
    await sql.raw(onPostgres ? 'begin isolation level repeatable read' : 'begin').execute(connection)
    try {
      // Before the first look at a row: the moment that is read begins after it.
      await lockTables(connection, 'share', name)
      return await work(connection)
    } finally {
      await sql.raw('rollback').execute(connection)
    }
  })
}

/** Keeps others from writing until the transaction ends. */
export async function lockTables(
  transaction: Database,
  mode: 'share' | 'share row exclusive',
  name: string,
): Promise<void> {
  if (!isPostgres(transaction)) return
  await sql`set local lock_timeout = ${sql.lit(closingMs)}`.execute(transaction)
  const tables = sql.join(tableNames.map((table) => sql.table(table)))
  try {
    await sql`lock table ${tables} in ${sql.raw(mode)} mode`.execute(transaction)
    await sql`set local lock_timeout to default`.execute(transaction)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '55P03') throw inUse(name)
    throw error
  }
}
