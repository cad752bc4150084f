import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A process that runs until the test is over. */
export type Running = { stop(): Promise<void> }

/** Starts a process and waits until a line of its output shows that it is ready. */
export async function running(
  command: string,
  args: string[],
  { ready, ...options }: { ready: string; cwd: string; env: Record<string, string> },
): Promise<Running> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'close')
  let output = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output += `${line}\n`
        if (line.includes(ready)) resolve()
      })
    }
    void ended.then(([code]) => reject(new Error(`${args.join(' ')} has ended: ${code}\n${output}`)))
  })
  return {
    async stop() {
      process.off('exit', kill)
      child.kill('SIGTERM')
      await ended
    },
  }
}
