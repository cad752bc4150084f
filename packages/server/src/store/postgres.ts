import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Schema } from './schema.ts'

/**
 * Milliseconds. A request whose database does not answer gets a 503 while its caller still waits (10 s); the server side gives
 * up first, so that a statement whose caller has gone does not go on holding locks.
 */
const limits = {
  connectionTimeoutMillis: 2_500,
  query_timeout: 4_000,
  statement_timeout: 3_500,
  lock_timeout: 3_000,
  idle_in_transaction_session_timeout: 5_000,
}

/** Milliseconds between two signs of life of the listening connection, and before it is made anew. */
const listenCheckMs = 2_000
const longestListenDelayMs = 2_000

/** Carries no content: it says that there is something to read. */
export const channel = 'sallyport'

/** A migration may take its time, and waits for one that another process runs. */
const patientLimits = { connectionTimeoutMillis: limits.connectionTimeoutMillis }

/** Opens a PostgreSQL database through a pool of connections; none is made before it is needed. */
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
  // Without a listener, a connection that dies in the pool would end the process; the next query makes a new one.
  pool.on('error', () => {})
  // So would one that dies while it is lent out: whoever has it learns that from their query.
  pool.on('connect', (client) => client.on('error', () => {}))
  return {
    database: new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) }),
    /** Calls back when another process may have changed what this one remembers, and whenever notices may have been missed. */
    watch: (onChange: () => void) => listen(connection, onChange),
  }
}

/** Most statements that a connection keeps prepared; there are some dozens of texts, and a few that depend on a number of rows. */
const maxPrepared = 200
const names = new Map<string, string>()

/**
 * The name under which a connection keeps a statement prepared: planning one costs more than running it. None for one whose answer
 * has the columns that its table has (`*`): PostgreSQL refuses to go on with it once a newer version of ours has added a column.
 */
function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || text.includes('*') || names.size >= maxPrepared) return known
  const name = `sallyport_${names.size}`
  names.set(text, name)
  return name
}

/** A connection whose answer did not come in time is of no use any more: the next query must not wait behind it. */
class ImpatientClient extends pg.Client {
  // The driver's own type has a dozen forms of it; Kysely uses the one with a text, its values and a promise.
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

/** Milliseconds since 1970 and counts fit into a number; the driver would hand 64 bits out as text. */
function getTypeParser(id: number, format?: 'text' | 'binary') {
  return id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id, format)
}

/** Listens on a connection of its own, checks that it is alive, and makes another when it is not. */
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
        // What was announced before the connection stood has not been heard.
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
