import pg from 'pg'
import { freshStore, type StoreKind, type TestStore } from '../../packages/server/src/testing/stores.ts'
import { type AuthServer, type Clean, settingsOf, startAuthServer } from './auth-server.ts'

/** Auth servers that share one store. */
export type Installation = {
  store: TestStore
  servers: AuthServer[]
  /** The URLs of the two processes. If there is only one process, both URLs are the same. */
  urls: [string, string]
}

export async function startInstallation(
  kind: StoreKind,
  clean: Clean,
  { processes = 2 }: { processes?: number } = {},
): Promise<Installation> {
  const store = await freshStore(kind, clean)
  const started = Array.from({ length: processes }, () => startAuthServer(settingsOf(store.options), clean))
  const servers = await Promise.all(started)
  const [first = '', second = first] = servers.map(({ url }) => url)
  return { store, servers, urls: [first, second] }
}

/** Collects the clean-up of everything that a whole test file uses. The `beforeAll` of the file returns `undo`, which runs the clean-up. */
export function shared(): { clean: Clean; undo: () => Promise<void> } {
  const endings: (() => void | Promise<void>)[] = []
  return {
    clean: (ending) => void endings.unshift(ending),
    async undo() {
      for (const ending of endings) await ending()
    },
  }
}

/**
 * Runs a query on the test's own connection, in a transaction that stays open. Other transactions that need the same rows or the same lock
 * must wait until `release` ends it.
 */
export async function holding(
  databaseUrl: string,
  statement: string,
): Promise<{ release(end?: 'rollback' | 'commit'): Promise<void> }> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('begin')
  await client.query(statement)
  return {
    async release(end = 'rollback') {
      await client.query(end)
      await client.end()
    },
  }
}

/** Returns how many connections of this database are waiting for a lock. */
export async function countWaiting(store: TestStore): Promise<number> {
  const [row] = await store.query<{ count: number }>(
    `select count(*) as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return row?.count ?? 0
}
