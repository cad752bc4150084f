import { fork } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A separate process that the bench sends messages to. */
export type Worker = {
  /** Sends one message and resolves with the next answer. Rejects if the process ends instead. */
  ask<Answer>(message: unknown): Promise<Answer>
  /** Returns the CPU time that all threads of the process have used since its start, in microseconds. */
  cpuMicros(): Promise<number>
  /** Returns the memory that the process uses now, in bytes. */
  rssBytes(): Promise<number>
  /** Rejects when the process ends. The error contains the path of its log. */
  ended: Promise<never>
  stop(): Promise<void>
}

/** The time, in milliseconds, within which a process must end after a request to stop. */
const stopMs = 5_000

const answerCpu = fileURLToPath(new URL('answer-cpu.ts', import.meta.url))

/** Starts a script in production mode. Its output is written to `logFile`. */
export function startWorker(
  script: string,
  options: { args?: readonly string[]; env?: NodeJS.ProcessEnv; logFile: string },
): Worker {
  const log = openSync(options.logFile, 'a')
  const child = fork(script, options.args ?? [], {
    env: { ...process.env, NODE_ENV: 'production', ...options.env },
    execArgv: ['--import', answerCpu],
    stdio: ['ignore', log, log, 'ipc'],
  })
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`${script} ended by itself (${code ?? signal}): see ${options.logFile}`)),
    )
  })
  ended.catch(() => {})

  async function ask<Answer>(message: unknown): Promise<Answer> {
    const answer = once(child, 'message')
    child.send(message as object)
    const [value] = await Promise.race([answer, ended])
    if (typeof value === 'object' && value !== null && 'error' in value) throw new Error(String(value.error))
    return value as Answer
  }

  return {
    ask,
    ended,
    cpuMicros: async () => (await ask<{ cpuMicros: number }>('cpu')).cpuMicros,
    rssBytes: async () => (await ask<{ rssBytes: number }>('cpu')).rssBytes,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      const insist = setTimeout(() => child.kill('SIGKILL'), stopMs)
      await gone
      clearTimeout(insist)
    },
  }
}
