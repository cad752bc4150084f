import type { Verifier } from '@sallyport/verify'
import type { Logger } from 'pino'
import type { BillingAccess } from '../../../billing-auth/access.ts'
import type { Database } from '../database/database.ts'

/** The dependencies of the routes. They are passed as an argument, so that tests can replace them. */
export type Context = {
  database: Database
  /** Verifies the token of a request. Its guards accept only the permissions and roles of the example. */
  verifier: Verifier<BillingAccess>
  logger: Logger
  /** Returns the current time, in milliseconds since 1970. */
  clock: () => number
  /** The origins whose scripts may call this API with cookies and read its responses. Default: none. */
  browserOrigins?: readonly string[]
}
