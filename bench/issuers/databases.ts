import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../../scripts/postgres/server.ts'
import { freePort } from '../../tests/system/free-port.ts'

export const databaseKinds = ['sqlite', 'postgres'] as const
export type DatabaseKind = (typeof databaseKinds)[number]

/** Where an empty database is, as the environment of the process that gets it. */
export type DatabaseEnvironment =
  | { DATA_DIR: string; DATABASE_URL: undefined }
  | { DATA_DIR: string; DATABASE_URL: string }

/** Makes databases, each for one process: files, or databases of a PostgreSQL that lives as long as the bench. */
export type Databases = {
  kind: DatabaseKind
  fresh(): Promise<DatabaseEnvironment>
  stop(): Promise<void>
}

export function openDatabases(kind: DatabaseKind, workDir: string): Databases {
  return kind === 'sqlite' ? files(workDir) : postgres(workDir)
}

/** One folder each, for a file under whatever name. */
export function files(workDir: string): Databases {
  return {
    kind: 'sqlite',
    fresh: async () => ({ DATA_DIR: mkdtempSync(join(workDir, 'data-')), DATABASE_URL: undefined }),
    async stop() {},
  }
}

/** A real PostgreSQL with its own defaults, `fsync` and `synchronous_commit` on; not started before it is needed. */
function postgres(workDir: string): Databases {
  // Outside of the project: root's PostgreSQL runs as somebody who may not be let in there.
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-postgres-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  let server: ReturnType<typeof startPostgres> | undefined
  let made = 0
  return {
    kind: 'postgres',
    async fresh() {
      server ??= freePort().then((port) => startPostgres({ folder, port }))
      made += 1
      return { DATA_DIR: workDir, DATABASE_URL: await (await server).database(`bench_${made}`) }
    },
    async stop() {
      await (await server)?.stop()
    },
  }
}
