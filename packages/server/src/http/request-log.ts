import { type DestinationStream, type Logger, pino } from 'pino'
import { logDestination } from './log-destination.ts'
import { noCredential } from './secret-comparison.ts'

export type RequestLog = Logger

/** Creates the log. It writes one JSON line for each event, with the time in UTC. */
export function createLog(level: string, destination: DestinationStream = logDestination()): RequestLog {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/**
 * The data of a request that is logged. No body, query, cookie, header of the caller or address of a person is logged. `route` is the
 * pattern of the path, never the path that was sent.
 */
export type RequestEvent = {
  requestId: string
  method: string
  route: string
  status: number
  ms: number
  code?: string
  reason?: string
  sessionId?: string
}

/**
 * Logs a request. The level is `error` if the status is 500. The level is `warn` for a higher status (such as a busy server), for a refresh
 * token that was reused (a theft or a bug), and for a wrong credential of a service (a wrong setting or an attack). Otherwise the level is
 * `info`.
 */
export function logRequest(log: RequestLog, event: RequestEvent): void {
  const isWarning = event.status > 500 || event.reason === 'reuse' || isWrongCredential(event)
  log[event.status === 500 ? 'error' : isWarning ? 'warn' : 'info'](event, 'request')
}

function isWrongCredential({ code, reason }: RequestEvent): boolean {
  return code === 'frontend_refused' || (code === 'client_unauthorized' && reason !== noCredential)
}

/**
 * Logs an unexpected error, with its message and its stack. The messages of libraries contain names of tables and columns, but never
 * values.
 */
export function logFault(
  log: RequestLog,
  where: { requestId?: string; route: string },
  error: unknown,
): void {
  const fault =
    error instanceof Error
      ? { name: error.name, message: error.message, stack: error.stack }
      : { name: typeof error }
  log.error({ ...where, error: fault }, 'fault')
}

/** Logs an error of code that handled a secret: the name and the stack of the error, but not its message. */
export function logFaultWithoutWords(log: RequestLog, where: { route: string }, error: unknown): void {
  const stack = error instanceof Error ? error.stack?.split('\n').filter((line) => /^ {4}at /.test(line)) : []
  const name = error instanceof Error ? error.name : typeof error
  log.error({ ...where, error: { name, stack: stack?.join('\n') } }, 'fault')
}

/**
 * Returns a function that warns in the log that the database is older than tokens that were issued from it. The function logs this only
 * once.
 */
export function restoredStoreLog(log: RequestLog): () => void {
  let isTold = false
  return () => {
    if (!isTold)
      log.warn(
        { route: 'restored store' },
        'A refresh token is newer than its session: an earlier copy of the database was put back without sallyport restore. Everything that was revoked after that copy was made is valid again. End all sessions: sallyport sessions revoke --all (docs/backup.md).',
      )
    isTold = true
  }
}
