import { accessSync, chmodSync, constants } from 'node:fs'
import SqliteDatabase from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely'
import type { Schema } from './schema.ts'

/** Milliseconds to wait for another process that writes. Everything in this process waits along, so not for long. */
const busyTimeoutMs = 2_000

/** Milliseconds between two looks for what another process has written to the same file; a look takes microseconds. */
const lookEveryMs = 100

/**
 * Opens the embedded database: one file, write-ahead log, and a commit is on the disk before it is acknowledged. `alone`: no other
 * process may have it open, nor open it until it is closed.
 */
export function openEmbedded(file: string, { alone = false }: { alone?: boolean } = {}) {
  requireSupportedNode()
  let sqlite: SqliteDatabase.Database | undefined
  try {
    sqlite = new SqliteDatabase(file, { timeout: busyTimeoutMs })
    // SQLite opens what it may not write for reading alone, and says so at the first write.
    accessSync(file, constants.W_OK)
    // Before the first read: with a write-ahead log, every open connection holds a lock that this one excludes.
    if (alone) sqlite.pragma('locking_mode = EXCLUSIVE')
    useWriteAheadLog(sqlite)
  } catch (error) {
    sqlite?.close()
    if (alone && isBusy(error)) throw inUse(`The database ${file}`)
    throw new TypeError(
      `The database ${file} cannot be opened (${error instanceof Error ? error.message : 'unknown reason'}). Check that it is a writable file of this server, or set DATA_DIR to another folder.`,
    )
  }
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
  keepPrivate(file)
  return {
    database: new Kysely<Schema>({ dialect: new EmbeddedDialect(sqlite) }),
    /** Calls back when another process, such as the command line, has written to the file. */
    watch(onChange: () => void): () => void {
      // Changes when another connection commits, and only then (https://www.sqlite.org/pragma.html#pragma_data_version).
      const version = () => (sqlite.open ? sqlite.pragma('data_version', { simple: true }) : seen)
      let seen: unknown = version()
      const timer = setInterval(() => {
        const found = version()
        if (found === seen) return
        seen = found
        onChange()
      }, lookEveryMs)
      timer.unref()
      return () => clearInterval(timer)
    },
  }
}

/**
 * Of two processes that open a new file at the same moment, SQLite refuses one at once, whatever the time-out: neither could
 * have the file alone while the other reads it. So it asks again until the other one is through.
 */
function useWriteAheadLog(sqlite: SqliteDatabase.Database): void {
  const giveUpAt = performance.now() + busyTimeoutMs
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    try {
      sqlite.pragma('journal_mode = WAL')
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw error
      Atomics.wait(clock, 0, 0, 5)
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof SqliteDatabase.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

/** What is said of a database that only one process may use now. */
export function inUse(database: string): TypeError {
  return new TypeError(
    `${database} is in use by another process. Stop every server and command that works on it, then try again.`,
  )
}

/** For its owner alone; the log beside it follows. Whoever is not the owner may use the file and cannot change this. */
function keepPrivate(file: string): void {
  try {
    chmodSync(file, 0o600)
  } catch {
    // Its owner has decided who may read it.
  }
}

/** Statements that are kept prepared; there are some dozens of texts, and a few that depend on a number of rows. */
const maxPrepared = 200

/**
 * The same few statements come again and again, and preparing one costs about as much as running it. SQLite itself prepares one anew
 * when the tables have changed.
 */
function preparedOnce(sqlite: SqliteDatabase.Database) {
  const prepared = new Map<string, SqliteDatabase.Statement>()
  return {
    prepare(text: string): SqliteDatabase.Statement {
      const known = prepared.get(text)
      if (known) return known
      const [oldest] = prepared.keys()
      if (prepared.size >= maxPrepared && oldest !== undefined) prepared.delete(oldest)
      const statement = sqlite.prepare(text)
      // Some do their work while they are prepared, and none when they are run again (https://www.sqlite.org/pragma.html).
      if (text.startsWith('pragma')) return statement
      prepared.set(text, statement)
      return statement
    },
    close: () => void sqlite.close(),
  }
}

class EmbeddedDialect extends SqliteDialect {
  readonly #database: ReturnType<typeof preparedOnce>
  readonly #isInTransaction: () => boolean
  constructor(sqlite: SqliteDatabase.Database) {
    const database = preparedOnce(sqlite)
    super({ database })
    this.#database = database
    this.#isInTransaction = () => sqlite.inTransaction
  }
  override createDriver(): SqliteDriver {
    return new ImmediateDriver({ database: this.#database }, this.#isInTransaction)
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
  readonly #isInTransaction: () => boolean
  constructor(config: ConstructorParameters<typeof SqliteDriver>[0], isInTransaction: () => boolean) {
    super(config)
    this.#isInTransaction = isInTransaction
  }
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  /** A full disk rolls back by itself: to do it again would hide what has happened behind an error of its own. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#isInTransaction()) await super.rollbackTransaction(connection)
  }
}

/** SQLite can change tables inside a transaction: a migration that fails leaves nothing, and two processes take turns. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** The oldest major version of Node that better-sqlite3 supports. On an older one it ends the process with a segmentation fault. */
const oldestNode = 22

/** @throws TypeError on a Node that is too old. */
export function requireSupportedNode(version = process.versions.node): void {
  if (Number(version.split('.', 1)[0]) >= oldestNode) return
  throw new TypeError(
    `Sallyport needs Node ${oldestNode} or newer; this is Node ${version}. Install a newer one from https://nodejs.org.`,
  )
}
