import { challengeFor, type ErrorCode, errorTable, problem, problemMediaType } from '@sallyport/protocol'

/** An error response as plain data, for frameworks that do not use `Response`. */
export type ErrorAnswer = {
  status: number
  headers: Record<string, string>
  /** The values of `Set-Cookie` headers that clear duplicate cookies. */
  cookies: readonly string[]
  body: string
}

const brand = Symbol.for('@sallyport/verify/AuthError')

/**
 * A refused request. The only error that `verify` and `authenticate` throw because of the caller's input.
 *
 * `message` is the public message of the error table. `reason` is only for your logs: it says which check failed, which the caller must
 * not learn. Neither holds a token, a key or a name.
 *
 * A 401 is about the credential: after `token_expired` and `token_stale`, refresh; after `session_ended`, sign in again; for the others,
 * a retry cannot succeed. A 503 (`unavailable`) is an outage: nothing was decided, so try again shortly.
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
  /** The stable code, from the error table of `@sallyport/protocol`. */
  readonly code: ErrorCode
  /** The HTTP status of the code. */
  readonly status: number
  /** Which check failed, for logs. Never send it to the caller. */
  readonly reason: string

  /** The values of `Set-Cookie` headers for the response. */
  readonly cookies: readonly string[]

  readonly [brand] = true

  constructor(
    code: ErrorCode,
    reason: string,
    { cookies = [], ...options }: ErrorOptions & { cookies?: readonly string[] } = {},
  ) {
    super(errorTable[code].title, options)
    this.cookies = cookies
    this.code = code
    this.status = errorTable[code].status
    this.reason = reason
  }

  /**
   * Bundlers put this module into several bundles of one process (Next: proxy, pages, handlers), which share one verifier. So
   * `instanceof` must also accept errors of the other copies.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value
  }

  /** Returns the complete response: problem+json, not cacheable, with the challenge of RFC 6750 section 3. */
  toAnswer(requestId?: string): ErrorAnswer {
    const challenge = challengeFor(this.code)
    return {
      status: this.status,
      headers: {
        'content-type': problemMediaType,
        'cache-control': 'private, no-store',
        ...(challenge !== null && { 'www-authenticate': challenge }),
        ...(this.status === 503 && { 'retry-after': '1' }),
      },
      cookies: this.cookies,
      body: JSON.stringify(problem(this.code, requestId === undefined ? {} : { requestId })),
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

/** @throws AuthError `token_invalid`, with the check that failed for the log. */
export function refuseToken(reason: string): never {
  throw new AuthError('token_invalid', reason)
}
