import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { migrate } from './migrations.ts'

type Value = string | number | null
/** Values by name, bound as `:name`. Values are never part of the SQL text. */
export type Parameters = Readonly<Record<string, Value>>

/** The billing database. Every statement is compiled once and cached by its text. */
export type Database = {
  all<Row>(sql: string, parameters?: Parameters): Row[]
  /** Returns the first row, or null. */
  find<Row>(sql: string, parameters?: Parameters): Row | null
  /** Runs a statement that changes rows. Returns their number. */
  change(sql: string, parameters?: Parameters): number
  /**
   * Runs `work` in one transaction that takes the write lock at its start (`BEGIN IMMEDIATE`), so that no other process
   * can change what it reads before it writes. Rolls back if `work` throws.
   */
  transaction<Result>(work: () => Result): Result
  close(): void
}

/** Milliseconds to wait for the write lock of another process. The event loop is blocked meanwhile: keep it short. */
const busyTimeoutMs = 2_000

/**
 * Opens the database in `file`, and creates its folder and schema if needed. `:memory:` is a database that exists until
 * it is closed.
 */
export function openDatabase(file: string): Database {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const sqlite = new Sqlite(file, { timeout: busyTimeoutMs })
  sqlite.pragma('journal_mode = WAL')
  // A confirmed invoice must survive a power failure.
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
