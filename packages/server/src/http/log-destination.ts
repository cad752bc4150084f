import { type DestinationStream, destination } from 'pino'

/** Characters that are written at once, without waiting for the end of the turn. */
const maxWaiting = 65_536

let standardOutput: DestinationStream | undefined

/** Standard output, as the log of a server writes to it. */
export function logDestination(): DestinationStream {
  if (standardOutput !== undefined) return standardOutput
  const { write, flush } = oncePerTurn(destination({ dest: 1, sync: true }))
  process.once('exit', flush)
  standardOutput = { write }
  return standardOutput
}

/**
 * Writes once in a turn of the event loop what was logged in it: in a crowd, many requests end in the same turn, and a write is most of
 * what a line costs.
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
