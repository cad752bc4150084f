import { problem } from '@sallyport/protocol'
import { browserDetailsOf } from '../request/browser-details.ts'
import { isOwnOrigin } from '../request/origin.ts'
import type { Outcome, OwnSession } from '../session/call-as-user.ts'
import type { Runtime } from '../session/runtime.ts'
import type { Visitor } from '../session/verify-address.ts'
import type { ActionResult } from './action-result.ts'
import { currentRequest } from './current-request.ts'
import type { CurrentSession } from './current-session.ts'
import { SessionUnavailableError } from './session-error.ts'

/** Calls the auth server as the signed-in user, and sets the resulting cookies in the browser. */
export type CallAsUser = {
  /** Makes a call that changes nothing. It also works in a render. */
  ask<T>(what: (own: OwnSession) => Promise<Outcome<T>>): Promise<ActionResult<T>>
  /** Makes a call that changes something. The request must come from our own pages. */
  change<T>(what: (own: OwnSession) => Promise<Outcome<T>>): Promise<ActionResult<T>>
  /** Does the same as `change`, for calls that also work without a session. */
  changeAsVisitor<T>(what: (visitor: Visitor) => Promise<Outcome<T>>): Promise<ActionResult<T>>
}

export function createCallAsUser(
  runtime: () => Runtime,
  currentSession: () => Promise<CurrentSession>,
): CallAsUser {
  async function act<T>(
    session: Visitor['session'],
    what: (visitor: Visitor) => Promise<Outcome<T>>,
  ): Promise<ActionResult<T>> {
    const known = runtime()
    // The request is read here and not earlier, because reading the session may have set new cookies.
    const request = await currentRequest(known.config)
    const { answer, changes } = await what({
      runtime: known,
      session,
      cookieHeader: request.cookieHeader,
      browser: browserDetailsOf(request.headers, known.config),
      mayRenew: request.isWritable,
    })
    if (changes.length > 0 && request.isWritable()) request.setCookies(changes)
    return answer
  }

  async function ask<T>(what: (own: OwnSession) => Promise<Outcome<T>>): Promise<ActionResult<T>> {
    const session = await settled(currentSession)
    if (session === 'unavailable' || session === 'origin_refused')
      return { ok: false, problem: problem(session) }
    if (session === null) return { ok: false, problem: problem('token_missing') }
    return act(session, (visitor) => what({ ...visitor, session }))
  }

  async function fromOwnPage<T>(go: () => Promise<ActionResult<T>>): Promise<ActionResult<T>> {
    const { config } = runtime()
    const { headers } = await currentRequest(config)
    return isOwnOrigin(headers, config) ? go() : { ok: false, problem: problem('origin_refused') }
  }

  return {
    ask,
    change: (what) => fromOwnPage(() => ask(what)),
    changeAsVisitor: (what) =>
      fromOwnPage(async () => {
        const session = await settled(currentSession)
        return act(typeof session === 'string' ? null : session, what)
      }),
  }
}

async function settled(
  currentSession: () => Promise<CurrentSession>,
): Promise<CurrentSession['session'] | 'unavailable' | 'origin_refused'> {
  try {
    const { session, isForeign } = await currentSession()
    return isForeign ? 'origin_refused' : session
  } catch (error) {
    if (error instanceof SessionUnavailableError) return 'unavailable'
    throw error
  }
}
