import { type Problem, problem } from '@sallyport/protocol'

/**
 * `auth` throws this error if an outage prevents it from checking whether the user is signed in. Offer to try again in your `error.tsx`.
 */
export class SessionUnavailableError extends Error {
  /** The error code (docs/errors.md). */
  readonly code = 'unavailable'
  constructor() {
    super(
      'The sign-in service cannot be reached, so this page cannot check whether you are signed in. Your session was not ended. Try again in a moment.',
    )
    this.name = 'SessionUnavailableError'
  }
}

/** `auth.providerToken` throws this error if it cannot find out whether there is a token. */
export class ProviderTokenError extends Error {
  /** The error code (docs/errors.md): `unavailable`, `provider_failed`, `too_many_requests`, or `not_found` for an unknown provider. */
  readonly code: Problem['code']
  constructor({ code, detail, title }: Problem) {
    super(code === 'not_found' ? 'The auth server has no provider with this name.' : (detail ?? title))
    this.name = 'ProviderTokenError'
    this.code = code
  }
}

/** `api` throws this error if the answer is not a success (2xx), or if there is no answer. */
export class ApiError extends Error {
  /**
   * The status of the answer. 502 can also mean that the API could not be reached or that its answer cannot be used. 504 can also mean that
   * the API did not answer in time.
   */
  readonly status: number
  /** The problem that the API sent (RFC 9457), or null if it sent something else. */
  readonly problem: Problem | null
  /** The body that the API sent, as parsed JSON or as text. Null if the body is empty or longer than 64 KiB. */
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
 * `auth.require` throws this error if a page of another origin sent the request, such as a form on another subdomain of the same site. Next
 * responds with 403, as for `forbidden()`. If the response should have a body, catch the error in the handler and respond with `problem`.
 */
export class OriginRefusedError extends Error {
  /** The error code (docs/errors.md). */
  readonly code = 'origin_refused'
  /** The HTTP status. */
  readonly status = 403
  /** The body for a response to this request. */
  readonly problem: Problem = problem('origin_refused')
  /** Next recognizes a refusal by this value. `forbidden()` uses the same value, but needs an experimental flag. */
  readonly digest = 'NEXT_HTTP_ERROR_FALLBACK;403'
  constructor() {
    super(
      'A page of another origin sent this request, so it is handled without a session. Send it from a page of this app, or set the header Origin to the origin of the app.',
    )
    this.name = 'OriginRefusedError'
  }
}
