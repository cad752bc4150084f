import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { appliedMigrations, knownMigrations } from './migrations.ts'
import type { Schema } from './row-types.ts'

export type TableName = keyof Schema
export type Row = Record<string, string | number | null>

/** Every table with its primary key. A table comes before the tables that reference it. */
export const dumpedTables = {
  user: ['id'],
  credential: ['userId', 'kind'],
  session: ['id'],
  signing_key: ['kid'],
  revocation: ['seq'],
  one_time_token: ['hash'],
  mail: ['id'],
  audit_event: ['id'],
  throttle: ['key'],
  pending_hook: ['userId'],
  known_device: ['userId', 'hash'],
  pending_sign_in: ['hash'],
  totp: ['id'],
  recovery_code: ['hash'],
  factor_removal: ['userId'],
  identity: ['issuer', 'subject'],
  provider_token: ['identityId'],
  provider_start: ['hash'],
  passkey: ['id'],
  webauthn_challenge: ['hash'],
  mailed_sign_in: ['hash'],
  organization: ['id'],
  former_slug: ['slug'],
  membership: ['organizationId', 'userId'],
  invitation: ['id'],
  secret: ['id'],
} as const satisfies Record<TableName, readonly string[]>

export const tableNames = Object.keys(dumpedTables) as TableName[]
const pageSize = 500
/**
 * The maximum number of rows in one insert. SQLite accepts 32,766 parameters in a statement, PostgreSQL 65,535. A row has fewer than fifty.
 */
const insertSize = 200

export function isTable(name: string): name is TableName {
  return Object.hasOwn(dumpedTables, name)
}

/**
 * Reads all tables as they are at one moment, although other processes may write at the same time. The rows come from a snapshot of
 * PostgreSQL or of SQLite's write-ahead log. `onRow` is called for each row, one after the other.
 */
export function dumpTables(
  database: Database,
  onRow: (table: TableName, row: Row) => Promise<void>,
): Promise<void> {
  return database.connection().execute(async (connection) => {
    const begin = isPostgres(database) ? 'begin isolation level repeatable read read only' : 'begin'
    await sql.raw(begin).execute(connection)
    try {
      await readTables(connection, onRow)
    } finally {
      await sql.raw('commit').execute(connection)
    }
  })
}

/** Reads all tables in pages. The transaction of the caller defines the snapshot. */
export async function readTables(
  transaction: Database,
  onRow: (table: TableName, row: Row) => Promise<void> | void,
): Promise<void> {
  for (const table of tableNames)
    for (let after: Row | undefined; ; ) {
      const page: Row[] = await readPage(transaction, table, after)
      for (const row of page) await onRow(table, row)
      after = page.at(-1)
      if (page.length < pageSize) break
    }
}

async function readPage(database: Database, table: TableName, after: Row | undefined): Promise<Row[]> {
  const keys = dumpedTables[table]
  const columns = sql.join(keys.map((key) => sql.ref(key)))
  const place = after && sql`where (${columns}) > (${sql.join(keys.map((key) => after[key]))})`
  const { rows } = await sql<Row>`select * from ${sql.table(table)} ${place ?? sql``}
    order by ${columns} limit ${sql.lit(pageSize)}`.execute(database)
  return rows
}

/**
 * Returns the names of the migrations that were applied to the database.
 *
 * @throws TypeError when these are not exactly the migrations of this version.
 */
export async function requireThisVersion(database: Database): Promise<string[]> {
  const applied = await appliedMigrations(database)
  if (unknownMigrations(applied).length > 0)
    throw new TypeError('The database was migrated by a newer version of sallyport. Use that version.')
  if (knownMigrations.some((name) => !applied.includes(name)))
    throw new TypeError('The database was migrated by an older version of sallyport. Run: sallyport migrate')
  return applied
}

export function unknownMigrations(names: readonly string[]): string[] {
  return names.filter((name) => !knownMigrations.includes(name))
}

/** Returns whether the database has never been used. It may contain signing keys, because every start of the server creates them. */
export async function isUnused(database: Database): Promise<boolean> {
  for (const table of ['user', 'session', 'audit_event', 'mail'] as const) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(database)
    if (rows.length > 0) return false
  }
  return true
}

/** Deletes all rows of all tables, in the transaction of the caller. */
export async function clearTables(transaction: Database): Promise<void> {
  for (const table of tableNames.toReversed()) await transaction.deleteFrom(table).execute()
}

/** Returns a loader that collects rows and writes them in batches. The order of the rows does not change. */
export function tableLoader(transaction: Database) {
  let table: TableName | null = null
  let rows: Row[] = []
  async function flush(): Promise<void> {
    if (table !== null && rows.length > 0)
      await transaction
        .insertInto(table)
        .values(rows as never)
        .execute()
    rows = []
  }
  return {
    flush,
    async add(to: TableName, row: Row): Promise<void> {
      if (to !== table || rows.length >= insertSize) await flush()
      table = to
      rows.push(row)
    },
  }
}
