import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { findBinaries, runAs } from './binaries.ts'

/** A real PostgreSQL server that we have started. */
export type PostgresServer = {
  port: number
  /** Returns the URL of one of its databases. */
  url(database: string): string
  /** Creates a database with this name if it does not exist. Returns its URL. */
  database(name: string): Promise<string>
  /** Ends the server. `immediate` is like a crash: PostgreSQL does not shut down properly, and recovers at its next start. */
  stop(how?: 'fast' | 'immediate'): Promise<void>
  /** Starts the server again, with the same port and data. */
  start(): Promise<void>
}

const user = 'sallyport'

/**
 * Starts PostgreSQL on a port, with the data in a folder. If the folder does not exist, it is created. The server listens only on
 * 127.0.0.1. It syncs to the disk as in production. With `forATest`, it does not sync. Then a crash of the whole machine can lose data, but
 * a crash of PostgreSQL cannot.
 */
export async function startPostgres(options: {
  folder: string
  port: number
  forATest?: boolean
}): Promise<PostgresServer> {
  const { folder, port, forATest = false } = options
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  if (!existsSync(join(data, 'PG_VERSION'))) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
    if (runAs.uid !== undefined)
      for (const path of [folder, passwordFile]) chownSync(path, runAs.uid, runAs.gid)
    await initialise(data, passwordFile)
  }
  const password = readFileSync(passwordFile, 'utf8')
  let child: ChildProcess | null = null

  async function start(): Promise<void> {
    const { postgres } = await findBinaries()
    const settings = [
      'max_connections=200',
      'unix_socket_directories=',
      'listen_addresses=127.0.0.1',
      ...(forATest ? ['fsync=off', 'full_page_writes=off'] : []),
    ]
    const flags = settings.flatMap((setting) => ['-c', setting])
    const started = spawn(postgres, ['-D', data, '-p', String(port), ...flags], {
      ...runAs,
      cwd: folder,
      // Ctrl-C in the terminal must not reach PostgreSQL, because this process ends it in order.
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child = started
    const output: string[] = []
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: started.stderr }).on('line', (line) => {
        output.push(line)
        if (line.includes('database system is ready to accept connections')) resolve()
      })
      started.once('error', reject)
      started.once('close', (code) => reject(new Error(`PostgreSQL ended (${code}).\n${output.join('\n')}`)))
    })
  }

  const { pgCtl } = await findBinaries()
  function halt(stopped: ChildProcess, how: 'fast' | 'immediate'): void {
    // Windows has no signals. On Windows, `kill` would end PostgreSQL immediately, without a shutdown.
    if (process.platform === 'win32') spawnSync(pgCtl, ['stop', '-D', data, '-m', how])
    else stopped.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
  }
  // When this process ends, end PostgreSQL too. It recovers at its next start.
  process.once('exit', () => child && halt(child, 'immediate'))
  const url = (database: string) => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`
  await start()
  return {
    port,
    url,
    async database(name) {
      const client = new pg.Client({ connectionString: url('postgres') })
      await client.connect()
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
      if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`)
      await client.end()
      return url(name)
    },
    async stop(how = 'fast') {
      const stopped = child
      child = null
      if (stopped === null || stopped.exitCode !== null) return
      const closed = new Promise((resolve) => stopped.once('close', resolve))
      halt(stopped, how)
      await closed
    },
    start,
  }
}

async function initialise(data: string, passwordFile: string): Promise<void> {
  const { initdb } = await findBinaries()
  const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${user}`]
  const child = spawn(initdb, [...flags, `--pwfile=${passwordFile}`, '-D', data], {
    ...runAs,
    cwd: dirname(data),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code === 0) return
  rmSync(data, { recursive: true, force: true })
  throw new Error(`PostgreSQL could not create its data folder.\n${output}`)
}
