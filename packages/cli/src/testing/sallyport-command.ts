import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { programs } from '../../../../scripts/test/one-file/programs.ts'
import { migrateStore } from '../../../server/src/open-database.ts'
import { recordingLog } from '../../../server/src/testing/sallyport.ts'
import { freshStore, type StoreKind, type TestStore } from '../../../server/src/testing/stores.ts'
import { temporaryFolder } from '../../../server/src/testing/temporary-folder.ts'
import { runInProcess } from './in-process.ts'

export const verifierSecret = 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY'
export const password = 'open the second door'

/** The folder of Node's compile cache. Without it, every process would compile the same files, which would take most of the test time. */
const compileCache = join(tmpdir(), `sallyport-cli-compile-cache-${process.getuid?.() ?? ''}`)
mkdirSync(compileCache, { recursive: true, mode: 0o700 })

export type Environment = Record<string, string | undefined>
type Start = {
  input?: string | Buffer | undefined
  clean?: Clean
  cwd?: string
  uid?: number
  gid?: number
}
type Clean = (ending: () => void | Promise<void>) => void

/** Returns the environment of a process: the settings of a server with the cheapest password hash, and the given changes. */
export function settings(changes: Environment = {}): Environment {
  return {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: compileCache,
    SALLYPORT_SECRET: 'server-7RtYh3NbVc9XzLk5JhGf2DsAqW',
    SALLYPORT_FRONTEND_SECRET: 'none',
    SALLYPORT_VERIFIER_SECRET: verifierSecret,
    SALLYPORT_ISSUER: 'http://localhost:4000',
    SALLYPORT_AUDIENCE: 'billing-api',
    SALLYPORT_HASH_MEMORY_KIBIBYTES: '8192',
    SALLYPORT_HASH_ITERATIONS: '1',
    SALLYPORT_THROTTLE_SCALE: '1000',
    LOG_LEVEL: 'info',
    AUTH_PORT: '0',
    ...changes,
  }
}

/** Returns the settings of {@link settings}, for the store of a test. */
export function settingsOf({ options }: TestStore, changes: Environment = {}): Environment {
  return settings({
    ...('dataDir' in options ? { DATA_DIR: options.dataDir } : { DATABASE_URL: options.databaseUrl }),
    ...changes,
  })
}

export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }

/** Starts the real command. */
export function start(
  words: readonly string[],
  env: Environment,
  { input, clean = onTestFinished, ...place }: Start = {},
) {
  const child: ChildProcess = spawn(process.execPath, [programs.sallyport, ...words], {
    ...place,
    env,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  clean(() => void child.kill('SIGKILL'))
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString()
  })
  const ended: Promise<Ended> = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }))
  return { child, output, ended }
}

/** Runs the command in a separate process, and waits for its end. */
export function run(
  words: readonly string[],
  env: Environment = settings({ DATA_DIR: temporaryFolder() }),
  input?: string | Buffer,
): Promise<Ended> {
  return start(words, env, { input }).ended
}

type Run = (words: readonly string[], env: Environment, input?: string | Buffer) => Promise<Ended>

/**
 * Returns functions that run the command on one store. It runs in this process unless `how` is `run`. Arguments are separated by spaces.
 */
export function commandOn(env: Environment, how: Run = runInProcess) {
  const runLine = (line: string, input?: string | Buffer) => how(line.split(' '), env, input)

  /** Returns standard output. Fails unless the exit code is 0 and standard error is empty. */
  async function text(line: string, input?: string): Promise<string> {
    const { code, stdout, stderr } = await runLine(line, input)
    if (code !== 0 || stderr !== '') throw new Error(`sallyport ${line}: ${code}\n${stderr}`)
    return stdout
  }
  /** Returns the documents of `--json`, one per line. */
  async function json<T = Record<string, unknown>>(line: string, input?: string): Promise<T[]> {
    const lines = (await text(`${line} --json`, input)).split('\n')
    if (lines.pop() !== '') throw new Error(`sallyport ${line}: the last line has no end.`)
    return lines.map((document) => JSON.parse(document) as T)
  }
  async function createUser(email: string, more = '') {
    const line = `users create ${email} --name Ada --password-stdin${more}`
    const [user] = await json<{ id: string; email: string; roles: string[] }>(line, `${password}\n`)
    if (user === undefined) throw new Error('There is no document.')
    return user
  }
  return { run: runLine, text, json, createUser }
}

/** Returns functions that run the command on a new, empty store. */
export async function commandOnFreshStore(kind: StoreKind) {
  const store = await freshStore(kind)
  await migrateStore(store.address, recordingLog().log)
  const env = settingsOf(store)
  return { store, env, ...commandOn(env) }
}

/** Starts the server and reads its address from its first line. */
export async function serve(env: Environment = settings({ DATA_DIR: temporaryFolder() }), clean?: Clean) {
  const started = start(['serve'], env, clean ? { clean } : {})
  const url = await new Promise<string>((resolve, reject) => {
    started.child.stdout?.on('data', () => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(started.output.stdout)?.[0]
      if (found !== undefined) resolve(found)
    })
    void started.ended.then(({ stderr }) => reject(new Error(stderr)))
  })
  return { ...started, url }
}
