import { z } from 'zod'
import { challengeFor, type ErrorCode, errorTable } from './errors.ts'

/** A refused field of a form, with a message for the user. */
const fieldErrorSchema = z.object({
  /** Dotted path of the field, such as `email`; empty for the body as a whole. */
  field: z.string(),
  message: z.string(),
})
/** A refused field, with a message for the user. */
export type FieldError = z.infer<typeof fieldErrorSchema>

/** An error on the wire: `application/problem+json` (RFC 9457) with a stable `code`. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  requestId: z.string().optional(),
  errors: z.array(fieldErrorSchema).optional(),
})
/** An error response (RFC 9457). Branch on `code`, which is stable; docs/errors.md lists all. */
export type Problem = z.infer<typeof problemSchema>

/** The members of a problem that do not follow from its code. */
export type ProblemDetails = {
  /** A public sentence that says what is wrong and how to fix it. */
  detail?: string
  /** The id of the request, as in the log. */
  requestId?: string
  /** The fields that were refused, for `invalid_request` and `sign_up_refused`. */
  errors?: FieldError[]
}

/** The media type of a {@link Problem}. */
export const problemMediaType = 'application/problem+json'

/** Returns the body of an error response from the error table. */
export function problem(code: ErrorCode, details: ProblemDetails = {}): Problem {
  const { status, title } = errorTable[code]
  return { type: `urn:sallyport:error:${code}`, title, status, code, ...details }
}

/**
 * Returns an error response: status, media type, `Cache-Control: no-store`, and for a 401 about a token
 * the `WWW-Authenticate` header of RFC 6750 section 3.
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
  const challenge = challengeFor(code)
  if (challenge !== null) all.set('www-authenticate', challenge)
  return new Response(JSON.stringify(body), { status: body.status, headers: all })
}
