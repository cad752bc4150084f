import { type DestinationStream, destination } from 'pino'

/** If this many characters are waiting, they are written immediately, before the turn of the event loop ends. */
const maxWaiting = 65_536

let standardOutput: DestinationStream | undefined

/**
 * Returns the destination of the server's log. It writes to standard output, once for each turn of the event loop (see {@link
 * oncePerTurn}).
 */
export function logDestination(): DestinationStream {
  if (standardOutput !== undefined) return standardOutput
  const { write, flush } = oncePerTurn(destination({ dest: 1, sync: true }))
  process.once('exit', flush)
  standardOutput = { write }
  return standardOutput
}

/**
 * Collects the lines of one turn of the event loop and writes them together. Under load, many requests end in the same turn. One system
 * call then writes the lines of all these requests. Without this, the system call would be most of the cost of a line.
 */
export function oncePerTurn(output: DestinationStream): DestinationStream & { flush(): void } {
  let waiting = ''
  const flush = () => {
    if (waiting === '') return
    const text = waiting
    waiting = ''
    output.write(text)
  }
  return {
    flush,
    write(line) {
      if (waiting === '') setImmediate(flush)
      waiting += line
      if (waiting.length >= maxWaiting) flush()
    },
  }
}
