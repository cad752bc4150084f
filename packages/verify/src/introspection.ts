import { introspectResponseSchema } from '@sallyport/protocol'
import { AuthError } from './auth-error.ts'
import { readJsonAnswer } from './json-answer.ts'

/** Settings of {@link createIntrospection}. */
export type IntrospectionOptions = {
  url: string
  credential: string
  timeoutSeconds: number
  fetch: typeof fetch
  /** Returns milliseconds since 1970. */
  clock: () => number
}

/**
 * The time, in milliseconds, for which all requests are refused after introspection has failed. Without this pause, each request would wait
 * for a timeout.
 */
const pauseMs = 1000

/**
 * Returns a function that asks the auth server whether a token is active (RFC 7662). It is used while the revocation feed (the stream of
 * ended sessions) is silent. Only verified tokens are sent to the server. There is at most one request at a time for each token.
 *
 * If the server answers that a token is not active, either its session has ended or the token is stale. The function reports `token_stale`
 * for both. The client then refreshes, and the refresh shows whether the session has ended. `session_ended` would sign out users whose
 * session is still open.
 */
export function createIntrospection(options: IntrospectionOptions): (token: string) => Promise<void> {
  const underway = new Map<string, Promise<boolean>>()
  let failedAt = Number.NEGATIVE_INFINITY

  async function ask(token: string): Promise<boolean> {
    const response = await options.fetch(options.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: `Bearer ${options.credential}`,
      },
      body: JSON.stringify({ token }),
      redirect: 'error',
      cache: 'no-store',
      signal: AbortSignal.timeout(options.timeoutSeconds * 1000),
    })
    return introspectResponseSchema.parse(await readJsonAnswer(response)).active
  }

  return async function requireActive(token) {
    const sinceFailure = options.clock() - failedAt
    if (sinceFailure >= 0 && sinceFailure < pauseMs)
      throw new AuthError('unavailable', 'the revocation feed is silent and introspection has just failed')
    let question = underway.get(token)
    if (question === undefined) {
      question = ask(token).finally(() => underway.delete(token))
      underway.set(token, question)
    }
    let active: boolean
    try {
      active = await question
    } catch (cause) {
      failedAt = options.clock()
      throw new AuthError('unavailable', 'the revocation feed is silent and introspection failed', { cause })
    }
    if (!active) throw new AuthError('token_stale', 'introspection says that the token is not active')
  }
}
