import SqliteDatabase from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import * as sessions from './migrations/2026-11-23-sessions.ts'
import type { Schema } from './schema.ts'

export type Database = Kysely<Schema>

/** Opens the embedded database: one file, write-ahead log, and a commit is on the disk before it is acknowledged. */
export function openDatabase(file: string): Database {
  const sqlite = new SqliteDatabase(file)
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('busy_timeout = 5000')
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database: sqlite }) })
}

const migrations = { '2026-11-23-sessions': sessions }

/** Brings the tables to the newest form; names what it applied. */
export async function migrate(database: Database): Promise<string[]> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error) throw error
  return results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}
