import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Schema } from './row-types.ts'

/**
 * Limits in milliseconds. If the database does not answer, a request gets a 503 before its client gives up (after 10 seconds). The limits
 * of PostgreSQL are shorter than those of the driver. So when the driver gives up a statement, PostgreSQL has already cancelled it and
 * released its locks.
 */
const limits = {
  connectionTimeoutMillis: 2_500,
  query_timeout: 4_000,
  statement_timeout: 3_500,
  lock_timeout: 3_000,
  idle_in_transaction_session_timeout: 5_000,
}

/**
 * Milliseconds between two checks of the connection that listens for notifications, and the longest time before a lost connection is
 * replaced.
 */
const listenCheckMs = 2_000
const longestListenDelayMs = 2_000

/** The channel for notifications. A notification has no content. It only means that there is new data. */
export const channel = 'sallyport'

/** The limits for migrations and other long work. Such work has no time limit, because it may take long or wait for another process. */
const patientLimits = { connectionTimeoutMillis: limits.connectionTimeoutMillis }

/** Opens a PostgreSQL database with a pool of connections. Connections are created when they are needed. */
export function openPostgres(
  url: string,
  { poolSize, patient = false }: { poolSize: number; patient?: boolean },
) {
  const connection = { connectionString: url, application_name: 'sallyport', keepAlive: true }
  const pool = new pg.Pool({
    ...connection,
    ...(patient ? patientLimits : limits),
    max: poolSize,
    idleTimeoutMillis: 30_000,
    types: { getTypeParser },
    Client: ImpatientClient,
  })
  // Without a listener, the error of an idle connection would end the process. The next query opens a new connection.
  pool.on('error', () => {})
  // The same is true for a connection in use. The query that uses the connection fails too, so the error is not lost.
  pool.on('connect', (client) => client.on('error', () => {}))
  return {
    database: new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) }),
    /**
     * Calls `onChange` when another process may have changed data that this process has cached, and when notifications may have been
     * missed.
     */
    watch: (onChange: () => void) => listen(connection, onChange),
  }
}

/**
 * The maximum number of prepared statements of a connection. There are some dozens of different statements, and a few that depend on a
 * number of rows.
 */
const maxPrepared = 200
const names = new Map<string, string>()

/**
 * Returns the name under which a connection stores a prepared statement. Statements are prepared, because planning a statement costs more
 * than running it. Returns undefined if the statement selects all columns (`*`), because PostgreSQL would refuse to run it after a
 * migration of a newer Sallyport version has added a column.
 */
function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || text.includes('*') || names.size >= maxPrepared) return known
  const name = `sallyport_${names.size}`
  names.set(text, name)
  return name
}

/**
 * A client that closes its connection after a query has timed out. Otherwise the next query on the connection would wait for the old query.
 */
class ImpatientClient extends pg.Client {
  // The driver's type of `query` has a dozen overloads. Kysely uses only the one that takes a text and values and returns a promise.
  override query = ((text: unknown, values: unknown, ...others: unknown[]) => {
    const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined
    const parameters = name === undefined ? [text, values, ...others] : [{ name, text, values }, ...others]
    const answer: unknown = (pg.Client.prototype.query as (...parameters: unknown[]) => unknown).apply(
      this,
      parameters,
    )
    if (answer instanceof Promise)
      answer.catch((error: unknown) => {
        if (error instanceof Error && error.message === 'Query read timeout') this.end().catch(() => {})
      })
    return answer
  }) as pg.Client['query']
}

/** Returns 64-bit integers as numbers, because times and counts fit into a number. By default, the driver returns them as text. */
function getTypeParser(id: number, format?: 'text' | 'binary') {
  return id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id, format)
}

/** Listens for notifications on a separate connection, checks this connection regularly, and replaces it if it is lost. */
function listen(connection: pg.ClientConfig, onChange: () => void): () => void {
  let closed = false
  let failures = 0
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | undefined

  function later(work: () => void, delayMs: number): void {
    if (closed) return
    timer = setTimeout(work, delayMs)
    timer.unref()
  }
  function drop(dropped: pg.Client): void {
    if (client !== dropped) return
    client = null
    clearTimeout(timer)
    dropped.end().catch(() => {})
    failures += 1
    later(connect, Math.min(longestListenDelayMs, 100 * 2 ** failures))
  }
  async function check(checked: pg.Client): Promise<void> {
    try {
      await checked.query('select 1')
      if (client === checked) later(() => void check(checked), listenCheckMs)
    } catch {
      drop(checked)
    }
  }
  function connect(): void {
    const made = new pg.Client({ ...connection, ...limits })
    client = made
    made.on('error', () => drop(made))
    made.on('end', () => drop(made))
    made.on('notification', onChange)
    made
      .connect()
      .then(() => made.query(`listen ${channel}`))
      .then(() => {
        failures = 0
        // Notifications that were sent before the connection was ready were missed.
        onChange()
        return check(made)
      })
      .catch(() => drop(made))
  }
  connect()
  return () => {
    closed = true
    clearTimeout(timer)
    const last = client
    client = null
    last?.end().catch(() => {})
  }
}
