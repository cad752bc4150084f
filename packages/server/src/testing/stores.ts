import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import pg from 'pg'
import { inject, onTestFinished } from 'vitest'
import type { StoreAddress } from '../store/database.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What every store test runs on. */
export const storeKinds = ['SQLite', 'PostgreSQL'] as const
export type StoreKind = (typeof storeKinds)[number]

/** An empty store of one kind, and a way to look at it and change it behind the server's back, as another process would. */
export type TestStore = {
  kind: StoreKind
  address: StoreAddress
  /** The settings that name it. */
  options: { dataDir: string } | { databaseUrl: string }
  query<T = Record<string, unknown>>(statement: string): Promise<T[]>
}

/** Makes an empty store that lives as long as the test, or as long as whoever shares it says. */
export async function freshStore(
  kind: StoreKind,
  clean: (ending: () => void | Promise<void>) => void = onTestFinished,
): Promise<TestStore> {
  if (kind === 'SQLite') {
    const dataDir = temporaryFolder(clean)
    const file = join(dataDir, 'sallyport.db')
    return {
      kind,
      address: { file },
      options: { dataDir },
      async query<T>(statement: string) {
        const database = new SqliteDatabase(file)
        try {
          const prepared = database.prepare(statement)
          if (prepared.reader) return prepared.all() as T[]
          prepared.run()
          return []
        } finally {
          database.close()
        }
      },
    }
  }
  const server = inject('postgresUrl')
  const name = `test_${process.pid}_${crypto.randomUUID().slice(0, 8)}`
  await withClient(server, (client) => client.query(`create database "${name}"`))
  const url = new URL(server)
  url.pathname = `/${name}`
  const databaseUrl = url.href
  return {
    kind,
    address: { databaseUrl, poolSize: 10 },
    options: { databaseUrl },
    query: <T>(statement: string) =>
      withClient(databaseUrl, async (client) => (await client.query(statement)).rows as T[]),
  }
}

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const types = {
    getTypeParser: (id: number, format?: 'text' | 'binary') =>
      id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id, format),
  }
  const client = new pg.Client({ connectionString, types })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
