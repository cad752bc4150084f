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

/** The session of the request being served, settled: `null` for nobody. */
export type CurrentSession = {
  request: CurrentRequest
  session: Extract<ResolvedSession, { kind: 'signedIn' }> | null
  /** A page of another origin sent the request: it gets no session, whatever cookies came along. */
  isForeign: boolean
}

/**
 * Reads the session once per render (React `cache`); in actions and route handlers, where React keeps nothing, each time.
 *
 * @throws SessionUnavailableError when nobody can tell.
 */
export function createCurrentSession(runtime: () => Runtime): () => Promise<CurrentSession> {
  return cache(async () => {
    // First of all: this tells Next, while it builds, that the page is a request's own; the settings may be missing there.
    await headers()
    // And this, that the answer depends on the moment too: Next prefetches with the request's cookies, and refuses a clock there.
    await connection()
    const known = runtime()
    const request = await currentRequest(known.config)
    // `SameSite` sends the cookies along with whatever a sibling subdomain asks for.
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
