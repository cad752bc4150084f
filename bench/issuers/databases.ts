import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../../scripts/postgres/server.ts'
import { freePort } from '../../tests/system/free-port.ts'

export const databaseKinds = ['sqlite', 'postgres'] as const
export type DatabaseKind = (typeof databaseKinds)[number]

/** The address of an empty database, as the environment of the process that uses it. */
export type DatabaseEnvironment =
  | { DATA_DIR: string; DATABASE_URL: undefined }
  | { DATA_DIR: string; DATABASE_URL: string }

/** Creates databases, each for one process. They are files, or databases of one PostgreSQL server that runs as long as the bench. */
export type Databases = {
  kind: DatabaseKind
  fresh(): Promise<DatabaseEnvironment>
  stop(): Promise<void>
}

export function openDatabases(kind: DatabaseKind, workDir: string): Databases {
  return kind === 'sqlite' ? files(workDir) : postgres(workDir)
}

/** Creates database files, each in a separate folder. */
export function files(workDir: string): Databases {
  return {
    kind: 'sqlite',
    fresh: async () => ({ DATA_DIR: mkdtempSync(join(workDir, 'data-')), DATABASE_URL: undefined }),
    async stop() {},
  }
}

/**
 * Creates databases on a real PostgreSQL with its defaults, so `fsync` and `synchronous_commit` are on. PostgreSQL starts at the first use.
 */
function postgres(workDir: string): Databases {
  // The folder is outside of the project, because PostgreSQL does not run as root, and its user may have no access to the project.
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
