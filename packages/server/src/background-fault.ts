import { logFault, type RequestLog } from './http/request-log.ts'
import { isUnavailable } from './store/database.ts'
import type { Metrics } from './telemetry/metrics.ts'

/** What to do with an error of work that no request waits for: it is logged, and counted where the database is away. */
export function backgroundFault(route: string, log: RequestLog, metrics: Metrics): (error: unknown) => void {
  return (error) => {
    if (isUnavailable(error)) metrics.countDatabaseError()
    logFault(log, { route }, error)
  }
}
