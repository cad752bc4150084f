import { CompiledQuery } from 'kysely'
import { type Database, isPostgres } from './database.ts'

type Waiting = {
  write: (database: Database) => Promise<unknown>
  /**
   * Whether the write has several statements. If one of these statements fails, all of them are rolled back, and the writes of other
   * requests are kept.
   */
  isTransaction: boolean
  /** Whether the write must be on the disk before its promise resolves. */
  isLasting: boolean
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}

/** The maximum number of writes in one transaction. The number is limited because reads wait for the transaction. */
const maxAtOnce = 64

const waitingOn = new WeakMap<Database, Waiting[]>()

/**
 * Runs a write that has one statement. On the embedded database, concurrent writes share a transaction. So they wait for the disk only
 * once, and this wait is most of the cost of a write. Each promise resolves after the commit. PostgreSQL does this itself.
 */
export function writeTogether<T>(database: Database, write: (database: Database) => Promise<T>): Promise<T> {
  if (isPostgres(database) || database.isTransaction) return write(database)
  return join(database, { write, isTransaction: false, isLasting: true })
}

/**
 * Runs a short transaction. `work` must wait only for the database. On the embedded database, concurrent transactions share a commit, as in
 * {@link writeTogether}. If one of them fails, only that one is rolled back.
 *
 * Use `isLasting: false` for a write that is followed by another write before the response, such as the counter of password tries. Such a
 * write does not wait for the disk. The next commit that waits for the disk also makes this write durable, because SQLite writes to one log
 * in order. If the process ends before that commit, the write is kept. If the machine crashes before that commit, the write is lost.
 */
export function inTransaction<T>(
  database: Database,
  work: (transaction: Database) => Promise<T>,
  { isLasting = true } = {},
): Promise<T> {
  if (isPostgres(database)) return database.transaction().execute(work)
  return join(database, { write: work, isTransaction: true, isLasting })
}

function join<T>(
  database: Database,
  {
    write,
    ...kind
  }: Pick<Waiting, 'isTransaction' | 'isLasting'> & {
    write: (database: Database) => Promise<T>
  },
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const waiting = waitingOn.get(database) ?? []
    waitingOn.set(database, waiting)
    waiting.push({ write, ...kind, resolve: resolve as Waiting['resolve'], reject })
    if (waiting.length === 1) soon(() => void commitAll(database, waiting))
  })
}

async function commitAll(database: Database, waiting: Waiting[]): Promise<void> {
  const group = waiting.splice(0, maxAtOnce)
  if (waiting.length > 0) soon(() => void commitAll(database, waiting))
  try {
    const answers = group.some(({ isLasting }) => isLasting)
      ? await database.transaction().execute((transaction) => writeAll(transaction, group))
      : await withoutWaiting(database, group)
    for (const answer of answers) answer()
  } catch (error) {
    for (const { reject } of group) reject(error)
  }
}

/**
 * Runs the writes one after the other. Returns functions that resolve the promises of the writes. Call these functions after the commit.
 */
async function writeAll(transaction: Database, group: readonly Waiting[]): Promise<(() => void)[]> {
  const answers: (() => void)[] = []
  for (const one of group)
    answers.push(
      one.isTransaction && group.length > 1 ? await apart(transaction, one) : await part(transaction, one),
    )
  return answers
}

async function part(transaction: Database, { write, resolve }: Waiting): Promise<() => void> {
  const result = await write(transaction)
  return () => resolve(result)
}

const begin = CompiledQuery.raw('savepoint one')
const keep = CompiledQuery.raw('release one')
const undo = CompiledQuery.raw('rollback to one')
const atTheNextCommit = CompiledQuery.raw('pragma synchronous = normal')
const atOnce = CompiledQuery.raw('pragma synchronous = full')

/**
 * Runs a write so that it is rolled back alone if it fails. If the disk is full, SQLite rolls back everything. Then the savepoint no longer
 * exists, and all writes fail.
 */
async function apart(transaction: Database, one: Waiting): Promise<() => void> {
  await transaction.executeQuery(begin)
  try {
    const answer = await part(transaction, one)
    await transaction.executeQuery(keep)
    return answer
  } catch (error) {
    await transaction.executeQuery(undo).catch(() => Promise.reject(error))
    await transaction.executeQuery(keep)
    return () => one.reject(error)
  }
}

/**
 * Runs the writes without waiting for the disk. The pragma applies only to this connection, and no other code uses the connection in the
 * meantime (https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
function withoutWaiting(database: Database, group: readonly Waiting[]): Promise<(() => void)[]> {
  return database.connection().execute(async (connection) => {
    await connection.executeQuery(atTheNextCommit)
    try {
      return await connection.transaction().execute((transaction) => writeAll(transaction, group))
    } finally {
      await connection.executeQuery(atOnce)
    }
  })
}

/** Runs `work` after one more turn of the event loop. All requests that arrived together have then queued their writes. */
function soon(work: () => void): void {
  setImmediate(() => setImmediate(work))
}
