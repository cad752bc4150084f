import { logFault, type RequestLog } from './http/request-log.ts'
import { isUnavailable } from './store/database.ts'
import type { Metrics } from './telemetry/metrics.ts'

/** Returns a handler for errors of background work: logs them, and counts those of an unavailable database. */
export function backgroundFault(route: string, log: RequestLog, metrics: Metrics): (error: unknown) => void {
  return (error) => {
    if (isUnavailable(error)) metrics.countDatabaseError()
    logFault(log, { route }, error)
  }
}
