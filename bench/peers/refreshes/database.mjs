import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'

const { DATA_DIR, DATABASE_URL } = process.env

/** Opens the database of the peer: SQLite with the auth server's pragmas, or PostgreSQL with as many connections. */
export function openDatabase() {
  if (DATABASE_URL) return new pg.Pool({ connectionString: DATABASE_URL, max: 10 })
  const database = new Database(join(DATA_DIR, 'peer.db'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  return database
}
