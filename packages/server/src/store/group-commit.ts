import { CompiledQuery } from 'kysely'
import { type Database, isPostgres } from './database.ts'

type Waiting = {
  write: (database: Database) => Promise<unknown>
  /** Of several statements, all or nothing: what it has done goes back if it fails, and the others' writes stay. */
  isTransaction: boolean
  /** On the disk before it is answered. */
  isLasting: boolean
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}

/** Most writes in one transaction: what reads meanwhile waits for it. */
const maxAtOnce = 64

const waitingOn = new WeakMap<Database, Waiting[]>()

/**
 * Does a write of one statement. On the embedded database, writes that come at the same moment share a transaction, and so one wait for
 * the disk, which is most of what a write costs there; each is answered after the commit. PostgreSQL does that by itself.
 */
export function writeTogether<T>(database: Database, write: (database: Database) => Promise<T>): Promise<T> {
  if (isPostgres(database) || database.isTransaction) return write(database)
  return join(database, { write, isTransaction: false, isLasting: true })
}

/**
 * Does a short transaction; it waits for nothing but the database. On the embedded database, those that come at the same moment share a
 * commit, as above, and each is rolled back alone if it fails.
 *
 * `isLasting: false` is for what another write follows before anything of it is answered, such as the count of a try: nobody waits for
 * the disk then, and the next lasting commit takes it along, because SQLite writes one log in one order. Whatever ends the process
 * leaves it standing; a machine that stops before that next commit loses it.
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

/** Does the writes one after the other; returns what answers them once they are committed. */
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

/** What fails is taken back alone. A disk that is full has rolled everything back by itself: then there is no savepoint, and all fail. */
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

/** The pragma holds for the connection, and nobody else has it meanwhile (https://www.sqlite.org/pragma.html#pragma_synchronous). */
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

/** After one more turn of the event loop: requests that arrived together are all at their write by then. */
function soon(work: () => void): void {
  setImmediate(() => setImmediate(work))
}
