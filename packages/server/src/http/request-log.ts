import { type DestinationStream, type Logger, pino } from 'pino'
import { logDestination } from './log-destination.ts'
import { noCredential } from './secret-comparison.ts'

export type RequestLog = Logger

/** Writes one JSON line for each event, with the time in UTC. */
export function createLog(level: string, destination: DestinationStream = logDestination()): RequestLog {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/**
 * What is logged of a request. Nothing else is: no body, query, cookie, header of the caller or address of a person. `route` is the
 * pattern, never the path as it was sent.
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
 * A fault of the server is an error. Warnings are: a refresh token that was used already (a theft or a bug), a busy server, and a service
 * with a wrong credential (a misconfiguration or an attack).
 */
export function logRequest(log: RequestLog, event: RequestEvent): void {
  const isWarning = event.status > 500 || event.reason === 'reuse' || isWrongCredential(event)
  log[event.status === 500 ? 'error' : isWarning ? 'warn' : 'info'](event, 'request')
}

function isWrongCredential({ code, reason }: RequestEvent): boolean {
  return code === 'frontend_refused' || (code === 'client_unauthorized' && reason !== noCredential)
}

/** Logs a fault of the server. The stack names places in the code; messages of libraries name tables and columns, never values. */
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

/** Logs a fault of code that handled a secret: its kind and its stack, without its message. */
export function logFaultWithoutWords(log: RequestLog, where: { route: string }, error: unknown): void {
  const stack = error instanceof Error ? error.stack?.split('\n').filter((line) => /^ {4}at /.test(line)) : []
  const name = error instanceof Error ? error.name : typeof error
  log.error({ ...where, error: { name, stack: stack?.join('\n') } }, 'fault')
}

/** Logs that the database is older than tokens that it has issued, once in this process. */
export function restoredStoreLog(log: RequestLog): () => void {
  let isTold = false
  return () => {
    if (!isTold)
      log.warn(
        { route: 'restored store' },
        'A refresh token is newer than its session: an earlier copy of the database was put back without sallyport restore. What was revoked since that copy is valid again. End all sessions: sallyport sessions revoke --all (docs/backup.md).',
      )
    isTold = true
  }
}
