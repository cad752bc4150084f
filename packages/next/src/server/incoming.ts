import { type ErrorCode, problemResponse } from '@sallyport/protocol'
import { boundedJsonText } from '../request/bounded-text.ts'
import type { BrowserDetails } from '../session/auth-server-client.ts'
import type { Outcome, OwnSession } from '../session/call-as-user.ts'
import { type ResolvedSession, resolveSession } from '../session/resolve-session.ts'
import type { Runtime } from '../session/runtime.ts'
import { type CookieChange, cookieHeaderAfter, readSessionCookies } from '../session/session-cookies.ts'
import { refusal, withCookies } from './answers.ts'

/** One request to the handlers, with the parts that were read from its headers. */
export type Incoming = {
  request: Request
  runtime: Runtime
  browser: BrowserDetails
  cookieHeader: string | null
}

/**
 * Returns the session of a request. If its access token expires soon, the tokens are renewed first. If there is no session, returns an
 * error response.
 */
export async function requireSession({
  runtime,
  browser,
  cookieHeader,
}: Incoming): Promise<Extract<ResolvedSession, { kind: 'signedIn' }> | Response> {
  const session = await resolveSession(runtime, cookieHeader, browser, () => true)
  if (session.kind === 'signedIn') return session
  if (session.kind === 'unavailable') return unavailable(session.changes, runtime)
  return withCookies(problemResponse(codeFor(cookieHeader, runtime)), changesOf(session), runtime)
}

/** Calls `answer` with the text of the body. If the body is refused, returns an error response instead. */
export async function withBody(
  { request }: Incoming,
  answer: (json: string) => Promise<Response>,
): Promise<Response> {
  const body = await boundedJsonText(request)
  return 'refused' in body ? problemResponse(body.refused) : answer(body.text)
}

/** Makes a call as the signed-in user, and returns the response with the cookies that result from the call. */
export async function answerAsUser<T>(
  incoming: Incoming,
  what: (own: OwnSession) => Promise<Outcome<T>>,
  answered: (answer: T) => Response,
): Promise<Response> {
  const { runtime, browser } = incoming
  const session = await requireSession(incoming)
  if (session instanceof Response) return session
  const cookieHeader = cookieHeaderAfter(incoming.cookieHeader, session.changes)
  const { answer, changes } = await what({ runtime, session, cookieHeader, browser, mayRenew: () => true })
  return withCookies(
    answer.ok ? answered(answer) : refusal(answer),
    changes.length > 0 ? changes : session.changes,
    runtime,
  )
}

/** Returns the response for a session that cannot be verified because of an outage. */
export function unavailable(changes: readonly CookieChange[], runtime: Runtime): Response {
  return withCookies(problemResponse('unavailable', {}, { 'retry-after': '2' }), changes, runtime)
}

export function changesOf(session: ResolvedSession): CookieChange[] {
  return session.kind === 'expired' ? [] : session.changes
}

function codeFor(cookieHeader: string | null, { config }: Runtime): ErrorCode {
  const { kind } = readSessionCookies(cookieHeader, config)
  return kind === 'conflict' ? 'credential_conflict' : kind === 'none' ? 'token_missing' : 'session_ended'
}
