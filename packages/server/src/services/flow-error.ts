import { type ErrorCode, errorTable, type ProblemDetails } from '@sallyport/protocol'

/** Details of a refused request. */
export type Refusal = {
  /** Members of the response in addition to its code. */
  details?: ProblemDetails
  /** The client can try the request again after this many seconds. */
  retryAfterSeconds?: number
  /** True if the cookies of the request are invalid and the response may clear them. */
  clearCookies?: boolean
  /** The check that failed. The reason is only logged, because the caller must not learn it. It contains no token and no personal data. */
  reason?: string
  /** The session of the request, for the log. */
  sessionId?: string
}

/** An error with a stable code. The folder `http` converts it to a response in one place. */
export class FlowError extends Error {
  /** One of the codes in docs/errors.md. */
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

/** Returns whether the caller has caused this error. If not, the cause is a defect or an outage of the server. */
export function isRefusal(error: unknown): boolean {
  return error instanceof FlowError && errorTable[error.code].status < 500
}
