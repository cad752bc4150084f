import { type Problem, problem } from '@sallyport/protocol'

/** Thrown by `auth` when nobody can tell whether the person is signed in. Your `error.tsx` shows a way to try again. */
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

/** Thrown by `api` for every answer that is not a success, and for none. */
export class ApiError extends Error {
  /** The status of the answer. 502: the API could not be reached, or what came is not usable; 504: it did not answer in time. */
  readonly status: number
  /** The problem that the API sent (RFC 9457), or null if it sent something else. */
  readonly problem: Problem | null
  /** What the API sent, as parsed JSON or as text; null for nothing, and for more than 64 KiB. */
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
 * Thrown by `auth.require` when a page of another origin sent the request, such as a form on a sibling subdomain. Next answers it with
 * 403, as it does for `forbidden()`; a handler that wants a body catches it and answers with `problem`.
 */
export class OriginRefusedError extends Error {
  /** The code of docs/errors.md. */
  readonly code = 'origin_refused'
  /** The HTTP status. */
  readonly status = 403
  /** The body of a response for it. */
  readonly problem: Problem = problem('origin_refused')
  /** By which Next tells a refusal from a fault; the same as of `forbidden()`, which needs an experimental flag. */
  readonly digest = 'NEXT_HTTP_ERROR_FALLBACK;403'
  constructor() {
    super(
      'This request did not come from a page of this app, so nobody is signed in for it. Send it from your own pages, or with their exact Origin.',
    )
    this.name = 'OriginRefusedError'
  }
}
