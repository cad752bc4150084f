import type { Verifier } from '@sallyport/verify'
import type { Logger } from 'pino'
import type { Database } from '../database/database.ts'

/** The dependencies of the routes. They are passed as an argument, so that tests can replace them. */
export type Context = {
  database: Database
  /** Verifies the token of a request. */
  verifier: Verifier
  logger: Logger
  /** Returns the current time, in milliseconds since 1970. */
  clock: () => number
  /** The origins whose scripts may call this API with cookies and read its responses. Default: none. */
  browserOrigins?: readonly string[]
}
