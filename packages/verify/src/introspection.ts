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

/** Milliseconds for which all requests are refused after a failure, instead of each waiting for its own time-out. */
const pauseMs = 1000

/**
 * Asks the auth server whether a token is active (RFC 7662), while the revocation feed is silent. The token has been verified before, so
 * only genuine tokens are sent. One request at a time for each token.
 *
 * "Not active" can mean an ended session or a stale token. It is reported as `token_stale`, so that the client refreshes and learns which:
 * `session_ended` would sign out users whose session is still open.
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
