import { headers } from 'next/headers.js'
import { connection } from 'next/server.js'
import { cache } from 'react'
import { browserDetailsOf } from '../request/browser-details.ts'
import { isForeign } from '../request/origin.ts'
import { sessionStateHeader } from '../request/session-state.ts'
import { type ResolvedSession, resolveSession } from '../session/resolve-session.ts'
import type { Runtime } from '../session/runtime.ts'
import { type CurrentRequest, currentRequest } from './current-request.ts'
import { SessionUnavailableError } from './session-error.ts'

/** The session of the current request; `null` if nobody is signed in. */
export type CurrentSession = {
  request: CurrentRequest
  session: Extract<ResolvedSession, { kind: 'signedIn' }> | null
  /** A page of another origin sent the request, which therefore has no session, whatever its cookies. */
  isForeign: boolean
}

/**
 * Reads the session once per render (React `cache`); in actions and route handlers, where React keeps nothing, each time.
 *
 * @throws SessionUnavailableError if the session cannot be verified, because of an outage.
 */
export function createCurrentSession(runtime: () => Runtime): () => Promise<CurrentSession> {
  return cache(async () => {
    // First, because it tells Next during the build that the page depends on the request. The settings may be missing there.
    await headers()
    // This tells Next that the result also depends on the time: in a prefetch Next has the cookies, but refuses to read the clock.
    await connection()
    const known = runtime()
    const request = await currentRequest(known.config)
    // `SameSite` cookies are also sent with requests from a sibling subdomain.
    if (isForeign(request.headers, known.config)) return { request, session: null, isForeign: true }
    const session = await resolveSession(
      known,
      request.cookieHeader,
      browserDetailsOf(request.headers, known.config),
      request.isWritable,
    )
    if ('changes' in session && session.changes.length > 0 && request.isWritable())
      request.setCookies(session.changes)
    if (session.kind === 'unavailable') throw new SessionUnavailableError()
    if (session.kind === 'expired' && request.headers.get(sessionStateHeader) === 'unavailable')
      throw new SessionUnavailableError()
    return { request, session: session.kind === 'signedIn' ? session : null, isForeign: false }
  })
}
