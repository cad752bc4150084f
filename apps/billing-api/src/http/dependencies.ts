import type { Verifier } from '@sallyport/verify'
import type { Logger } from 'pino'
import type { Database } from '../database/database.ts'

/** What the routes work with; passed in, so that tests bring their own. */
export type Dependencies = {
  database: Database
  /** Turns the token of a request into a principal. */
  verifier: Verifier
  logger: Logger
  /** Milliseconds since 1970. */
  clock: () => number
  /** The pages whose scripts may read what is answered here. Default: none. */
  browserOrigins?: readonly string[]
}
