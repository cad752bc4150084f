import type { z } from 'zod'
import type { ErrorCode } from '../errors.ts'

/** The methods of endpoints. `HEAD` and `OPTIONS` work for all of them. */
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** Who may call an endpoint: anybody, a signed-in user, or a service with its own secret. */
export type Access = 'anybody' | 'user' | 'verifier' | 'monitor'

/**
 * What a successful call does to the caller's session, and what a front end does then.
 *
 * - `begins`: the answer has the tokens of a new session.
 * - `renews`: the claims have changed; refresh now.
 * - `supersedes`: all other sessions have ended, and access tokens issued before are refused; refresh now.
 * - `ends`: the session has ended; delete its tokens.
 */
export type SessionEffect = 'begins' | 'renews' | 'supersedes' | 'ends'

/** One answer that is not an error. */
export type Answer = {
  /** A sentence for the API reference. */
  description: string
  /** The body; none for 204 and for media types other than JSON. */
  schema?: z.ZodType
  /** Default: `application/json`. */
  mediaType?: string
  /** The name under which a browser saves the answer as a file. */
  fileName?: string
}

/**
 * One method of one path. The server's checks (origin, caller, query, body), the OpenAPI document, and the client and browser routes
 * of the Next SDK are derived from such a row (docs/extending.md).
 */
export type Endpoint = {
  /** The HTTP method. */
  method: Method
  /** Relative to the origin of the auth server. `{…}` is a parameter. */
  path: string
  /** A title for the API reference. */
  summary: string
  /** The heading under which the API reference lists it. */
  group: 'Signing in' | 'Sessions' | 'Accounts' | 'Verifying' | 'Operating'
  /** Who may call it; anybody else gets 401. */
  access: Access
  /** The server setting that enables the endpoint. Without it, the path is not found. */
  onlyWith?: 'metricsSecret' | 'developmentInbox' | 'apiReference'
  /** The query parameters. Unknown and repeated parameters are refused. If this is left out, the query is ignored. */
  query?: Record<string, { description: string; schema: z.ZodType }>
  /** The body of the request. If this is left out, the body is not read. */
  request?: z.ZodType
  /** Whether the body may be left out. */
  mayBeEmpty?: boolean
  /** Whether the body may also be a form. */
  asForm?: boolean
  /** The answers, by status. */
  answers: Record<number, Answer>
  /** Whether the body of the answer may have up to 16 MiB. Default: up to 512 KiB. */
  isLarge?: boolean
  /** The endpoint's own error codes. Those of the access check, of bodies and of every request are added. */
  errors?: readonly ErrorCode[]
  /** What a successful call does to the caller's session. Default: nothing. */
  session?: SessionEffect
}
