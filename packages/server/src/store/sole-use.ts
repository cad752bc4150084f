import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { tableNames } from './dump.ts'
import { inUse } from './sqlite.ts'

/**
 * How many milliseconds to wait until other connections are closed, because a process that has just ended may still have open connections.
 */
const closingMs = 2_000
const lookEveryMs = 100

/**
 * Checks that no other process of Sallyport is connected to the database. SQLite needs no check, because the file was opened exclusively.
 * PostgreSQL lists the names of all connections, and a server always has one connection that listens.
 *
 * @throws TypeError when another process is connected. In the message, the database is called `name`.
 */
export async function requireSoleUse(connection: Database, name: string): Promise<void> {
  if (!isPostgres(connection)) return
  for (const until = performance.now() + closingMs; ; await setTimeout(lookEveryMs)) {
    // Clear the snapshot of the statistics. Otherwise PostgreSQL returns its first result again in the same transaction.
    await sql`select pg_stat_clear_snapshot()`.execute(connection)
    const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database()
      and application_name like '%sallyport%' and pid <> pg_backend_pid() limit 1`.execute(connection)
    if (rows.length === 0) return
    if (performance.now() > until) throw inUse(name)
  }
}

/**
 * Runs `work` in a transaction that reads the state of one moment. In the meantime, no other connection can write to any table. SQLite
 * needs no lock here, because the file was opened exclusively.
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
      // Lock before the first read, because the snapshot begins with the first read.
      await lockTables(connection, 'share', name)
      return await work(connection)
    } finally {
      await sql.raw('rollback').execute(connection)
    }
  })
}

/** Prevents other connections from writing to the tables until the transaction ends. */
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
