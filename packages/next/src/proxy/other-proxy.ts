import { type NextFetchEvent, type NextRequest, NextResponse } from 'next/server.js'
import { pagePathHeader } from '../request/page-path.ts'
import { sessionStateHeader } from '../request/session-state.ts'
import type { ChangedRequest } from './changed-request.ts'

/** A proxy that runs behind ours, such as the one of next-intl. Nothing, or what it does not return, lets the request through. */
export type OtherProxy = (
  request: NextRequest,
  event: NextFetchEvent,
) => Response | null | undefined | Promise<Response | null | undefined>

const overridden = 'x-middleware-override-headers'
const ofRequest = 'x-middleware-request-'

/**
 * Lets a request through: by the other proxy, if there is one, whose rewrites, redirects, headers and cookies stay as they are.
 *
 * @param changedRequest null where the request is as it came.
 */
export async function passOn(
  request: NextRequest,
  changedRequest: ChangedRequest | null,
  other: (() => ReturnType<OtherProxy>) | undefined,
): Promise<Response> {
  const ours =
    changedRequest === null
      ? NextResponse.next()
      : NextResponse.next({ request: { headers: changedRequest.headers } })
  if (other === undefined) return ours
  if (changedRequest !== null) replaceHeaders(request, changedRequest)
  const answer = await other()
  if (!answer) return ours
  // What `Response.redirect` has made cannot be written to.
  const response = new Response(answer.body, answer)
  if (changedRequest !== null && goesOn(response)) carryOver(response.headers, ours.headers)
  return response
}

export function isRedirect({ status, headers }: Response): boolean {
  return status >= 300 && status < 400 && headers.has('location')
}

/** The path that a proxy's answer leads to without the browser's knowledge; null where it leads nowhere else on this origin. */
export function rewrittenPath(response: Response, { nextUrl }: NextRequest): string | null {
  const target = response.headers.get('x-middleware-rewrite')
  if (target === null || !URL.canParse(target, nextUrl.origin)) return null
  const url = new URL(target, nextUrl.origin)
  if (url.origin !== nextUrl.origin) return null
  const { basePath } = nextUrl
  const { pathname } = url
  if (pathname === basePath) return '/'
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : pathname
}

function goesOn({ headers }: Response): boolean {
  return headers.has('x-middleware-next') || headers.has('x-middleware-rewrite')
}

/** In place, so that whatever reads the request after us sees the session as it is now. */
function replaceHeaders(request: NextRequest, { headers, changes }: ChangedRequest): void {
  // Parsed when the request was made, and not again.
  for (const { name, value } of changes)
    if (value === '') request.cookies.delete(name)
    else request.cookies.set(name, value)
  for (const name of [...request.headers.keys()]) if (!headers.has(name)) request.headers.delete(name)
  for (const [name, value] of headers) request.headers.set(name, value)
}

/** Adds what we have changed of the request to what the other proxy has changed of it. */
function carryOver(to: Headers, from: Headers): void {
  const theirs = to.get(overridden)
  if (theirs === null) {
    for (const [name, value] of from)
      if (name === overridden || name.startsWith(ofRequest)) to.set(name, value)
    return
  }
  const names = new Set(theirs.split(',').map((name) => name.trim()))
  for (const name of ['cookie', sessionStateHeader, pagePathHeader]) {
    const value = from.get(ofRequest + name)
    if (value === null) {
      names.delete(name)
      to.delete(ofRequest + name)
    } else {
      names.add(name)
      to.set(ofRequest + name, value)
    }
  }
  to.set(overridden, [...names].join(','))
}
