// Vitest's global set-up: one real PostgreSQL for the whole run; a test that needs one makes a database of its own in it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { freePort } from '../../tests/system/free-port.ts'
import { startPostgres } from '../postgres/server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the PostgreSQL server's own database, through which others are made. */
    postgresUrl: string
  }
}

export default async function setup(project: TestProject) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-postgres-'))
  const server = await startPostgres({ folder, port: await freePort() })
  project.provide('postgresUrl', server.url('postgres'))
  return async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
