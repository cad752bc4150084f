import { type ErrorCode, errorTable, type ProblemDetails } from '@sallyport/protocol'

/** What goes with a refusal. */
export type Refusal = {
  /** What the caller is told beyond the code. */
  details?: ProblemDetails
  /** Seconds after which trying again can help. */
  retryAfterSeconds?: number
  /** The cookies that came along are confirmed dead, and may be cleared. */
  clearCookies?: boolean
  /** Why, for the log only: which check failed is nothing that a caller should learn. Holds no token and no person. */
  reason?: string
  /** The session that this is about, for the log. */
  sessionId?: string
}

/** A refusal with a stable code; one place in `http` makes the answer of it. */
export class FlowError extends Error {
  /** The code of docs/errors.md. */
  readonly code: ErrorCode
  /** What goes with it. */
  readonly refusal: Refusal
  constructor(code: ErrorCode, refusal: Refusal = {}) {
    super(code)
    this.name = 'FlowError'
    this.code = code
    this.refusal = refusal
  }
}

/** Whether this is the caller's business, and no fault or outage of ours. */
export function isRefusal(error: unknown): boolean {
  return error instanceof FlowError && errorTable[error.code].status < 500
}
