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
import type { Schema } from './row-types.ts'

/** Milliseconds to wait while another process writes. The time is short, because this whole process waits. */
const busyTimeoutMs = 2_000

/** Milliseconds between two checks for writes of other processes. A check takes microseconds. */
const lookEveryMs = 100

/**
 * Opens the embedded database. It is one file with a write-ahead log. A commit is on the disk before it is acknowledged. With `alone`, the
 * file is opened exclusively. This fails if another process has the file open, and afterwards no other process can open it.
 */
export function openEmbedded(file: string, { alone = false }: { alone?: boolean } = {}) {
  requireSupportedNode()
  let sqlite: SqliteDatabase.Database | undefined
  try {
    sqlite = new SqliteDatabase(file, { timeout: busyTimeoutMs })
    // If the file is not writable, SQLite opens it read-only and fails only at the first write. So check now whether it is writable.
    accessSync(file, constants.W_OK)
    // Set this before the first read. With a write-ahead log, every open connection of another process has a lock that conflicts with the
    // exclusive lock.
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
    /** Calls `onChange` after another process, such as the command line, has written to the file. */
    watch(onChange: () => void): () => void {
      // The pragma `data_version` changes only when another connection commits (https://www.sqlite.org/pragma.html#pragma_data_version).
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
 * Switches the file to a write-ahead log. If two processes open a new file at the same time, SQLite refuses one of them immediately, in
 * spite of the time-out, because neither can lock the file exclusively while the other reads it. So this function tries again until the
 * other process has finished.
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

/** Returns the error for a database that another process is using. */
export function inUse(database: string): TypeError {
  return new TypeError(
    `${database} is in use by another process. Stop every server and command that works on it, then try again.`,
  )
}

/**
 * Sets the mode of the file so that only its owner can read and write it. The write-ahead log gets the same mode. Only the owner can change
 * the mode.
 */
function keepPrivate(file: string): void {
  try {
    chmodSync(file, 0o600)
  } catch {
    // This process is not the owner of the file, so the mode stays as it is.
  }
}

/** The maximum number of prepared statements. There are some dozens of different statements, and a few that depend on a number of rows. */
const maxPrepared = 200

/**
 * Stores prepared statements, because the same few statements are repeated, and preparing a statement costs about as much as running it.
 * When the tables have changed, SQLite itself prepares a statement again.
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
      // Some pragmas have their effect when they are prepared, and no effect when they are run again (https://www.sqlite.org/pragma.html).
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
 * Begins every transaction with the write lock, because all transactions write. A transaction that begins with a read cannot wait for the
 * lock later, because SQLite refuses a write of such a transaction after another connection has written, in spite of the time-out.
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

  /** If the disk is full, SQLite has rolled back already. A second rollback would fail and hide the first error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#isInTransaction()) await super.rollbackTransaction(connection)
  }
}

/**
 * Tells Kysely that SQLite can change tables in a transaction. So a migration that fails is rolled back, and if two processes migrate, one
 * waits for the other.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/**
 * The oldest major version of Node that better-sqlite3 supports. On an older version, better-sqlite3 ends the process with a segmentation
 * fault.
 */
const oldestNode = 22

/** @throws TypeError when this version of Node is too old. */
export function requireSupportedNode(version = process.versions.node): void {
  if (Number(version.split('.', 1)[0]) >= oldestNode) return
  throw new TypeError(
    `Sallyport needs Node ${oldestNode} or newer; this is Node ${version}. Install a newer one from https://nodejs.org.`,
  )
}
