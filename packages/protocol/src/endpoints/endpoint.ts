import type { z } from 'zod'
import type { ErrorCode } from '../errors.ts'

/** Methods that endpoints have. `HEAD` and `OPTIONS` are answered for each of them. */
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** Who may call an endpoint: anybody, a signed-in user, or a service with a secret of its own. */
export type Access = 'anybody' | 'user' | 'verifier' | 'monitor'

/**
 * What a successful call does to the caller's session, and what a front end does then.
 *
 * - `begins`: the answer holds the tokens of a new session.
 * - `renews`: the next tokens say something new; refresh now.
 * - `supersedes`: every other session has ended, and access tokens made before count no more; refresh now.
 * - `ends`: the session has ended; forget its tokens.
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
 * One method of one address. From such a row come the server's checks (origin, caller, query, body), the OpenAPI document, the client
 * and the browser's routes of the Next SDK (docs/extending.md).
 */
export type Endpoint = {
  /** The HTTP method. */
  method: Method
  /** Relative to the origin of the auth server. `{…}` is a parameter. */
  path: string
  /** A title for the API reference. */
  summary: string
  /** The heading of the API reference under which it is listed. */
  group: 'Signing in' | 'Sessions' | 'Accounts' | 'Verifying' | 'Operating'
  /** Who may call it; anybody else gets 401. */
  access: Access
  /** The setting of the server without which there is no such address. */
  onlyWith?: 'metricsSecret' | 'developmentInbox' | 'apiReference'
  /** Parameters of the query. Others, and one that comes twice, are refused. Without this member the query is ignored. */
  query?: Record<string, { description: string; schema: z.ZodType }>
  /** The body of the request. Without this member the body is not read. */
  request?: z.ZodType
  /** The body may be left out. */
  mayBeEmpty?: boolean
  /** The body may also be a form. */
  asForm?: boolean
  /** By status. */
  answers: Record<number, Answer>
  /** The body of the answer may take up to 16 MiB. Others take up to 512 KiB. */
  isLarge?: boolean
  /** Error codes of its own, beside those of its access, of a body, and of every request. */
  errors?: readonly ErrorCode[]
  /** What a successful call does to the session of the caller. Default: nothing. */
  session?: SessionEffect
}
