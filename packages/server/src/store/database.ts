import { type Kysely, PostgresAdapter } from 'kysely'
import { openPostgres } from './postgres.ts'
import type { Schema } from './row-types.ts'
import { openEmbedded } from './sqlite.ts'

export type Database = Kysely<Schema>

/** A database, and a function that watches for changes by other processes. */
export type Store = {
  database: Database
  /**
   * Calls `onChange` after another process has changed data, and sometimes when nothing has changed. Returns a function that stops the
   * calls.
   */
  watch(onChange: () => void): () => void
}

/**
 * The place of the tables: a PostgreSQL database, or a file. With `patient`, the connections do not have the usual time limits. With
 * `alone`, the file is opened exclusively.
 */
export type StoreAddress =
  | { databaseUrl: string; poolSize: number; patient?: boolean }
  | { file: string; alone?: boolean }

export function openStore(address: StoreAddress): Store {
  return 'file' in address ? openEmbedded(address.file, address) : openPostgres(address.databaseUrl, address)
}

export function isPostgres(database: Database): boolean {
  return database.getExecutor().adapter instanceof PostgresAdapter
}

/**
 * The error codes of a PostgreSQL database that is temporarily unavailable
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html): errors of connections and resources, shutdown, read-only mode,
 * cancelled or timed-out statements, and deadlocks.
 */
const unavailableStates = /^(?:08|53|57P0|58)|^(?:57014|40001|40P01|55P03|25006|25P03)$/
const unavailableSqlite = /^SQLITE_(?:BUSY|LOCKED|IOERR|FULL|CANTOPEN|READONLY)/
const unavailableSocket = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND)/
/** Messages of those errors of the driver that have no code. */
const unavailableDriver =
  /^(?:Query read timeout|timeout exceeded when trying to connect|timeout expired|Connection terminated|Client has encountered a connection error|Client was closed|The database is starting up|Postgres connection has been discarded)/

/** Returns whether an error means that the database is temporarily unavailable. If so, the same request can succeed later. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isUnavailable)
  const code = 'code' in error ? String(error.code) : ''
  return (
    unavailableSqlite.test(code) ||
    unavailableStates.test(code) ||
    unavailableSocket.test(code) ||
    unavailableDriver.test(error.message)
  )
}

/**
 * Returns whether an error means that nothing can be written. The cause is a full or broken disk, or a folder or database that is
 * read-only.
 */
export function cannotWrite(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^(?:SQLITE_(?:IOERR|FULL|CANTOPEN|READONLY)|53100|25006|58030)/.test(code)
}

/** Returns whether an error means that a row with this value exists already. */
export function isDuplicate(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^(?:23505|SQLITE_CONSTRAINT_(?:UNIQUE|PRIMARYKEY))$/.test(code)
}
