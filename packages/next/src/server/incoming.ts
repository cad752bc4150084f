import { type ErrorCode, problemResponse } from '@sallyport/protocol'
import type { Caller } from '../session/issuer.ts'
import { type ResolvedSession, resolveSession } from '../session/resolve-session.ts'
import type { Runtime } from '../session/runtime.ts'
import { type CookieChange, readSessionCookies } from '../session/session-cookies.ts'
import { withCookies } from './answers.ts'

/** One request to the handlers, with what has been read of it. */
export type Incoming = { request: Request; runtime: Runtime; caller: Caller; cookieHeader: string | null }

/** The session of a request that needs one, renewed if that is due; or the answer for whoever has none. */
export async function requireSession({
  runtime,
  caller,
  cookieHeader,
}: Incoming): Promise<Extract<ResolvedSession, { kind: 'signedIn' }> | Response> {
  const session = await resolveSession(runtime, cookieHeader, caller, () => true)
  if (session.kind === 'signedIn') return session
  if (session.kind === 'unavailable') return unavailable(session.changes, runtime)
  return withCookies(problemResponse(codeFor(cookieHeader, runtime)), changesOf(session), runtime)
}

/** Nobody can tell right now who is asking. */
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
