import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { testOptions } from '../../packages/server/src/testing/sallyport.ts'
import { programs } from '../../scripts/test/one-file/programs.ts'
import { freePort } from '../system/free-port.ts'

/** Registers clean-up. Tests pass their own `onTestFinished`, which also works in concurrent tests. */
export type Clean = (ending: () => void | Promise<void>) => void

/** `sallyport serve` in its own process. */
export type AuthServer = {
  url: string
  /** The lines of its log, and its standard error. */
  log: string[]
  complaints: string[]
  /** Resolves when the server responds to requests. Rejects if the server ends before that. */
  listening: Promise<void>
  /** The exit code of the server. Null if a signal ended it. */
  ended: Promise<number | null>
  /** Ends the server as a power cut would, without a signal that the server could handle. */
  crash(): Promise<void>
  /** Ends the server as an operator would. */
  stop(): Promise<void>
  /** Returns the memory in use after garbage collection, in bytes. */
  memory(): Promise<number>
}

type Settings = Record<string, string | undefined>

/** The settings of every process here, without those of the store. */
const baseSettings: Settings = {
  PATH: process.env.PATH,
  // Without this cache, each process would compile the same files again.
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  SALLYPORT_SECRET: testOptions.secret,
  SALLYPORT_VERIFIER_SECRET: testOptions.verifierSecrets,
  SALLYPORT_ISSUER: testOptions.issuer,
  SALLYPORT_AUDIENCE: testOptions.audience,
  SALLYPORT_HASH_MEMORY_KIBIBYTES: String(testOptions.hashMemoryKibibytes),
  SALLYPORT_HASH_ITERATIONS: String(testOptions.hashIterations),
  SALLYPORT_THROTTLE_SCALE: '1000',
  // Two processes share the two cores of a test machine. More parallel hashes would only wait.
  SALLYPORT_HASH_CONCURRENCY: '1',
  // On a busy machine, parallel requests can be seconds apart. Tests that need the end of the grace period change the time in the database.
  SALLYPORT_REFRESH_GRACE_SECONDS: '60',
}

/** Returns the settings of a store that `freshStore` returns. */
export function settingsOf(options: { dataDir: string } | { databaseUrl: string }): Settings {
  return 'dataDir' in options ? { DATA_DIR: options.dataDir } : { DATABASE_URL: options.databaseUrl }
}

/** Starts a server, and does not wait until it is ready. With `port`, a server can be started again on the same port. */
export async function launchAuthServer(settings: Settings, clean: Clean, port?: number): Promise<AuthServer> {
  const chosen = port ?? (await freePort())
  const measured = fileURLToPath(new URL('memory-report.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', measured, programs.sallyport, 'serve'],
    // Tests must not write files into the repository. The default of `DATA_DIR` is relative to the working directory, so the working
    // directory is another folder.
    {
      cwd: '/',
      env: { ...baseSettings, AUTH_PORT: String(chosen), ...settings },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const [log, complaints]: [string[], string[]] = [[], []]
  const ended = once(child, 'close').then(([code]) => {
    process.off('exit', kill)
    return code as number | null
  })
  const listening = new Promise<void>((resolve, reject) => {
    readLines(child.stdout, (line) => {
      log.push(line)
      if (line.includes('Sallyport listens on')) resolve()
    })
    readLines(child.stderr, (line) => complaints.push(line))
    void ended.then((code) => reject(new Error(`The server has ended: ${code}\n${complaints.join('\n')}`)))
  })
  // Perhaps nobody waits for this promise. Without this line, its rejection would then make the test run fail.
  listening.catch(() => {})
  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    child.kill(signal)
    await ended
  }
  clean(() => end('SIGKILL'))
  return {
    url: `http://127.0.0.1:${chosen}`,
    log,
    complaints,
    listening,
    ended,
    crash: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async memory() {
      child.send('memory')
      const [bytes] = (await once(child, 'message')) as [number]
      return bytes
    },
  }
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', onLine)
}

/** Starts a server and waits until it answers. */
export async function startAuthServer(settings: Settings, clean: Clean, port?: number): Promise<AuthServer> {
  const server = await launchAuthServer(settings, clean, port)
  await server.listening
  return server
}

/** Returns what a server has logged about requests to one route. */
export function requestsIn({ log }: AuthServer, route: string): { status: number; code?: string }[] {
  return log
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { route?: string; status: number; code?: string; msg?: string })
    .filter((event) => event.msg === 'request' && event.route === route)
}
