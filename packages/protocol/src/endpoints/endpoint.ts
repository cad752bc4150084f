import type { z } from 'zod'
import type { ErrorCode } from '../errors.ts'

/** The methods of endpoints. All endpoints also answer `HEAD` and `OPTIONS`. */
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/**
 * Who may call an endpoint: anybody, a signed-in user, a service with its own secret, or the front end (the Next app) with its own secret
 * and the access token of a signed-in user.
 */
export type Access = 'anybody' | 'user' | 'verifier' | 'monitor' | 'frontend'

/**
 * The effect of a successful call on the caller's session. After some effects, a front end must react.
 *
 * - `begins`: a new session has begun, and the answer has its tokens.
 * - `renews`: the claims have changed. The front end must refresh now.
 * - `supersedes`: all other sessions have ended, and older access tokens are refused. The front end must refresh now.
 * - `ends`: the session has ended. The front end must delete its tokens.
 */
export type SessionEffect = 'begins' | 'renews' | 'supersedes' | 'ends'

/** One possible answer of an endpoint that is not an error. */
export type Answer = {
  /** A sentence about the answer, for the API reference. */
  description: string
  /** The schema of the body. Missing for status 204 and for media types other than JSON. */
  schema?: z.ZodType
  /** The media type of the body. Default: `application/json`. */
  mediaType?: string
  /** The name of the file, if the browser should save the answer as a file. */
  fileName?: string
}

/**
 * Describes one method of one path (a row of the endpoint table). The server's checks (origin, caller, query, body), the OpenAPI document,
 * and the client and browser routes of the Next SDK use this description (docs/extending.md).
 */
export type Endpoint = {
  /** The HTTP method. */
  method: Method
  /** The path on the auth server's origin. `{…}` is a parameter. */
  path: string
  /** A title for the API reference. */
  summary: string
  /** The heading under which the API reference lists the endpoint. */
  group: 'Signing in' | 'Sessions' | 'Accounts' | 'Organizations' | 'Verifying' | 'Operating'
  /** Who may call the endpoint. All others get 401. */
  access: Access
  /** The server setting that enables the endpoint. If the setting is not set, or `off`, the server answers 404. */
  onlyWith?:
    | 'metricsSecret'
    | 'developmentInbox'
    | 'apiReference'
    | 'passkeys'
    | 'mailedSignIn'
    | 'organizations'
  /** The query parameters. Unknown and repeated parameters are refused. If this member is missing, the query is ignored. */
  query?: Record<string, { description: string; schema: z.ZodType }>
  /** The schema of the request's body. If this member is missing, the body is not read. */
  request?: z.ZodType
  /** Whether the request may have no body. */
  mayBeEmpty?: boolean
  /** Whether the body may also be a form. */
  asForm?: boolean
  /** All answers that are not errors, by their status. */
  answers: Record<number, Answer>
  /** If true, the body of the answer may have up to 16 MiB. Otherwise, it may have up to 512 KiB. */
  isLarge?: boolean
  /** The error codes of this endpoint, without the codes of the access check, of the check of the body, and of every request. */
  errors?: readonly ErrorCode[]
  /** The effect of a successful call on the caller's session. Default: no effect. */
  session?: SessionEffect
}
