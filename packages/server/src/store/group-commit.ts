import { CompiledQuery } from 'kysely'
import { type Database, isPostgres } from './database.ts'

type Waiting = {
  write: (database: Database) => Promise<unknown>
  /** Whether it has several statements, which are rolled back together if one fails, without the writes of others. */
  isTransaction: boolean
  /** Whether it is on the disk before its promise resolves. */
  isLasting: boolean
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}

/** The maximum number of writes in one transaction, because reads wait for it. */
const maxAtOnce = 64

const waitingOn = new WeakMap<Database, Waiting[]>()

/**
 * Runs a write of one statement. On the embedded database, concurrent writes share a transaction and so one wait for the disk, which is most of
 * the cost of a write there. Each resolves after the commit. PostgreSQL does this itself.
 */
export function writeTogether<T>(database: Database, write: (database: Database) => Promise<T>): Promise<T> {
  if (isPostgres(database) || database.isTransaction) return write(database)
  return join(database, { write, isTransaction: false, isLasting: true })
}

/**
 * Runs a short transaction, which must wait for nothing but the database. On the embedded database, concurrent ones share a commit, as above,
 * and each is rolled back alone if it fails.
 *
 * `isLasting: false` is for a write that is followed by another one before the response, such as the count of a try. It does not wait for the
 * disk: the next lasting commit also makes it durable, because SQLite writes one log in order. It survives the end of the process, but not a
 * crash of the machine before that commit.
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

/** Runs the writes one after the other. Returns functions that resolve their promises, to call after the commit. */
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

/** Rolls back a failed write alone. A full disk rolls back everything: then the savepoint is gone, and all fail. */
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

/** The pragma applies to the connection, which is not shared meanwhile (https://www.sqlite.org/pragma.html#pragma_synchronous). */
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

/** Runs `work` after one more turn of the event loop, when all requests that arrived together have reached their write. */
function soon(work: () => void): void {
  setImmediate(() => setImmediate(work))
}
