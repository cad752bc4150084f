import { chmodSync } from 'node:fs'
import SqliteDatabase from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely'
import { Migrator } from 'kysely/migration'
import * as sessions from './migrations/2026-11-23-sessions.ts'
import type { Schema } from './schema.ts'

export type Database = Kysely<Schema>

/** Milliseconds to wait for another process that writes. Everything in this process waits along, so not for long. */
const busyTimeoutMs = 2_000

/** Opens the embedded database: one file, write-ahead log, and a commit is on the disk before it is acknowledged. */
export function openDatabase(file: string): Database {
  let sqlite: SqliteDatabase.Database
  try {
    sqlite = new SqliteDatabase(file, { timeout: busyTimeoutMs })
    sqlite.pragma('journal_mode = WAL')
  } catch (error) {
    throw new TypeError(
      `The database ${file} cannot be opened (${error instanceof Error ? error.message : 'unknown reason'}). Check that it is a writable file of this server, or set DATA_DIR to another folder.`,
    )
  }
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
  keepPrivate(file)
  return new Kysely<Schema>({ dialect: new EmbeddedDialect(sqlite) })
}

/** For its owner alone; the log beside it follows. Whoever is not the owner may use the file and cannot change this. */
function keepPrivate(file: string): void {
  try {
    chmodSync(file, 0o600)
  } catch {
    // Its owner has decided who may read it.
  }
}

/** Whether an error says that the database cannot be used right now: trying again can help. */
export function isUnavailable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^SQLITE_(?:BUSY|LOCKED|IOERR|FULL|CANTOPEN|READONLY)/.test(code)
}

const migrations = { '2026-11-23-sessions': sessions }

/** Brings the tables to the newest form, all or nothing; names what it applied. */
export async function migrate(database: Database): Promise<string[]> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error) throw error
  return results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

class EmbeddedDialect extends SqliteDialect {
  readonly #sqlite: SqliteDatabase.Database
  constructor(sqlite: SqliteDatabase.Database) {
    super({ database: sqlite })
    this.#sqlite = sqlite
  }
  override createDriver(): SqliteDriver {
    return new ImmediateDriver({ database: this.#sqlite })
  }
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}

/**
 * Every transaction of ours writes: it asks for the write lock at once, and waits for it. One that begins by reading could
 * not wait later: SQLite refuses to turn an outdated reader into a writer, whatever the time-out.
 */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

/** SQLite can change tables inside a transaction: a migration that fails leaves nothing, and two processes take turns. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
