import { type NextFetchEvent, type NextRequest, NextResponse } from 'next/server.js'
import { pagePathHeader } from '../request/page-path.ts'
import { sessionStateHeader } from '../request/session-state.ts'
import type { ChangedRequest } from './changed-request.ts'

/** A proxy that runs after ours, such as the one of next-intl. If it returns nothing, the request continues to the page. */
export type OtherProxy = (
  request: NextRequest,
  event: NextFetchEvent,
) => Response | null | undefined | Promise<Response | null | undefined>

const overridden = 'x-middleware-override-headers'
const ofRequest = 'x-middleware-request-'

/**
 * Lets a request through. If there is another proxy, that proxy runs now, and its rewrites, redirects, headers and cookies are kept.
 *
 * @param changedRequest null if the request is unchanged.
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
  // The response is copied, because the headers of a `Response.redirect` cannot be changed.
  const response = new Response(answer.body, answer)
  if (changedRequest !== null && goesOn(response)) carryOver(response.headers, ours.headers)
  return response
}

export function isRedirect({ status, headers }: Response): boolean {
  return status >= 300 && status < 400 && headers.has('location')
}

/**
 * Returns the path to which a proxy's response rewrites the request. Returns null if there is no rewrite, or if it goes to another origin.
 */
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

/** Changes the request object itself, so that the other proxy sees the current session. */
function replaceHeaders(request: NextRequest, { headers, changes }: ChangedRequest): void {
  // `request.cookies` was parsed when the request was created. A change of the header does not change these cookies, so they are changed
  // separately.
  for (const { name, value } of changes)
    if (value === '') request.cookies.delete(name)
    else request.cookies.set(name, value)
  for (const name of [...request.headers.keys()]) if (!headers.has(name)) request.headers.delete(name)
  for (const [name, value] of headers) request.headers.set(name, value)
}

/** Adds our changes of the request to the changes that the other proxy has made. */
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
