import type { Verifier } from '@sallyport/verify'
import type { Logger } from 'pino'
import type { Database } from '../database/database.ts'

/** The dependencies of the routes, passed in so that tests can replace them. */
export type Context = {
  database: Database
  /** Verifies the token of a request. */
  verifier: Verifier
  logger: Logger
  /** Milliseconds since 1970. */
  clock: () => number
  /** The origins whose scripts may read responses. Default: none. */
  browserOrigins?: readonly string[]
}
