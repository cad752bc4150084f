import { type ErrorCode, paths, problemResponse } from '@sallyport/protocol'
import { apiAddress, isPassedOn } from '../request/api-address.ts'
import { boundedJsonText } from '../request/bounded-text.ts'
import { callerOf } from '../request/caller.ts'
import { isOwnOrigin, isSafeMethod } from '../request/origin.ts'
import { passOn } from '../request/pass-on.ts'
import type { Caller, Refused, SignedIn } from '../session/issuer.ts'
import { type ResolvedSession, renewSession, resolveSession } from '../session/resolve-session.ts'
import type { Runtime } from '../session/runtime.ts'
import {
  appendCookies,
  type CookieChange,
  clearedCookies,
  cookiesFor,
  readSessionCookies,
} from '../session/session-cookies.ts'

type Handler = (request: Request) => Promise<Response>
/** For `app/api/[...path]/route.ts`. */
export type Handlers = Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', Handler>

type Incoming = { request: Request; runtime: Runtime; caller: Caller; cookieHeader: string | null }

const ownRoutes: Record<string, Partial<Record<string, (incoming: Incoming) => Promise<Response>>>> = {
  [paths.session]: { GET: currentPrincipal },
  [paths.login]: {
    POST: (incoming) => signIn(incoming, (text) => incoming.runtime.issuer.login(text, incoming.caller)),
  },
  [paths.register]: {
    POST: (incoming) => signIn(incoming, (text) => incoming.runtime.issuer.register(text, incoming.caller)),
  },
  [paths.refresh]: { POST: refresh },
  [paths.logout]: { POST: signOut },
  [paths.profile]: {
    GET: (incoming) => passToBackend(incoming, new URL(paths.profile, incoming.runtime.config.serverUrl)),
    PATCH: (incoming) => passToBackend(incoming, new URL(paths.profile, incoming.runtime.config.serverUrl)),
  },
}

/**
 * Answers everything under `/api`: the session's own routes here, the configured paths by your API. No answer ever holds a token.
 */
export function createHandlers(runtime: () => Runtime): Handlers {
  const handle: Handler = async (request) => {
    const known = runtime()
    const { pathname, search } = new URL(request.url)
    if (!isSafeMethod(request.method) && !isOwnOrigin(request.headers, known.config))
      return problemResponse('origin_refused')
    const incoming = {
      request,
      runtime: known,
      caller: callerOf(request.headers, known.config),
      cookieHeader: request.headers.get('cookie'),
    }

    const own = Object.hasOwn(ownRoutes, pathname) ? ownRoutes[pathname] : undefined
    if (own) {
      const route = own[request.method]
      return route
        ? route(incoming)
        : problemResponse('method_not_allowed', {}, { allow: Object.keys(own).join(', ') })
    }
    const path = pathname.startsWith('/api/') ? pathname.slice('/api'.length) : ''
    if (known.config.apiUrl === null || !isPassedOn(known.config, path)) return problemResponse('not_found')
    const target = apiAddress(known.config, path)
    target.search = search
    return passToBackend(incoming, target)
  }
  return { GET: handle, HEAD: handle, POST: handle, PUT: handle, PATCH: handle, DELETE: handle }
}

async function currentPrincipal({ runtime, caller, cookieHeader }: Incoming): Promise<Response> {
  const session = await resolveSession(runtime, cookieHeader, caller, () => true)
  if (session.kind === 'unavailable')
    return withCookies(problemResponse('unavailable', {}, { 'retry-after': '2' }), session.changes, runtime)
  const principal = session.kind === 'signedIn' ? session.principal : null
  return withCookies(jsonResponse({ principal }), changesOf(session), runtime)
}

async function signIn(
  { request, runtime, caller, cookieHeader }: Incoming,
  ask: (text: string) => Promise<SignedIn | Refused>,
): Promise<Response> {
  const body = await boundedJsonText(request)
  if ('refused' in body) return problemResponse(body.refused)
  const answer = await ask(body.text)
  if (!answer.ok) return refusal(answer)
  const before = readSessionCookies(cookieHeader, runtime.config)
  if (before.kind === 'tokens' && before.refreshToken)
    await runtime.issuer.logout(before.refreshToken, caller)
  const { expiresIn } = answer.tokens
  return withCookies(
    jsonResponse({ user: answer.user, expiresIn }),
    cookiesFor(answer.tokens, runtime.config),
    runtime,
  )
}

async function refresh({ runtime, caller, cookieHeader }: Incoming): Promise<Response> {
  const session = await renewSession(runtime, cookieHeader, caller)
  if (session.kind === 'unavailable')
    return withCookies(problemResponse('unavailable', {}, { 'retry-after': '2' }), session.changes, runtime)
  if (session.kind !== 'signedIn')
    return withCookies(problemResponse('session_ended'), changesOf(session), runtime)
  return withCookies(jsonResponse({ principal: session.principal }), session.changes, runtime)
}

async function signOut({ runtime, caller, cookieHeader }: Incoming): Promise<Response> {
  const session = await resolveSession(runtime, cookieHeader, caller, () => false)
  const cookies = readSessionCookies(cookieHeader, runtime.config)
  if (session.kind === 'signedIn') runtime.verifier.revokeLocally({ sid: session.principal.sessionId })
  const answer =
    cookies.kind === 'tokens' && cookies.refreshToken
      ? await runtime.issuer.logout(cookies.refreshToken, caller)
      : { ok: true as const }
  const response = answer.ok ? new Response(null, { status: 204 }) : refusal(answer)
  return withCookies(response, clearedCookies(runtime.config), runtime)
}

async function passToBackend(
  { request, runtime, caller, cookieHeader }: Incoming,
  target: URL,
): Promise<Response> {
  const session = await resolveSession(runtime, cookieHeader, caller, () => true)
  if (session.kind === 'unavailable')
    return withCookies(problemResponse('unavailable', {}, { 'retry-after': '2' }), session.changes, runtime)
  if (session.kind !== 'signedIn')
    return withCookies(problemResponse(codeFor(cookieHeader, runtime)), changesOf(session), runtime)
  const answer = await passOn(request, target, session.accessToken, caller)
  // Out of date, says the API: its word on roles may be a moment ahead of ours. Only what has no body can be sent again.
  if (
    answer.status === 401 &&
    session.changes.length === 0 &&
    (request.method === 'GET' || request.method === 'HEAD') &&
    (await isOutOfDate(answer))
  ) {
    const renewed = await renewSession(runtime, cookieHeader, caller)
    if (renewed.kind === 'signedIn')
      return withCookies(await passOn(request, target, renewed.accessToken, caller), renewed.changes, runtime)
  }
  return withCookies(answer, session.changes, runtime)
}

async function isOutOfDate(answer: Response): Promise<boolean> {
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null)
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    (body.code === 'token_expired' || body.code === 'token_stale')
  )
}

function codeFor(cookieHeader: string | null, { config }: Runtime): ErrorCode {
  const { kind } = readSessionCookies(cookieHeader, config)
  return kind === 'conflict' ? 'credential_conflict' : kind === 'none' ? 'token_missing' : 'session_ended'
}

function changesOf(session: ResolvedSession): CookieChange[] {
  return session.kind === 'expired' ? [] : session.changes
}

function refusal({ problem }: Refused): Response {
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'private, no-store',
  })
  if (problem.status === 503 || problem.status === 429) headers.set('retry-after', '2')
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}

function jsonResponse(body: unknown): Response {
  return Response.json(body, {
    headers: {
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    },
  })
}

function withCookies(response: Response, changes: readonly CookieChange[], { config }: Runtime): Response {
  appendCookies(response.headers, changes, config)
  return response
}
