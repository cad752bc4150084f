import { type DestinationStream, type Logger, pino } from 'pino'

/**
 * Creates a logger that writes one JSON line for each event. No line contains a header, body, query or token. From an error, only its
 * type, message, code and stack are logged.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'billing-api' },
    serializers: { err: describeError },
  }
  return destination ? pino(options, destination) : pino(options)
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: 'the thrown value is not an Error' }
  const { code } = error as NodeJS.ErrnoException
  return { type: error.name, message: error.message, code, stack: error.stack }
}
