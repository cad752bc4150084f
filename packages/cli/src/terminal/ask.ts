import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/**
 * Asks on the terminal. Returns null when the terminal closes without an answer (Ctrl-D). A hidden answer is not shown while it is typed.
 * The question goes to standard error, so that standard output has only the result.
 */
export function ask(question: string, { hidden = false } = {}): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>()
  const nowhere = new Writable({ write: (_chunk, _encoding, written) => written() })
  // From here on the terminal does not echo, so text typed before the question is printed stays hidden too.
  const terminal = createInterface({
    input: process.stdin,
    output: hidden ? nowhere : process.stderr,
    terminal: true,
    historySize: 0,
  })
  terminal.on('SIGINT', () => {
    process.stderr.write('\n')
    // End with the signal itself, so that a calling script ends too.
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
