import { type Kysely, PostgresAdapter, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import * as sessions from './migrations/2026-11-23-sessions.ts'
import * as severalProcesses from './migrations/2026-11-24-several-processes.ts'
import * as accounts from './migrations/2026-11-25-accounts.ts'
import * as hooks from './migrations/2026-11-26-hooks.ts'
import * as deletedAccounts from './migrations/2026-11-29-deleted-accounts.ts'
import * as revocationEnds from './migrations/2026-11-29-revocation-ends.ts'
import * as secrets from './migrations/2026-11-29-secrets.ts'
import * as sessionIdle from './migrations/2026-11-29-session-idle.ts'
import { openPostgres } from './postgres.ts'
import type { Schema } from './schema.ts'
import { openEmbedded } from './sqlite.ts'

export type Database = Kysely<Schema>

/** A database, and a function to watch for changes by other processes. */
export type Store = {
  database: Database
  /** Calls back after changes by other processes, and possibly without one. Returns a function that stops this. */
  watch(onChange: () => void): () => void
}

/** The location of the tables: a PostgreSQL database, or a file, which may be opened exclusively. */
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
 * Error codes of a PostgreSQL that is temporarily unavailable (https://www.postgresql.org/docs/current/errcodes-appendix.html):
 * connections, resources, shutdown, read-only, cancelled or timed out, deadlocks.
 */
const unavailableStates = /^(?:08|53|57P0|58)|^(?:57014|40001|40P01|55P03|25006|25P03)$/
const unavailableSqlite = /^SQLITE_(?:BUSY|LOCKED|IOERR|FULL|CANTOPEN|READONLY)/
const unavailableSocket = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND)/
/** Messages of the driver, which have no code. */
const unavailableDriver =
  /^(?:Query read timeout|timeout exceeded when trying to connect|timeout expired|Connection terminated|Client has encountered a connection error|Client was closed|The database is starting up|Postgres connection has been discarded)/

/** Whether an error means that the database is temporarily unavailable, so that a retry can succeed. */
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

/** Whether an error means that nothing can be written: a full disk, a read-only folder or database, a broken medium. */
export function cannotWrite(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^(?:SQLITE_(?:IOERR|FULL|CANTOPEN|READONLY)|53100|25006|58030)/.test(code)
}

/** Whether an error means that a row with this value exists. */
export function isDuplicate(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^(?:23505|SQLITE_CONSTRAINT_(?:UNIQUE|PRIMARYKEY))$/.test(code)
}

const migrations = {
  '2026-11-23-sessions': sessions,
  '2026-11-24-several-processes': severalProcesses,
  '2026-11-25-accounts': accounts,
  '2026-11-26-hooks': hooks,
  '2026-11-29-deleted-accounts': deletedAccounts,
  '2026-11-29-revocation-ends': revocationEnds,
  '2026-11-29-secrets': secrets,
  '2026-11-29-session-idle': sessionIdle,
}

/** The migrations of this version, in order. */
export const knownMigrations: readonly string[] = Object.keys(migrations)

/**
 * Applies all missing migrations in one transaction, and returns their names. Several processes take turns. A database that a newer version
 * has migrated is not changed: migrations only add, so earlier versions keep working.
 */
export async function migrate(database: Database): Promise<string[]> {
  const newer = Object.fromEntries(
    (await appliedMigrations(database))
      .filter((name) => !Object.hasOwn(migrations, name))
      .map((name) => [name, { up: async () => {} }]),
  )
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...newer, ...migrations }) },
  })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error) throw error
  return results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

/** Returns the names of the applied migrations. */
export async function appliedMigrations(database: Database): Promise<string[]> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(database)
  return rows.map(({ name }) => name)
}
