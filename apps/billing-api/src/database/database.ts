import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { migrate } from './migrations.ts'

type Value = string | number | null
/** The values of a statement. The SQL text has `:name`, and the value with this name is bound to it. It is never part of the SQL text. */
export type Parameters = Readonly<Record<string, Value>>

/** The billing database. Each statement is compiled once. Then it is cached under its text. */
export type Database = {
  all<Row>(sql: string, parameters?: Parameters): Row[]
  /** Returns the first row. Returns null if there is none. */
  find<Row>(sql: string, parameters?: Parameters): Row | null
  /** Runs a statement that changes rows. Returns the number of changed rows. */
  change(sql: string, parameters?: Parameters): number
  /**
   * Runs `work` in one transaction. The transaction gets the write lock at its start (`BEGIN IMMEDIATE`). So no other process can change
   * the rows between reading and writing. If `work` throws, the transaction is rolled back.
   */
  transaction<Result>(work: () => Result): Result
  close(): void
}

/**
 * The time, in milliseconds, to wait if another process has the write lock. It must be short, because the event loop is blocked meanwhile.
 */
const busyTimeoutMs = 2_000

/**
 * Opens the database in `file`. If its folder or its schema does not exist, creates it. With `:memory:`, the database is in memory and
 * exists until it is closed.
 */
export function openDatabase(file: string): Database {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const sqlite = new Sqlite(file, { timeout: busyTimeoutMs })
  sqlite.pragma('journal_mode = WAL')
  // With FULL, data is on the disk when a transaction ends. So an invoice that was confirmed to the client survives a power failure.
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
  migrate(sqlite)

  const statements = new Map<string, Sqlite.Statement<[Parameters]>>()
  function statement(sql: string): Sqlite.Statement<[Parameters]> {
    const known = statements.get(sql)
    if (known) return known
    const compiled = sqlite.prepare<[Parameters]>(sql)
    statements.set(sql, compiled)
    return compiled
  }

  return {
    all: <Row>(sql: string, parameters: Parameters = {}) => statement(sql).all(parameters) as Row[],
    find: <Row>(sql: string, parameters: Parameters = {}) =>
      (statement(sql).get(parameters) as Row | undefined) ?? null,
    change: (sql, parameters = {}) => statement(sql).run(parameters).changes,
    transaction: (work) => sqlite.transaction(work).immediate(),
    close: () => {
      sqlite.close()
    },
  }
}
