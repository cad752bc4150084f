import { type DestinationStream, type Logger, pino } from 'pino'

/**
 * One JSON line per event. No line is given a header, a body, a query or a token to begin with; what an error drags
 * along is cut down to its kind, message and stack.
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
  if (!(error instanceof Error)) return { message: 'something was thrown that is no Error' }
  const { code } = error as NodeJS.ErrnoException
  return { type: error.name, message: error.message, code, stack: error.stack }
}
