import { logFault, type RequestLog } from './http/request-log.ts'
import { isUnavailable } from './store/database.ts'
import type { Metrics } from './telemetry/metrics.ts'

/**
 * Returns a function that handles the errors of background work. The function logs each error. If the database is unavailable, the function
 * also counts the error.
 */
export function backgroundFault(route: string, log: RequestLog, metrics: Metrics): (error: unknown) => void {
  return (error) => {
    if (isUnavailable(error)) metrics.countDatabaseError()
    logFault(log, { route }, error)
  }
}
