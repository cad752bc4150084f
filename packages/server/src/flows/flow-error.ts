import type { ErrorCode, ProblemDetails } from '@sallyport/protocol'

/** A refusal with a stable code; one place in `http` makes the answer of it. */
export class FlowError extends Error {
  readonly code: ErrorCode
  readonly details: ProblemDetails
  readonly retryAfterSeconds: number | null
  /** Whether the cookies are confirmed dead and may be cleared. */
  readonly clearCookies: boolean
  constructor(
    code: ErrorCode,
    options: { details?: ProblemDetails; retryAfterSeconds?: number; clearCookies?: boolean } = {},
  ) {
    super(code)
    this.name = 'FlowError'
    this.code = code
    this.details = options.details ?? {}
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
    this.clearCookies = options.clearCookies ?? false
  }
}
