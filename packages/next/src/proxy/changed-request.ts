import { type NextRequest, NextResponse } from 'next/server.js'
import type { LoginPath } from '../paths/login-address.ts'
import { pagePathHeader } from '../request/page-path.ts'
import { sessionStateHeader } from '../request/session-state.ts'
import type { ResolvedSession } from '../session/resolve-session.ts'
import { type CookieChange, cookieHeaderAfter } from '../session/session-cookies.ts'

/** A request as the page will get it: its complete headers, and the cookies that the response must set. */
export type ChangedRequest = { headers: Headers; changes: readonly CookieChange[] }

/**
 * Returns the request with the cookies that the response will set, so that the render sees the renewed session. Returns null if nothing
 * changes.
 */
export function changedRequest(
  { headers, nextUrl }: NextRequest,
  session: ResolvedSession,
  loginPath: LoginPath,
): ChangedRequest | null {
  const changes = changesOf(session)
  const claimed = headers.has(sessionStateHeader) || headers.has(pagePathHeader)
  const tellsPath = typeof loginPath === 'function'
  if (changes.length === 0 && session.kind !== 'unavailable' && !claimed && !tellsPath) return null
  const changed = new Headers(headers)
  if (changes.length > 0) changed.set('cookie', cookieHeaderAfter(headers.get('cookie'), changes))
  changed.delete(sessionStateHeader)
  changed.delete(pagePathHeader)
  if (tellsPath) changed.set(pagePathHeader, nextUrl.pathname)
  if (session.kind === 'unavailable') changed.set(sessionStateHeader, 'unavailable')
  return { headers: changed, changes }
}

export function changesOf(session: ResolvedSession): readonly CookieChange[] {
  return session.kind === 'expired' ? [] : session.changes
}

/** Removes all cookies from a request, so that it has no session. Another site may have caused the browser to send this request. */
export function withoutCookies(headers: Headers): Response {
  const changed = new Headers(headers)
  for (const name of ['cookie', sessionStateHeader, pagePathHeader]) changed.delete(name)
  return NextResponse.next({ request: { headers: changed } })
}
