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

/** The session of the current request. `session` is null if nobody is signed in. */
export type CurrentSession = {
  request: CurrentRequest
  session: Extract<ResolvedSession, { kind: 'signedIn' }> | null
  /** Whether a page of another origin sent the request. Then `session` is null, even if the request has cookies of a session. */
  isForeign: boolean
}

/**
 * Returns a function that reads the session once per render (React `cache`). In actions and route handlers React does not cache, so each
 * call reads the session again.
 *
 * @throws SessionUnavailableError if the session cannot be verified, because of an outage.
 */
export function createCurrentSession(runtime: () => Runtime): () => Promise<CurrentSession> {
  return cache(async () => {
    // This call is first, because it tells Next during the build that the page depends on the request. Next then stops rendering the page.
    // The code below needs the settings, which may be missing during the build.
    await headers()
    // This call tells Next that the result also depends on the time. In a prefetch, Next gives the cookies but does not allow reading the
    // clock.
    await connection()
    const known = runtime()
    const request = await currentRequest(known.config)
    // Browsers also send `SameSite` cookies with requests from another subdomain of the same site, so the origin is checked here.
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
