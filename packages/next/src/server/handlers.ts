import { paths, problemResponse } from '@sallyport/protocol'
import { browserPath, writtenPath } from '../paths/served-paths.ts'
import { apiAddress, isForwarded } from '../request/api-address.ts'
import { callerOf } from '../request/caller.ts'
import { configurationAt } from '../request/configuration-at.ts'
import { type Forwarding, forwardRequest } from '../request/forward-request.ts'
import { changesNothing, isOwnOrigin } from '../request/origin.ts'
import { sentQuery } from '../request/sent-query.ts'
import type { Mailed, Refused, SignedIn } from '../session/auth-server-client.ts'
import { beginSession } from '../session/begin-session.ts'
import { boundedJson } from '../session/bounded-json.ts'
import { renewSession, resolveSession } from '../session/resolve-session.ts'
import type { Runtime } from '../session/runtime.ts'
import { appendStrayCookies, clearedCookies, readSessionCookies } from '../session/session-cookies.ts'
import { requireAudience } from '../session/token-audience.ts'
import { accountRoutes, deleteAccount, readProfile, updateProfile } from './account-routes.ts'
import { emptyResponse, jsonResponse, refusal, withCookies } from './answers.ts'
import { changesOf, type Incoming, requireSession, unavailable, withBody } from './incoming.ts'
import { changePassword, endSession, endSessions, listSessions } from './session-routes.ts'

type Handler = (request: Request) => Promise<Response>
/** For `app/api/[...path]/route.ts`. */
export type Handlers = Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', Handler>

type Methods = Partial<Record<string, (incoming: Incoming) => Promise<Response>>>

const ownRoutes: Record<string, Methods> = {
  ...accountRoutes,
  [paths.session]: { GET: currentPrincipal },
  [paths.login]: {
    POST: (incoming) => signIn(incoming, (text) => incoming.runtime.issuer.login(text, incoming.caller)),
  },
  [paths.register]: {
    POST: (incoming) => signIn(incoming, (text) => incoming.runtime.issuer.register(text, incoming.caller)),
  },
  [paths.refresh]: { POST: refresh },
  [paths.logout]: { POST: signOut },
  [paths.sessions]: { GET: listSessions, DELETE: endSessions },
  [paths.passwordChange]: { POST: changePassword },
  [paths.profile]: {
    GET: readProfile,
    PATCH: updateProfile,
    DELETE: deleteAccount,
  },
}

/**
 * Answers everything under `/api`: the session's own routes here, the configured paths by your API. No answer ever holds a token.
 */
export function createHandlers(runtime: () => Runtime): Handlers {
  const handle: Handler = async (request) => {
    const shared = runtime()
    const config = configurationAt(shared.config, request.headers)
    if (config === null) return unsniffed(problemResponse('host_refused'))
    const known = { ...shared, config }
    const url = new URL(request.url)
    const response = await answer(request, known, url)
    appendStrayCookies(
      response.headers,
      request.headers.get('cookie'),
      browserPath(url.pathname),
      known.config,
    )
    return unsniffed(response)
  }
  async function answer(request: Request, known: Runtime, url: URL): Promise<Response> {
    const pathname = writtenPath(url.pathname)
    if (!changesNothing(request) && !isOwnOrigin(request.headers, known.config))
      return problemResponse('origin_refused')
    const incoming = {
      request,
      runtime: known,
      caller: callerOf(request.headers, known.config),
      cookieHeader: request.headers.get('cookie'),
    }

    const own = ownRouteAt(pathname)
    if (own) {
      const route = own[request.method]
      return route
        ? route(incoming)
        : problemResponse('method_not_allowed', {}, { allow: Object.keys(own).join(', ') })
    }
    const { config } = known
    const path = pathname.startsWith('/api/') ? pathname.slice('/api'.length) : ''
    // No two share a path: the configuration refuses that.
    const api = [...(config.api ? [config.api] : []), ...config.apis].find((one) => isForwarded(one, path))
    if (api === undefined) return problemResponse('not_found')
    // A service worker would answer for the pages of this origin from then on.
    if (request.headers.has('service-worker') && !api.trustsDocuments) return problemResponse('forbidden')
    const target = apiAddress(api, path)
    target.search = sentQuery(url)
    return forwardInOwnName(incoming, { api, target })
  }
  return { GET: handle, HEAD: handle, POST: handle, PUT: handle, PATCH: handle, DELETE: handle }
}

/** Whatever answers, and a refusal too: browsers take it for what its type says. */
function unsniffed(response: Response): Response {
  response.headers.set('x-content-type-options', 'nosniff')
  return response
}

/** With a final slash and without: an app with `skipTrailingSlashRedirect` may ask in both ways. */
function ownRouteAt(pathname: string): Methods | undefined {
  // The end of a session without an id is none of all sessions.
  if (pathname === `${paths.sessions}/`) return { GET: listSessions, DELETE: endSession }
  if (pathname.startsWith(`${paths.sessions}/`)) return { DELETE: endSession }
  const route = pathname.replace(/\/$/, '')
  return Object.hasOwn(ownRoutes, route) ? ownRoutes[route] : undefined
}

async function currentPrincipal({ runtime, caller, cookieHeader }: Incoming): Promise<Response> {
  const session = await resolveSession(runtime, cookieHeader, caller, () => true)
  if (session.kind === 'unavailable') return unavailable(session.changes, runtime)
  const principal = session.kind === 'signedIn' ? session.principal : null
  return withCookies(jsonResponse({ principal }), changesOf(session), runtime)
}

function signIn(
  incoming: Incoming,
  ask: (json: string) => Promise<SignedIn | Mailed | Refused>,
): Promise<Response> {
  const { runtime, caller, cookieHeader } = incoming
  return withBody(incoming, async (json) => {
    const answer = await ask(json)
    if (!answer.ok) return refusal(answer)
    // Nobody is signed in before the address is proven; what this browser had goes on.
    if (answer.tokens === null) return jsonResponse({ status: 'mailed' }, { status: 202 })
    return withCookies(
      jsonResponse({ user: answer.user, expiresIn: answer.tokens.expiresIn }),
      await beginSession(runtime, cookieHeader, answer, caller),
      runtime,
    )
  })
}

async function refresh({ runtime, caller, cookieHeader }: Incoming): Promise<Response> {
  const session = await renewSession(runtime, cookieHeader, caller)
  if (session.kind === 'unavailable') return unavailable(session.changes, runtime)
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
  const response = answer.ok ? emptyResponse() : refusal(answer)
  return withCookies(response, clearedCookies(runtime.config), runtime)
}

async function forwardInOwnName(
  incoming: Incoming,
  where: Pick<Forwarding, 'api' | 'target'>,
): Promise<Response> {
  const { request, runtime, caller, cookieHeader } = incoming
  const session = await requireSession(incoming)
  if (session instanceof Response) return session
  const forward = async (accessToken: string) => {
    try {
      requireAudience(where.api, accessToken)
    } catch (error) {
      // An answer all the same: what was renewed on the way must reach the browser.
      console.error(`Sallyport: ${error instanceof Error ? error.message : error}`)
      return problemResponse('internal_error')
    }
    return forwardRequest(request, { ...where, accessToken, caller, config: runtime.config })
  }
  const answer = await forward(session.accessToken)
  if (answer.status === 401) runtime.outdate?.(session.accessToken)
  // Out of date, says the API: its word on roles may be a moment ahead of ours. Only what changes nothing is sent again.
  if (
    answer.status === 401 &&
    session.changes.length === 0 &&
    (request.method === 'GET' || request.method === 'HEAD') &&
    changesNothing(request) &&
    runtime.asksForRenewal(await codeOf(answer))
  ) {
    const renewed = await renewSession(runtime, cookieHeader, caller)
    if (renewed.kind !== 'signedIn') return withCookies(answer, renewed.changes, runtime)
    await answer.body?.cancel()
    return withCookies(await forward(renewed.accessToken), renewed.changes, runtime)
  }
  return withCookies(answer, session.changes, runtime)
}

/** Most bytes of a refusal that are read for its code. */
const refusalLimitBytes = 16 * 1024

async function codeOf(answer: Response): Promise<unknown> {
  if (!/\bjson\b/i.test(answer.headers.get('content-type') ?? '')) return null
  const body = await boundedJson(answer.clone(), refusalLimitBytes).catch(() => null)
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : null
}
