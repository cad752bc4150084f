import { type Problem, problem } from '@sallyport/protocol'

/** Thrown by `auth` if it cannot tell whether the user is signed in, because of an outage. Let your `error.tsx` offer to try again. */
export class SessionUnavailableError extends Error {
  /** The code of docs/errors.md. */
  readonly code = 'unavailable'
  constructor() {
    super(
      'The sign-in service cannot be reached, so this page cannot tell who you are. The session is kept; try again shortly.',
    )
    this.name = 'SessionUnavailableError'
  }
}

/** Thrown by `api` for every answer without success, and if there is no answer. */
export class ApiError extends Error {
  /** The status of the answer. 502: the API could not be reached, or its answer is unusable; 504: it did not answer in time. */
  readonly status: number
  /** The problem that the API sent (RFC 9457), or null if it sent something else. */
  readonly problem: Problem | null
  /** The body that the API sent, as parsed JSON or as text; null for an empty body, and for more than 64 KiB. */
  readonly body: unknown
  constructor(status: number, problem: Problem | null, body: unknown = problem) {
    super(problem?.detail ?? problem?.title ?? `The API answered ${status}.`)
    this.name = 'ApiError'
    this.status = status
    this.problem = problem
    this.body = body
  }
}

/**
 * Thrown by `auth.require` if a page of another origin sent the request, such as a form on a sibling subdomain. Next responds with
 * 403, as for `forbidden()`. To send a body, catch it in the handler and respond with `problem`.
 */
export class OriginRefusedError extends Error {
  /** The code of docs/errors.md. */
  readonly code = 'origin_refused'
  /** The HTTP status. */
  readonly status = 403
  /** The body of a response for it. */
  readonly problem: Problem = problem('origin_refused')
  /** The value by which Next recognizes a refusal; the same as that of `forbidden()`, which needs an experimental flag. */
  readonly digest = 'NEXT_HTTP_ERROR_FALLBACK;403'
  constructor() {
    super(
      'This request did not come from a page of this app, so nobody is signed in for it. Send it from your own pages, or with their exact Origin.',
    )
    this.name = 'OriginRefusedError'
  }
}
