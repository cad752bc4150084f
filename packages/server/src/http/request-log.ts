import { type Logger, pino } from 'pino'

export type RequestLog = Logger

/** One JSON line an event. Nothing is logged but what is listed here: no body, no query, no cookie, no address of a person. */
export function createLog(level: string): RequestLog {
  return pino({ level, base: null })
}

export type RequestEvent = {
  requestId: string
  method: string
  route: string
  status: number
  ms: number
  code?: string
  outcome?: string
}

export function logRequest(log: RequestLog, event: RequestEvent): void {
  log[event.status >= 500 ? 'error' : 'info'](event, 'request')
}
