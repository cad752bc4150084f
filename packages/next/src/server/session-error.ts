import type { Problem } from '@sallyport/protocol'

/** Thrown by `auth` when nobody can tell whether the person is signed in. Your `error.tsx` shows a way to try again. */
export class SessionUnavailableError extends Error {
  readonly code = 'unavailable'
  constructor() {
    super(
      'The sign-in service cannot be reached, so this page cannot tell who you are. The session is kept; try again shortly.',
    )
    this.name = 'SessionUnavailableError'
  }
}

/** Thrown by `api` for every answer that is not a success. */
export class ApiError extends Error {
  readonly status: number
  /** The problem that the API sent (RFC 9457), or null if it sent something else. */
  readonly problem: Problem | null
  constructor(status: number, problem: Problem | null) {
    super(problem?.detail ?? problem?.title ?? `The API answered ${status}.`)
    this.name = 'ApiError'
    this.status = status
    this.problem = problem
  }
}
