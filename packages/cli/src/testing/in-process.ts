import { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { optionsFromEnvironment } from '../../../server/src/index.ts'
import { serve } from '../../../server/src/node.ts'
import { recordingLog } from '../../../server/src/testing/sallyport.ts'
import { runCommandLine } from '../command-line.ts'
import type { Ended, Environment } from './sallyport-command.ts'

let turn: Promise<unknown> = Promise.resolve()

/**
 * Runs the command in this process. The given streams and environment replace those of the process, so only one command can run at a time.
 * Tests of signals, terminals, pipes, memory and Node versions start a separate process instead.
 */
export function runInProcess(
  words: readonly string[],
  env: Environment,
  input: string | Buffer = '',
): Promise<Ended> {
  const ended = turn.then(() => runNow(words, env, input))
  turn = ended.catch(() => {})
  return ended
}

async function runNow(words: readonly string[], env: Environment, input: string | Buffer): Promise<Ended> {
  const [stdout, stderr] = [collecting(), collecting()]
  const stdin = Readable.from(input.length === 0 ? [] : [Buffer.from(input)])
  const own = { ...process.env }
  const streams = Object.entries({ stdin, stdout: stdout.stream, stderr: stderr.stream }).map(
    ([name, value]) => {
      const before = Object.getOwnPropertyDescriptor(process, name) as PropertyDescriptor
      Object.defineProperty(process, name, { configurable: true, value })
      return { name, before }
    },
  )
  setEnvironment(env)
  try {
    const code = await runCommandLine([...words])
    return { code, signal: null, stdout: stdout.text(), stderr: stderr.text() }
  } finally {
    setEnvironment(own)
    for (const { name, before } of streams) Object.defineProperty(process, name, before)
  }
}

/** Sets the variables of `process.env`. It does not replace the object, because Node writes to it when it reads a settings file. */
function setEnvironment(env: Environment): void {
  for (const name of Object.keys(process.env)) delete process.env[name]
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value
}

function collecting() {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, written) {
      chunks.push(chunk)
      written()
    },
  })
  return { stream, text: () => Buffer.concat(chunks).toString() }
}

/** Starts a server in this process. */
export async function serveInProcess(env: Environment) {
  const server = await serve(optionsFromEnvironment(env), { log: recordingLog().log })
  onTestFinished(() => server.close())
  return server
}
