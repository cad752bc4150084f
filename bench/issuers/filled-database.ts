import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { openStore } from '../../packages/server/src/store/database.ts'
import { migrate } from '../../packages/server/src/store/migrations.ts'
import type { DatabaseEnvironment } from './databases.ts'

/** The values of a row. A required column without a value here gets an empty value of its type. */
export type RowValues = Record<string, string | number | null>

type ColumnInfo = { name: string; type: string; notnull: number; dflt_value: string | null; pk: number }

/** Opens the database file of the auth server (`sallyport.db`) in this process. */
export function openFile({ DATA_DIR }: DatabaseEnvironment): SqliteDatabase.Database {
  return new SqliteDatabase(join(DATA_DIR, 'sallyport.db'), { timeout: 10_000 })
}

/** Creates the auth server's tables in an empty file and fills them, as fast as SQLite inserts rows. */
export async function fillDatabase(
  database: DatabaseEnvironment,
  tables: Record<string, Iterable<RowValues>>,
): Promise<void> {
  const { database: store } = openStore({ file: join(database.DATA_DIR, 'sallyport.db') })
  await migrate(store)
  await store.destroy()
  const file = openFile(database)
  // Syncs are not needed, because no other process has opened the file yet, and because the file is created again after a crash.
  file.pragma('synchronous = OFF')
  file.transaction(() => {
    for (const [table, rows] of Object.entries(tables)) insertAll(file, table, rows)
  })()
  file.pragma('wal_checkpoint(TRUNCATE)')
  file.close()
}

function insertAll(file: SqliteDatabase.Database, table: string, rows: Iterable<RowValues>): void {
  const columns = file.pragma(`table_info("${table}")`) as ColumnInfo[]
  const isFilled = ({ pk, type }: ColumnInfo) => pk === 0 || !/int/i.test(type)
  const filled = columns.filter(isFilled)
  const insert = file.prepare(
    `insert into "${table}" (${filled.map(({ name }) => `"${name}"`).join(', ')}) values (${filled.map(() => '?').join(', ')})`,
  )
  for (const row of rows) insert.run(filled.map((column) => cellOf(column, row)))
}

function cellOf({ name, type, notnull, dflt_value: fallback }: ColumnInfo, row: RowValues): unknown {
  if (row[name] !== undefined) return row[name]
  if (notnull === 0) return null
  if (fallback !== null) return fallback.replace(/^'(.*)'$/, '$1')
  return /int|real|numeric/i.test(type) ? 0 : ''
}
