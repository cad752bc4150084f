import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/**
 * Asks a question on the terminal. If the terminal closes without an answer (Ctrl-D), returns null. If `hidden` is true, the answer is not
 * shown while the user types it. The question is written to standard error, so that standard output has only the result.
 */
export function ask(question: string, { hidden = false } = {}): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>()
  const nowhere = new Writable({ write: (_chunk, _encoding, written) => written() })
  // From here on, the terminal shows no typed text. So text that is typed before the question is printed is hidden too.
  const terminal = createInterface({
    input: process.stdin,
    output: hidden ? nowhere : process.stderr,
    terminal: true,
    historySize: 0,
  })
  terminal.on('SIGINT', () => {
    process.stderr.write('\n')
    // End this process with the same signal, so that a script that called it ends too.
    process.kill(process.pid, 'SIGINT')
  })
  terminal.on('close', () => resolve(null))
  if (hidden) process.stderr.write(question)
  terminal.question(hidden ? '' : question, (answer) => {
    resolve(answer)
    terminal.close()
    if (hidden) process.stderr.write('\n')
  })
  return promise
}
