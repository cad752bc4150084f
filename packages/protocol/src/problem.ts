import { z } from 'zod'
import { challengeFor, type ErrorCode, errorTable } from './errors.ts'

/** A field of a form that was refused, with a message for the user. */
const fieldErrorSchema = z.object({
  /** The path of the field, with dots, such as `email`. If the whole body is wrong, the path is empty. */
  field: z.string(),
  message: z.string(),
})
/** A field that was refused, with a message for the user. */
export type FieldError = z.infer<typeof fieldErrorSchema>

/** The body of an error response: `application/problem+json` (RFC 9457) with a `code`, which does not change between versions. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  requestId: z.string().optional(),
  errors: z.array(fieldErrorSchema).optional(),
  acr: z.string().optional(),
  maxAgeSeconds: z.number().int().positive().optional(),
})
/**
 * The body of an error response (RFC 9457). Use `code` to distinguish errors, because it does not change between versions. docs/errors.md
 * lists all codes.
 */
export type Problem = z.infer<typeof problemSchema>

/** The members of a problem that do not come from the error table. */
export type ProblemDetails = {
  /** A public message that says what is wrong and how to fix it. */
  detail?: string
  /** The id of the request, which is also in the log. */
  requestId?: string
  /** The fields that were refused, for `invalid_request` and `sign_up_refused`. */
  errors?: FieldError[]
  /** The required level of authentication, for `insufficient_user_authentication`. */
  acr?: string
  /** How long ago the user may have authenticated, in seconds, for `insufficient_user_authentication`. */
  maxAgeSeconds?: number
}

/** The media type of a {@link Problem}. */
export const problemMediaType = 'application/problem+json'

/** Returns the body of an error response from the error table. */
export function problem(code: ErrorCode, details: ProblemDetails = {}): Problem {
  const { status, title } = errorTable[code]
  return { type: `urn:sallyport:error:${code}`, title, status, code, ...details }
}

/**
 * Returns an error response with its status, media type and `Cache-Control: no-store`. A 401 about a token also has the `WWW-Authenticate`
 * header of RFC 6750 section 3.
 */
export function problemResponse(
  code: ErrorCode,
  details: ProblemDetails = {},
  headers: HeadersInit = {},
): Response {
  const body = problem(code, details)
  const all = new Headers(headers)
  all.set('content-type', problemMediaType)
  all.set('cache-control', 'private, no-store')
  const challenge = challengeFor(code, details)
  if (challenge !== null) all.set('www-authenticate', challenge)
  return new Response(JSON.stringify(body), { status: body.status, headers: all })
}
