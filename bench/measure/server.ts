import { untilReady } from '../../scripts/example/processes.ts'
import { freePort } from '../../tests/system/free-port.ts'
import { startWorker, type Worker } from './worker.ts'

/** A server in a separate process, listening on loopback. */
export type Server = Pick<Worker, 'cpuMicros' | 'rssBytes' | 'stop'> & { url: string }

export type ServerScript = {
  script: string
  args?: (port: number) => readonly string[]
  env?: (port: number) => NodeJS.ProcessEnv
  /** A path that answers 200 once the server can serve. */
  readyPath: string
  logFile: string
}

/**
 * Starts a server on a free port, which it gets as `PORT`, and waits until it responds. `until` replaces the default way to wait, which is
 * a request every 100 ms.
 */
export async function startServer(
  { script, args, env, readyPath, logFile }: ServerScript,
  until: (url: string, timeoutMs: number) => Promise<void> = untilReady,
): Promise<Server> {
  const port = await freePort()
  const worker = startWorker(script, {
    args: args?.(port) ?? [],
    env: { PORT: String(port), HOST: '127.0.0.1', ...env?.(port) },
    logFile,
  })
  const url = `http://localhost:${port}`
  try {
    await Promise.race([until(url + readyPath, 30_000), worker.ended])
  } catch (error) {
    await worker.stop()
    throw new Error(`${script} did not start: see ${logFile}`, { cause: error })
  }
  return { url, cpuMicros: worker.cpuMicros, rssBytes: worker.rssBytes, stop: worker.stop }
}
