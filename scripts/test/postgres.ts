// The global set-up of Vitest. It starts one real PostgreSQL for the whole run, and creates a migrated, empty store of each kind. A test
// that needs a store copies one of these. If hundreds of tests ran the migrations themselves, the migrations would take most of the time.
import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { createLog } from '../../packages/server/src/http/request-log.ts'
import { migrateStore } from '../../packages/server/src/open-database.ts'
import { freePort } from '../../tests/system/free-port.ts'
import { startPostgres } from '../postgres/server.ts'
import { makeTestFolder } from './test-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of the PostgreSQL server's own database. Other databases are created through it. */
    postgresUrl: string
    /** The name of the migrated, empty database. */
    migratedDatabase: string
    /** The path of a migrated, empty SQLite file. */
    migratedFile: string
  }
}

const migratedDatabase = 'migrated'

export default async function setup(project: TestProject) {
  const folder = makeTestFolder()
  // The workers inherit it.
  process.env.TEST_FOLDER = folder
  // PostgreSQL may run as another user, and has its own folder below this one.
  chmodSync(folder, 0o711)
  const server = await startPostgres({
    folder: join(folder, 'postgres'),
    port: await freePort(),
    forATest: true,
  })
  project.provide('postgresUrl', server.url('postgres'))
  const file = join(folder, 'migrated.db')
  const log = createLog('silent')
  await migrateStore({ file }, log)
  await migrateStore({ databaseUrl: await server.database(migratedDatabase), poolSize: 1 }, log)
  project.provide('migratedDatabase', migratedDatabase)
  project.provide('migratedFile', file)
  return async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
