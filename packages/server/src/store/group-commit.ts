import { type Database, isPostgres } from './database.ts'

type Waiting = {
  write: (database: Database) => Promise<unknown>
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}

/** Most writes in one transaction: what reads meanwhile waits for it. */
const mostAtOnce = 64

const waitingOn = new WeakMap<Database, Waiting[]>()

/**
 * Does a write of one statement. On the embedded database, writes that come at the same moment share a transaction, and so one wait for
 * the disk, which is most of what a write costs there; each is answered after the commit. PostgreSQL does that by itself.
 */
export function writeTogether<T>(database: Database, write: (database: Database) => Promise<T>): Promise<T> {
  if (isPostgres(database) || database.isTransaction) return write(database)
  return new Promise<T>((resolve, reject) => {
    const waiting = waitingOn.get(database) ?? []
    waitingOn.set(database, waiting)
    waiting.push({ write, resolve: resolve as Waiting['resolve'], reject })
    if (waiting.length === 1) soon(() => void commitAll(database, waiting))
  })
}

async function commitAll(database: Database, waiting: Waiting[]): Promise<void> {
  const group = waiting.splice(0, mostAtOnce)
  if (waiting.length > 0) soon(() => void commitAll(database, waiting))
  try {
    const results = await database.transaction().execute(async (transaction) => {
      const done: unknown[] = []
      for (const { write } of group) done.push(await write(transaction))
      return done
    })
    for (const [index, { resolve }] of group.entries()) resolve(results[index])
  } catch (error) {
    for (const { reject } of group) reject(error)
  }
}

/** After one more turn of the event loop: requests that arrived together are all at their write by then. */
function soon(work: () => void): void {
  setImmediate(() => setImmediate(work))
}
