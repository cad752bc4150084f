import {
  challengeFor,
  type ErrorCode,
  errorTable,
  type ProblemDetails,
  problem,
  problemMediaType,
} from '@sallyport/protocol'

/** An error response as plain data, for frameworks that do not use `Response`. */
export type ErrorAnswer = {
  status: number
  headers: Record<string, string>
  /** The values of `Set-Cookie` headers that clear duplicate cookies. */
  cookies: readonly string[]
  body: string
}

type AuthErrorOptions = ErrorOptions & {
  cookies?: readonly string[]
  details?: Pick<ProblemDetails, 'acr' | 'maxAgeSeconds'>
}

const brand = Symbol.for('@sallyport/verify/AuthError')

/**
 * The error for a refused request. If the caller's input is wrong, `verify` and `authenticate` throw only this error.
 *
 * `message` is the public message of the error table. `reason` says which check failed. It is only for your logs, so do not send it to the
 * caller. Neither `message` nor `reason` contains a token, a key or the value of a claim.
 *
 * 401 means that the credential was refused. After `token_expired` or `token_stale`, the client must refresh. After `session_ended`, the
 * user must sign in again. After `insufficient_user_authentication`, the user must authenticate again (docs/step-up.md). After any other
 * code with 401, a retry with the same token cannot succeed. 503 (`unavailable`) means that the token could not be checked because of an
 * outage. Then the client should try again after a short time.
 *
 * @example
 * try {
 *   await verifier.verify(token)
 * } catch (error) {
 *   if (error instanceof AuthError) return error.toResponse()
 *   throw error
 * }
 */
export class AuthError extends Error {
  /** Always `AuthError`. */
  override readonly name = 'AuthError'
  /** The error code, from the error table of `@sallyport/protocol`. It does not change between versions. */
  readonly code: ErrorCode
  /** The HTTP status of the code. */
  readonly status: number
  /** Says which check failed. It is for logs: never send it to the caller. */
  readonly reason: string

  /** The values of `Set-Cookie` headers for the response. */
  readonly cookies: readonly string[]
  /** The required authentication, for `insufficient_user_authentication`. It is part of the response. */
  readonly details: Pick<ProblemDetails, 'acr' | 'maxAgeSeconds'>

  readonly [brand] = true

  constructor(
    code: ErrorCode,
    reason: string,
    { cookies = [], details = {}, ...options }: AuthErrorOptions = {},
  ) {
    super(errorTable[code].title, options)
    this.cookies = cookies
    this.details = details
    this.code = code
    this.status = errorTable[code].status
    this.reason = reason
  }

  /**
   * Bundlers put copies of this module into several bundles of one process (in Next: proxy, pages, handlers). The bundles share one
   * verifier. So `instanceof` must also accept errors of the other copies.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value
  }

  /**
   * Returns the complete response as plain data. It is problem+json and cannot be cached. If the code has a challenge (RFC 6750 section 3),
   * the response has the header `WWW-Authenticate`.
   */
  toAnswer(requestId?: string): ErrorAnswer {
    const challenge = challengeFor(this.code, this.details)
    return {
      status: this.status,
      headers: {
        'content-type': problemMediaType,
        'cache-control': 'private, no-store',
        ...(challenge !== null && { 'www-authenticate': challenge }),
        ...(this.status === 503 && { 'retry-after': '1' }),
      },
      cookies: this.cookies,
      body: JSON.stringify(
        problem(this.code, { ...this.details, ...(requestId !== undefined && { requestId }) }),
      ),
    }
  }

  /** Returns {@link AuthError.toAnswer} as a web-standard `Response`. */
  toResponse(requestId?: string): Response {
    const { status, headers, cookies, body } = this.toAnswer(requestId)
    const response = new Response(body, { status, headers })
    for (const cookie of cookies) response.headers.append('set-cookie', cookie)
    return response
  }
}

/** @throws AuthError `token_invalid`. `reason` says which check failed, for the log. */
export function refuseToken(reason: string): never {
  throw new AuthError('token_invalid', reason)
}
