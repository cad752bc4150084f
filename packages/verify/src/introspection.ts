import { introspectResponseSchema } from '@sallyport/protocol'
import { AuthError } from './auth-error.ts'
import { readJsonAnswer } from './json-answer.ts'

/** Settings of {@link createIntrospection}. */
export type IntrospectionOptions = {
  url: string
  credential: string
  timeoutSeconds: number
  fetch: typeof fetch
  /** Milliseconds. */
  clock: () => number
}

/** After a failure everybody is refused for this long, instead of everybody waiting for a time-out of their own. */
const pauseMs = 1000

/**
 * Asks the auth server whether a token is live (RFC 7662), for the time when the revocation feed is silent. The token has
 * been verified before; so only genuine tokens are ever sent. One question at a time per token.
 *
 * An answer of "not active" does not tell an ended session from an outdated token. It is therefore `token_stale`, which
 * makes a client refresh, and the refresh tells: claiming the session's end would sign an honest user out.
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
