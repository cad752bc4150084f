import { type DestinationStream, type Logger, pino } from 'pino'
import { logDestination } from './log-destination.ts'
import { noCredential } from './secret-comparison.ts'

export type RequestLog = Logger

/** One JSON line an event, with the time in UTC. */
export function createLog(level: string, destination: DestinationStream = logDestination()): RequestLog {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/**
 * What is logged of a request, and nothing else: no body, no query, no cookie, no header of the caller's, no address of a
 * person. `route` is the pattern, never the path as it was sent (D07).
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
 * A fault of ours is an error. Warnings are: a refresh token out of turn, which is a theft or a bug; a busy server; and a service whose
 * credential is wrong, which is a misconfiguration or an attempt.
 */
export function logRequest(log: RequestLog, event: RequestEvent): void {
  const isWarning = event.status > 500 || event.reason === 'reuse' || isWrongCredential(event)
  log[event.status === 500 ? 'error' : isWarning ? 'warn' : 'info'](event, 'request')
}

function isWrongCredential({ code, reason }: RequestEvent): boolean {
  return code === 'frontend_refused' || (code === 'client_unauthorized' && reason !== noCredential)
}

/** A fault of ours. The stack names places in the code; messages of libraries name tables and columns, never values. */
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

/** A fault of code that had a secret in hand: its kind and its places, and nothing that it says. */
export function logFaultWithoutWords(log: RequestLog, where: { route: string }, error: unknown): void {
  const stack = error instanceof Error ? error.stack?.split('\n').filter((line) => /^ {4}at /.test(line)) : []
  const name = error instanceof Error ? error.name : typeof error
  log.error({ ...where, error: { name, stack: stack?.join('\n') } }, 'fault')
}

/** Says that the database is older than tokens that it has issued: at the first call, and never again in this process. */
export function restoredStoreLog(log: RequestLog): () => void {
  let isTold = false
  return () => {
    if (!isTold)
      log.warn(
        { route: 'restored store' },
        'A refresh token is newer than its session: an earlier copy of the database was put back without sallyport restore. What was revoked since that copy counts again. End all sessions: sallyport sessions revoke --all (docs/backup.md).',
      )
    isTold = true
  }
}
