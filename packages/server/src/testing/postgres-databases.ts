import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { inject } from 'vitest'

/** A database of the tests' PostgreSQL server, and one open connection to it. */
export type Database = { url: string; client: pg.Client; isBusy: boolean }

/** Databases that a test of this worker has used and cleaned. To clean one takes a tenth of the time to create one. */
const cleaned: Database[] = []

/** The rows that a migrated, empty database has, by table. */
let firstRows: Promise<Map<string, unknown>> | undefined
let firstSchema: Promise<unknown> | undefined

/** Returns a migrated, empty database, either a new one or a cleaned one. */
export async function takeDatabase(): Promise<Database> {
  const found = cleaned.pop()
  if (found !== undefined) return found
  const database = await createDatabase(inject('migratedDatabase'))
  firstSchema ??= schemaOf(database)
  firstRows ??= rowsOf(database)
  await Promise.all([firstSchema, firstRows])
  return database
}

/** Creates a database, empty or as a copy of another. */
export async function createDatabase(template?: string): Promise<Database> {
  const server = inject('postgresUrl')
  const name = `test_${process.pid}_${crypto.randomUUID().slice(0, 8)}`
  const admin = await connect(server)
  await admin.query(`create database "${name}"${template === undefined ? '' : ` template "${template}"`}`)
  await admin.end()
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, client: await connect(url.href), isBusy: false }
}

/** Runs a statement. A statement may wait for a lock, so statements at the same time have connections of their own. */
export async function queryIn<T>(database: Database, statement: string): Promise<T[]> {
  const isShared = !database.isBusy
  const client = isShared ? database.client : await connect(database.url)
  if (isShared) database.isBusy = true
  try {
    return (await client.query(statement)).rows as T[]
  } finally {
    if (isShared) database.isBusy = false
    else await client.end()
  }
}

/**
 * Makes a database available to the next test. A database that a test has changed otherwise than by rows, or to which something is still
 * connected, is not used again.
 */
export async function giveBack(database: Database): Promise<void> {
  try {
    if (await isUsable(database)) cleaned.push(database)
    else await database.client.end()
  } catch {
    // The test has stopped the server, or ended this connection.
    await database.client.end().catch(() => {})
  }
}

async function isUsable(database: Database): Promise<boolean> {
  if ((await schemaOf(database)) !== (await firstSchema) || !(await isLeft(database))) return false
  const first = (await firstRows) ?? new Map<string, unknown>()
  const tables = await tablesOf(database)
  // As a replica, foreign keys are not checked, so the order of the tables does not matter.
  const deletes = tables.map((table) => `delete from ${table}`)
  await database.client.query(
    ['begin', 'set local session_replication_role = replica', ...deletes].join(';\n'),
  )
  for (const [table, rows] of first)
    await database.client.query(
      `insert into ${table} select * from json_populate_recordset(null::${table}, $1::json)`,
      [rows],
    )
  await database.client.query(
    `select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) from pg_sequences`,
  )
  await database.client.query('commit')
  return true
}

/** Whether all other connections have ended. PostgreSQL needs some milliseconds for it after a client has closed its socket. */
async function isLeft({ client }: Database): Promise<boolean> {
  for (let tries = 0; tries < 20; tries += 1) {
    const { rows } = await client.query(
      `select 1 from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    )
    if (rows.length === 0) return true
    await setTimeout(10)
  }
  return false
}

async function tablesOf({ client }: Database): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I', tablename) as name from pg_tables where schemaname = 'public'`,
  )
  return rows.map(({ name }) => name)
}

async function rowsOf(database: Database): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>()
  for (const table of await tablesOf(database)) {
    const { rows } = await database.client.query<{ all: string | null }>(
      `select json_agg(one)::text as all from ${table} as one`,
    )
    const all = rows[0]?.all
    if (typeof all === 'string') found.set(table, all)
  }
  return found
}

/** Everything that a test may change besides rows, as one text: tables, columns, indexes, triggers, functions, rights, settings. */
async function schemaOf({ client }: Database): Promise<unknown> {
  const { rows } = await client.query<{ hash: string }>(`
    select md5(string_agg(line, e'\\n' order by line)) as hash from (
      select concat_ws(' ', 'class', oid::regclass, relkind, relacl, reloptions, relrowsecurity) as line
        from pg_class where relnamespace = 'public'::regnamespace
      union all select concat_ws(' ', 'column', attrelid::regclass, attname, atttypid, attnotnull, attacl)
        from pg_attribute where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
      union all select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
        from pg_constraint where connamespace = 'public'::regnamespace
      union all select concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled) from pg_trigger where not tgisinternal
      union all select concat_ws(' ', 'function', oid::regprocedure) from pg_proc where pronamespace = 'public'::regnamespace
      union all select concat_ws(' ', 'schema', nspname, nspacl) from pg_namespace where nspname !~ '^pg_(toast_)?temp_'
      union all select concat_ws(' ', 'publication', pubname) from pg_publication
      union all select concat_ws(' ', 'extension', extname) from pg_extension
      union all select concat_ws(' ', 'database', datacl, datallowconn, datconnlimit)
        from pg_database where datname = current_database()
      union all select concat_ws(' ', 'setting', setrole, setconfig) from pg_db_role_setting
        where setdatabase in (0, (select oid from pg_database where datname = current_database()))
    ) as lines`)
  return rows[0]?.hash
}

async function connect(connectionString: string): Promise<pg.Client> {
  const types = {
    getTypeParser: (id: number, format?: 'text' | 'binary') =>
      id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id, format),
  }
  const client = new pg.Client({ connectionString, types })
  // A test may stop the server. Then the next query fails, and the error of the connection says nothing more.
  client.on('error', () => {})
  await client.connect()
  return client
}
