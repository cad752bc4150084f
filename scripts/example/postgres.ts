import { postgresFolder } from '../postgres/folder.mjs'
import { type PostgresServer, startPostgres } from '../postgres/server.ts'
import type { Config } from './config.ts'

/** Opens the database that the auth servers share: the caller's database, or our own PostgreSQL, which keeps its data between runs. */
export async function openExampleDatabase(
  { dataDir, postgresPort = 54_320 }: Config,
  databaseUrl: string | undefined,
): Promise<{ url: string; stop(): Promise<void> }> {
  if (databaseUrl) return { url: databaseUrl, stop: async () => {} }
  const server: PostgresServer = await startPostgres({ folder: postgresFolder(dataDir), port: postgresPort })
  return { url: await server.database('sallyport'), stop: () => server.stop() }
}
