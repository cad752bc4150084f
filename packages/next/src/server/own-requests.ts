import { problem, type User } from '@sallyport/protocol'
import { browserDetailsOf } from '../request/browser-details.ts'
import { isOwnOrigin } from '../request/origin.ts'
import type { BeginningEndpoint, Begun, Pending, Refused } from '../session/auth-server-answer.ts'
import type { BrowserDetails } from '../session/auth-server-client.ts'
import { beginSession } from '../session/begin-session.ts'
import type { Runtime } from '../session/runtime.ts'
import { type CurrentRequest, currentRequest } from './current-request.ts'

/**
 * How far a sign-in is. If `user` is null, nobody is signed in yet: redirect to the page for the second factor. `secondFactor` is
 * `required` if the user must prove the second factor, and `setup_required` if the user must set up one first.
 */
export type SignInStep =
  | { user: User; secondFactor: null }
  | { user: null; secondFactor: 'required' | 'setup_required' }

/** Requests of actions that come from our own pages. */
export type OwnRequests = {
  /** Returns the current request. Returns null if its origin is refused. */
  ownRequest(): Promise<(Runtime & { request: CurrentRequest; browser: BrowserDetails }) | null>
  /** Calls an endpoint that begins a session, and sets the cookies. */
  begin<Name extends BeginningEndpoint>(name: Name, body: object): Promise<Begun<Name> | Refused>
}

export function createOwnRequests(runtime: () => Runtime): OwnRequests {
  async function ownRequest() {
    const known = runtime()
    const request = await currentRequest(known.config)
    if (!isOwnOrigin(request.headers, known.config)) return null
    return { ...known, request, browser: browserDetailsOf(request.headers, known.config) }
  }

  return {
    ownRequest,
    async begin(name, body) {
      const known = await ownRequest()
      if (known === null) return { ok: false, problem: problem('origin_refused') }
      const { request, browser } = known
      const json = JSON.stringify(body)
      const { cookieHeader } = request
      const { answer, changes } = await beginSession(known, name, { json }, { cookieHeader, browser })
      if (changes.length > 0) request.setCookies(changes)
      return answer
    },
  }
}

/** Returns the step of a sign-in, without the tokens and the handle, which are in cookies. */
export function stepOf(begun: { user: User } | Pick<Pending, 'user' | 'pending'>): SignInStep {
  if (begun.user !== null) return { user: begun.user, secondFactor: null }
  const isSetup = begun.pending.status === 'second_factor_setup_required'
  return { user: null, secondFactor: isSetup ? 'setup_required' : 'required' }
}
