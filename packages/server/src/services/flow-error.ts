import { type ErrorCode, errorTable, type ProblemDetails } from '@sallyport/protocol'

/** Details of a refusal. */
export type Refusal = {
  /** What the response says besides the code. */
  details?: ProblemDetails
  /** Seconds after which a retry can succeed. */
  retryAfterSeconds?: number
  /** The cookies of the request are invalid and can be cleared. */
  clearCookies?: boolean
  /** The failed check, for the log only; the caller must not learn it. Holds no token and no personal data. */
  reason?: string
  /** The session concerned, for the log. */
  sessionId?: string
}

/** A refusal with a stable code, which `http` turns into a response in one place. */
export class FlowError extends Error {
  /** The code of docs/errors.md. */
  readonly code: ErrorCode
  /** The details of the refusal. */
  readonly refusal: Refusal
  constructor(code: ErrorCode, refusal: Refusal = {}) {
    super(code)
    this.name = 'FlowError'
    this.code = code
    this.refusal = refusal
  }
}

/** Whether this error is caused by the caller, not by a defect or an outage of the server. */
export function isRefusal(error: unknown): boolean {
  return error instanceof FlowError && errorTable[error.code].status < 500
}
