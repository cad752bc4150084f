import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { styleText } from 'node:util'
import { root } from '../install.mjs'
import { readableLine } from './log-line.ts'

export type ProcessSpec = {
  name: 'web' | 'auth' | 'auth 1' | 'auth 2' | 'api'
  args: string[]
  env: NodeJS.ProcessEnv
  readyUrl: string
}

const colours = {
  web: 'cyan',
  auth: 'magenta',
  'auth 1': 'magenta',
  'auth 2': 'blue',
  api: 'green',
} as const

/** After a request to stop, a process must end within this time, in milliseconds. */
const stopMs = 10_000

/** Manages the processes of one run. They are started together and ended together. */
export function createProcesses(log: (line: string) => void, nameWidth = 4) {
  const children = new Map<ChildProcess, ProcessSpec>()
  let stopping = false

  /** Starts one process. If it ends without a request, `onExit` is called. */
  function start(spec: ProcessSpec, onExit: (spec: ProcessSpec, code: number | null) => void): void {
    // The child runs in its own process group. So Ctrl-C reaches only this process, which then ends all three in order.
    const child = spawn(process.execPath, spec.args, {
      cwd: root,
      env: spec.env,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.set(child, spec)
    const prefix = styleText(colours[spec.name], `${spec.name.padEnd(nameWidth)} │`)
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line.trim() !== '') log(`${prefix} ${readableLine(line)}`)
      })
    }
    child.on('close', (code) => {
      children.delete(child)
      if (!stopping) onExit(spec, code)
    })
  }

  /** Ends all processes. It sends them a request to stop and waits. Then it kills those that still run. */
  async function stop(): Promise<void> {
    stopping = true
    const ended = [...children.keys()].map(async (child) => {
      const closed = new Promise((resolve) => child.once('close', resolve))
      signalGroup(child, 'SIGTERM')
      const insist = setTimeout(() => signalGroup(child, 'SIGKILL'), stopMs)
      await closed
      clearTimeout(insist)
    })
    await Promise.all(ended)
  }

  return { start, stop }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal)
  } catch {
    // The process has already ended.
  }
}

/** Resolves when the URL answers with a success status. Rejects after `timeoutMs`. */
export async function untilReady(url: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000), redirect: 'manual' }).catch(
      () => null,
    )
    if (answer?.ok) return
    if (Date.now() > deadline) throw new Error(`${url} did not answer within ${timeoutMs / 1000} s.`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
