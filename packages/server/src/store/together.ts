import type { Database } from './database.ts'

type Waiting<Item, Result> = {
  item: Item
  resolve: (result: Result | Promise<Result>) => void
  reject: (error: unknown) => void
}

/**
 * Returns a function that collects the items of one turn of the event loop, which belong to requests that arrived together. One call of
 * `work` handles all of them. `work` returns one result for each item, in their order, or a promise of the result. If `work` fails, all
 * items fail.
 */
export function createTogether<Item, Result>(
  work: (database: Database, items: readonly Item[]) => Promise<readonly (Result | Promise<Result>)[]>,
): (database: Database, item: Item) => Promise<Result> {
  const waitingOn = new WeakMap<Database, Waiting<Item, Result>[]>()

  async function run(database: Database): Promise<void> {
    const group = waitingOn.get(database) ?? []
    waitingOn.delete(database)
    try {
      const results = await work(
        database,
        group.map(({ item }) => item),
      )
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result | Promise<Result>)
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  return (database, item) =>
    new Promise((resolve, reject) => {
      const waiting = waitingOn.get(database)
      if (waiting !== undefined) {
        waiting.push({ item, resolve, reject })
        return
      }
      waitingOn.set(database, [{ item, resolve, reject }])
      setImmediate(() => void run(database))
    })
}
